#!/bin/sh
# What guests may reach of this node by the provider bridge: the public APIs, their name, an echo. The node routes to Pods, Services
# and other nodes, and a guest is nobody whom they know.
set -eu
address=${BRIDGE_ADDRESS%/*}
sysctl=/proc/sys/net/ipv6/conf/$BRIDGE/disable_ipv6
[ ! -e "$sysctl" ] || echo 1 >"$sysctl"
nft -f - <<EOF
table ip croque_guests
delete table ip croque_guests
table ip croque_guests {
  chain allowed {
    ct state established,related accept
    ct status dnat ct original ip daddr $address ct original proto-dst { 53, $PUBLIC_PORT } accept
    icmp type echo-request ip daddr $address accept
    drop
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname "$BRIDGE" jump allowed
  }
  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    iifname "$BRIDGE" jump allowed
  }
}
EOF
