#!/bin/sh
# Starts a whole disk in an emulated machine whose disk is larger than that, and waits until the guest has ended it. Everything ends with it.
#   boot.sh LAYERS DISK WORK FIRMWARE
# LAYERS are trees with QEMU and OVMF, topmost first; WORK has the guest's metadata (guest.py) and gets `console`, what the machine has said.
set -eu
if [ "$1" != inside ]; then
  exec unshare --mount --pid --fork --kill-child --propagation private sh "$0" inside "$@"
fi
layers=$2 disk=$3 work=$4 firmware=$5
root=$work/root
mkdir "$root"
mount -t overlay overlay -o "lowerdir=$layers" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null:3 zero:5 urandom:9; do mknod -m 666 "$root/dev/${device%:*}" c 1 "${device#*:}"; done
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$(dirname "$disk")" "$root/srv"
mount -o remount,bind,ro "$root/srv"
mount --bind "$work" "$root/mnt"
in_root() {
  chroot "$root" "$@"
}
in_root qemu-img create -q -f qcow2 -F raw -b "/srv/$(basename "$disk")" /mnt/disk.qcow2 6G
cp "$root/usr/share/OVMF/OVMF_VARS_4M.fd" "$work/"
flash=if=pflash,format=raw
set --
[ "$firmware" = bios ] ||
  set -- -drive "$flash,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd" -drive "$flash,unit=1,file=/mnt/OVMF_VARS_4M.fd"
# Its network is this process, and ends at the metadata service.
in_root qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -smp 2 -m 1024 "$@" \
  -drive if=virtio,file=/mnt/disk.qcow2 -device virtio-rng-pci -smbios 'type=1,product=OpenStack Nova' \
  -netdev 'user,id=net,restrict=on,net=169.254.169.0/24,guestfwd=tcp:169.254.169.254:80-cmd:python3 -I /mnt/guest.py' \
  -device virtio-net-pci,netdev=net -display none -monitor none -serial file:/mnt/console -no-reboot
