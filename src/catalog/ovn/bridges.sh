#!/bin/sh
# Gives the bridges of this node their addresses, as far as the node's database says that they have one.
set -eu
for key in croque-bridge-address croque-tunnel-address; do
  entry=$(ovs-vsctl --timeout=5 --if-exists get Open_vSwitch . "external_ids:$key" | tr -d '"')
  [ -n "$entry" ] || continue
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
done
