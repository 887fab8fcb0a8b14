#!/bin/sh
# libvirtd, outside any Pod's cgroup: a guest inherits the cgroup of its parent, and one inside this Pod's would end with the Pod.
set -eu
for controller in /sys/fs/cgroup/*/; do
  [ -f "$controller/cgroup.procs" ] || continue
  group=$controller/croque-guests
  mkdir -p "$group"
  if [ -f "$controller/cpuset.cpus" ] && [ -f "$group/cpuset.cpus" ]; then
    cat "$controller/cpuset.cpus" > "$group/cpuset.cpus"
    cat "$controller/cpuset.mems" > "$group/cpuset.mems"
  fi
  echo "$$" > "$group/cgroup.procs"
done
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/croque-guests
  echo "$$" > /sys/fs/cgroup/croque-guests/cgroup.procs
fi
mkdir -p /var/lib/libvirt/qemu /var/lib/libvirt/images /var/lib/libvirt/boot /run/libvirt /var/log/libvirt/qemu /var/cache/libvirt/qemu
chown -R libvirt-qemu:libvirt-qemu /var/lib/libvirt/qemu /var/cache/libvirt/qemu
rm -f /run/libvirtd.pid
exec libvirtd --config /var/lib/kolla/config_files/libvirtd.conf
