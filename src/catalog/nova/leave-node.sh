# Guests live outside every Pod; with the cloud they end.
# A container guest has groups of its own making below its own.
find /host/cgroup -path '*/croque-guests/*' -name cgroup.procs 2>/dev/null | while read -r procs; do
  for pid in $(cat "$procs" 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done
done
# Volumes are files of servers that are mounted here: they are not the node's, and must not go with the rest.
sed -n 's,^[^ ]* [^ ]* [^ ]* [^ ]* \(/host/var/lib/nova/[^ ]*\) .*,\1,p' /proc/self/mountinfo | while read -r place; do
  umount --lazy "$place" || true
done
# The disks of container guests are attached to loop devices, which have no namespace: only those of this node's guests, by the numbers of their files;
# of guests that are gone too, which lxc-loops has noted.
{
  for disk in /host/var/lib/nova/instances/*/disk; do
    guest=${disk%/disk}
    inode=$(stat -c %i "$disk") && echo "$inode ${guest##*/}"
  done
  for note in /host/var/lib/nova/loops/*; do
    read -r _ inode < "$note" && echo "$inode ${note##*/}"
  done
} 2>/dev/null | while read -r inode guest; do
  losetup --list --noheadings --raw --output NAME,BACK-INO,BACK-FILE 2>/dev/null | while read -r device known file; do
    case "$known $file" in "$inode "*/instances/"$guest"/disk* | "$inode "*/instances/"$guest"_del/disk*) losetup --detach "$device" || true ;; esac
  done
done
rm -rf --one-file-system /host/var/lib/nova /host/var/lib/croque/libvirt-lxc /host/var/lib/croque/libvirt-qemu /host/var/lib/croque/iscsi /host/var/lib/croque/target
rm -rf /host/run/libvirt/croque-tls
