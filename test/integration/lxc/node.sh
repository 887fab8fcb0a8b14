#!/bin/sh
# A node for container guests, as far as libvirt sees of one: control groups and a cgroup namespace of its own, the root of the image `compute`, the
# libvirt Pod's script. Runs one guest there through its life, and says what it saw, `name value` a line. Its network is one of its own, and empty.
#   node.sh machine REPO LAYERS BUSYBOX
set -eu
here=$(cd "$(dirname "$0")" && pwd)
guest=instance-00000001
instance=/var/lib/nova/instances/one

# On the machine: groups below which all of it happens, gone at the end however that comes.
machine() {
  id=croque-test-lxc-$$
  trap 'leave' EXIT
  for root in /sys/fs/cgroup/*/; do
    mkdir -p "$root$id"
    [ ! -e "${root}cpuset.cpus" ] || { cat "${root}cpuset.cpus" > "$root$id/cpuset.cpus"; cat "${root}cpuset.mems" > "$root$id/cpuset.mems"; }
    echo "$$" > "$root$id/cgroup.procs"
  done
  work=$(mktemp -d)
  unshare --mount --cgroup --net --pid --fork --kill-child --mount-proc --ipc --uts --propagation private sh "$here/node.sh" node "$@" "$work"
}

leave() {
  for root in /sys/fs/cgroup/*/; do echo "$$" > "${root}cgroup.procs"; done
  tries=0
  while [ "$tries" -lt 100 ]; do
    left=$(for root in /sys/fs/cgroup/*/; do find "$root$id" -depth -type d -exec rmdir {} \; 2> /dev/null; ls -d "$root$id" 2> /dev/null || :; done)
    [ -n "$left" ] || break
    tries=$((tries + 1))
    sleep 0.1
  done
  rmdir "$work"
}

# In namespaces: the root of the image, with the devices and mounts of a node container.
node() {
  repo=$1 layers=$2 busybox=$3 work=$4
  mount -t tmpfs tmpfs "$work"
  cd "$work"
  mkdir upper lower-work root
  mount -t overlay overlay -o "lowerdir=$layers,upperdir=upper,workdir=lower-work" root
  mkdir -p root/test && cp "$here/node.sh" "$here/guest" "$here/domain.xml" "$busybox" "$repo/src/catalog/nova/libvirt-lxc.sh" "$repo/src/catalog/nova/guests-cgroup.sh" root/test/
  # Debian's disk for it has no maker of file systems.
  truncate -s 16M root/test/disk && mke2fs -q -t ext4 -O ^has_journal root/test/disk
  cd root
  mount -t proc proc proc
  mount -t sysfs sysfs sys
  for directory in dev run tmp; do mount -t tmpfs -o mode=755 tmpfs $directory; done
  for device in null:c:1:3 zero:c:1:5 full:c:1:7 random:c:1:8 urandom:c:1:9 tty:c:5:0 fuse:c:10:229 kmsg:c:1:11 loop-control:c:10:237; do
    echo "$device" | tr : ' '
  done | while read -r name type major minor; do mknod -m 666 "dev/$name" "$type" "$major" "$minor"; done
  for minor in $(seq 0 63); do mknod "dev/loop$minor" b 7 "$minor"; done
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  mount -t tmpfs tmpfs sys/fs/cgroup
  for root in /sys/fs/cgroup/*/; do
    [ ! -e "${root}cgroup.controllers" ] || continue
    name=$(basename "$root") option=$(basename "$root")
    [ "$name" != systemd ] || option=none,name=systemd
    mkdir "sys/fs/cgroup/$name"
    mount -t cgroup -o "$option" cgroup "sys/fs/cgroup/$name"
  done
  mkdir old
  pivot_root . old
  cd /
  umount --lazy /old
  mount --make-rshared /
  exec sh /test/node.sh life
}

until_true() {
  tries=0
  until "$@" > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "never: $*" >&2; cat /tmp/libvirtd.log /var/log/libvirt/lxc/* >&2; exit 1; }
    sleep 0.1
  done
}
virsh_() { virsh --connect lxc:/// "$@"; }
state() { virsh_ domstate $guest | head -n 1; }
said() { grep -q "^GUEST $1" /tmp/console; }
is() { [ "$(state)" = "$1" ]; }
libvirtd_() {
  sh /test/libvirt-lxc.sh >> /tmp/libvirtd.log 2>&1 &
  libvirtd=$!
  until_true virsh_ list
}
# Its console is a pseudo terminal, which Nova reads in the same way.
listen() {
  path=$(virsh_ dumpxml $guest | sed -n "s#.*<source path='\(/dev/pts/[0-9]*\)'.*#\1#p" | head -n 1)
  cat "$path" >> /tmp/console 2> /dev/null &
}
groups_of_guest() { find /sys/fs/cgroup -type d -path "*$guest*"; }
loops() { losetup --list --noheadings --output BACK-FILE | grep -c "$instance/disk" || :; }

life() {
  mkdir -p $instance/rootfs /tmp/root /var/lib/kolla/config_files
  printf 'auth_unix_ro = "none"\nauth_unix_rw = "none"\nlog_outputs = "3:stderr"\n' > /var/lib/kolla/config_files/libvirtd.conf
  cp /test/guests-cgroup.sh /var/lib/kolla/config_files/
  echo 'security_driver = "none"' > /etc/libvirt/lxc.conf
  : > /tmp/console
  cp /test/disk $instance/disk
  # As Nova mounts it for as long as the start takes.
  loop=$(losetup --find --show $instance/disk)
  trap 'losetup --detach "$loop" 2> /dev/null || :' EXIT
  mount "$loop" $instance/rootfs
  (cd $instance/rootfs && mkdir -p bin sbin dev proc sys tmp etc run && cp /test/busybox bin/ && cp /test/guest sbin/init && chmod 755 sbin/init)
  libvirtd_
  full=$(/usr/lib/croque/lxc-room 100000000 newcomer 2>&1) || full="refused: $full"
  echo "no-room $full"
  virsh_ define /test/domain.xml > /dev/null
  virsh_ start $guest > /dev/null
  umount $instance/rootfs
  listen
  until_true said 'attacked'
  sed -n 's/^GUEST \([a-z-]* .*\)/\1/p' /tmp/console | tr -d '\r'
  controller=$(cat /run/libvirt/lxc/$guest.pid)
  echo "controller-memory $(sed -n 's/^[0-9]*:memory://p' "/proc/$controller/cgroup")"
  echo "tap $(ip -oneline link show tap00000000-01 | grep -c '[<,]UP[,>]' || :)"
  echo "after-attack $(state)"
  kill $libvirtd
  wait $libvirtd || :
  libvirtd_
  echo "after-libvirtd $(state) $(if [ -d "/proc/$controller" ]; then echo kept; else echo lost; fi)"
  : > /tmp/go
  # It restarts itself, without anybody to mount its disk.
  echo > "/proc/$(pgrep -P "$controller" | head -n 1)/root/go"
  until_true said 'second'
  echo "after-restart $(state)"
  listen
  virsh_ destroy $guest > /dev/null
  until_true is 'shut off'
  losetup --detach "$loop"
  echo "processes $(pgrep -c -f 'sbin/init|libvirt_lxc' || :)"
  echo "groups $(groups_of_guest | wc -l)"
  echo "loops $(loops)"
  # Its end while nobody looks.
  loop=$(losetup --find --show $instance/disk)
  mount "$loop" $instance/rootfs
  virsh_ start $guest > /dev/null
  umount $instance/rootfs
  kill -9 $libvirtd
  kill -9 "$(cat /run/libvirt/lxc/$guest.pid)"
  libvirtd_
  until_true is 'shut off'
  losetup --detach "$loop"
  echo "unseen-processes $(pgrep -c -f 'sbin/init|libvirt_lxc' || :)"
  echo "unseen-groups $(groups_of_guest | wc -l)"
  kill $libvirtd
}

"$@"
