# Guests live outside every Pod; with the cloud they end.
for procs in /host/cgroup/croque-guests/cgroup.procs /host/cgroup/*/croque-guests/cgroup.procs; do
  [ -f "$procs" ] || continue
  for pid in $(cat "$procs"); do kill -9 "$pid" 2>/dev/null || true; done
done
# Volumes are files of servers that are mounted here: they are not the node's, and must not go with the rest.
sed -n 's,^[^ ]* [^ ]* [^ ]* [^ ]* \(/host/var/lib/nova/[^ ]*\) .*,\1,p' /proc/self/mountinfo | while read -r place; do
  umount --lazy "$place" || true
done
rm -rf --one-file-system /host/var/lib/nova /host/var/lib/croque/libvirt-qemu /host/var/lib/croque/iscsi /host/var/lib/croque/target
rm -rf /host/run/libvirt/croque-tls
