#!/bin/sh
# A node as a container guest: the trees of a node image, by its own init, on the bridge of machine.sh. Ends when it is killed.
#   node.sh NAME ADDRESS DIRECTORY TREES CONFIG
# TREES: directories as overlayfs takes them, topmost first; CONFIG: the text of /etc/croque/node.json
set -eu
name=$1 address=$2 directory=$3 trees=$4 config=$5

outside() {
  for root in /sys/fs/cgroup/*/; do
    mkdir "$root$GROUP-$name"
    [ ! -e "${root}cpuset.cpus" ] || { cat "${root}cpuset.cpus" > "$root$GROUP-$name/cpuset.cpus"; cat "${root}cpuset.mems" > "$root$GROUP-$name/cpuset.mems"; }
    echo "$$" > "$root$GROUP-$name/cgroup.procs"
  done
  lead "$$" &
  exec env INSIDE=1 unshare --mount --cgroup --net --pid --fork --kill-child --ipc --uts --propagation private sh "$0" "$@"
}

# One end of a pair into the network of the node, as soon as there is one.
lead() {
  own=$(readlink /proc/self/ns/net)
  while :; do
    for child in $(pgrep -P "$1"); do
      net=$(readlink "/proc/$child/ns/net" || :)
      [ -n "$net" ] && [ "$net" != "$own" ] || continue
      ip link add "node${address##*.}" type veth peer name eth0 netns "/proc/$child/ns/net"
      ip link set "node${address##*.}" master br0 up
      echo "$child" > "$directory/init"
      return
    done
    sleep 0.1
  done
}

inside() {
  hostname "$name"
  cd "$directory"
  mkdir upper work root docker containerd
  mount -t overlay overlay -o "lowerdir=$trees,upperdir=upper,workdir=work" root
  # An overlay cannot stand on an overlay.
  for what in docker containerd; do
    mkdir -p "root/var/lib/$what"
    mount --bind "$what" "root/var/lib/$what"
  done
  cd root
  mount -t proc proc proc
  # As in a container guest: its systemd-sysctl has settings for a machine of its own.
  mount --bind proc/sys proc/sys
  mount -o remount,bind,ro proc/sys
  mount -t sysfs -o ro sysfs sys
  for directory in dev run tmp; do mount -t tmpfs -o mode=755 tmpfs $directory; done
  for device in null:c:1:3 zero:c:1:5 full:c:1:7 random:c:1:8 urandom:c:1:9 tty:c:5:0; do
    echo "$device" | tr : ' '
  done | while read -r name type major minor; do mknod -m 666 "dev/$name" "$type" "$major" "$minor"; done
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
  hostname > etc/hostname
  echo "127.0.0.1 localhost $(hostname)" > etc/hosts
  : > etc/machine-id
  mkdir -p etc/croque
  echo "$config" > etc/croque/node.json
  # As the image is assembled, but for what a cloud gives a server.
  SYSTEMD_OFFLINE=1 chroot . systemctl --quiet disable docker.service docker.socket ssh.service
  SYSTEMD_OFFLINE=1 chroot . systemctl --quiet mask systemd-networkd-wait-online cloud-init-local cloud-init-main cloud-init-network cloud-config cloud-final
  SYSTEMD_OFFLINE=1 chroot . systemctl --quiet enable containerd croque-node node-prep
  until ip link show eth0 > /dev/null 2>&1; do sleep 0.1; done
  ip link set lo up
  ip address add "$address/24" dev eth0
  ip link set eth0 up
  ip route add default via 10.0.0.1
  mkdir old
  pivot_root . old
  cd /
  umount --lazy /old
  mount --make-rshared /
  exec env -i container=lxc-libvirt PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
}

if [ -n "${INSIDE:-}" ]; then inside; else outside "$@"; fi
