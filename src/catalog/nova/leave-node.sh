# Guests live outside every Pod; with the cloud they end.
# A container guest has groups of its own making below its own.
find /host/cgroup -path '*/croque-guests/*' -name cgroup.procs 2>/dev/null | while read -r procs; do
  for pid in $(cat "$procs" 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done
done
# Volumes are files of servers that are mounted here: they are not the node's, and must not go with the rest.
sed -n 's,^[^ ]* [^ ]* [^ ]* [^ ]* \(/host/var/lib/nova/[^ ]*\) .*,\1,p' /proc/self/mountinfo | while read -r place; do
  umount --lazy "$place" || true
done
# The disks of container guests are loop devices.
losetup --list --noheadings --output NAME,BACK-FILE 2>/dev/null | while read -r device file; do
  case $file in */var/lib/nova/instances/*) losetup --detach "$device" || true ;; esac
done
rm -rf --one-file-system /host/var/lib/nova /host/var/lib/croque/libvirt-lxc /host/var/lib/croque/libvirt-qemu /host/var/lib/croque/iscsi /host/var/lib/croque/target
rm -rf /host/run/libvirt/croque-tls
