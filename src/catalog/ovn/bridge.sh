#!/bin/sh
# Gives the provider bridge of this node its address, when the node's database says that it has one.
set -eu
entry=$(ovs-vsctl --timeout=5 --if-exists get Open_vSwitch . external_ids:croque-bridge-address | tr -d '"')
[ -n "$entry" ] || exit 0
bridge=${entry%%=*} address=${entry#*=}
tries=0
until [ -e "/sys/class/net/$bridge" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { echo "bridge $bridge has not appeared in 20 s" >&2; exit 1; }
  sleep 0.2
done
ip address replace "$address" dev "$bridge"
ip link set "$bridge" up
# The userspace datapath sees partial checksums of the kernel's own packets and would drop them as invalid.
ethtool -K "$bridge" tx off >/dev/null 2>&1 || true
