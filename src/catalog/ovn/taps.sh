#!/bin/sh
# Keeps the guests' taps up. The switch reads the flags of an interface that it takes, adds PROMISC and writes them back: where libvirt
# set UP in between, UP is lost, and the guest has no network for good. Losing it is an event of the kernel, which is waited for here.
set -u
raise() {
  ip -o link show | sed -n 's/^[0-9]*: \(tap[^:@]*\)[:@][^<]*<\([^>]*\)>.*/\1 ,\2,/p' | while read -r name flags; do
    case $flags in
      *,UP,*) ;;
      *,PROMISC,*) ip link set "$name" up && echo "$name is up again: the switch had written over that" ;;
    esac
  done
}
while :; do
  { echo begin; ip monitor link; } | while read -r _; do raise; done
  # The kernel drops who cannot follow.
  sleep 1
done
