#!/bin/sh
# libvirtd for container guests, outside any Pod's cgroup: libvirt_lxc, which keeps a guest's console, is its child, and must outlive this Pod.
set -eu
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  echo "container guests need control groups of version 1: nothing else keeps the machine's devices from them here" >&2
  exit 1
fi
# Before this moves away: it ends with the Pod, or with libvirtd, which this process becomes.
while [ -d "/proc/$$" ]; do
  /usr/lib/croque/lxc-loops || :
  sleep 30
done < /dev/null &
. /var/lib/kolla/config_files/guests-cgroup.sh
mkdir -p /var/lib/libvirt/lxc /run/libvirt/lxc /var/log/libvirt/lxc /var/cache/libvirt
rm -f /run/libvirtd.pid
exec libvirtd --config /var/lib/kolla/config_files/libvirtd.conf
