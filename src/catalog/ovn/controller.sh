#!/bin/sh
# ovn-controller of one node: tells the node's Open vSwitch who it is and where the southbound database is.
set -eu
gateway=$1
set_ids() { ovs-vsctl --timeout=10 --no-wait set Open_vSwitch . "$@"; }
encap=$NODE_IP
# In user space tunnels leave by a bridge that has the tunnels' address itself.
if [ -n "${TUNNEL_INTERFACE:-}" ]; then
  address=$(cat "/sys/class/net/$TUNNEL_INTERFACE/ifalias")
  encap=${address%/*}
  ovs-vsctl --timeout=10 --may-exist add-br br-tun -- set bridge br-tun "datapath_type=$DATAPATH" \
    -- --may-exist add-port br-tun "$TUNNEL_INTERFACE"
  set_ids "external_ids:croque-tunnel-address=br-tun=$address"
fi
set_ids "external_ids:ovn-remote=$OVSDB_METHOD:$OVN_SB_SERVICE_HOST:6642" external_ids:ovn-encap-type=geneve "external_ids:ovn-encap-ip=$encap" \
  external_ids:ovn-openflow-probe-interval=60 external_ids:ovn-remote-probe-interval=60000 external_ids:ovn-ofctrl-wait-before-clear=8000 \
  "external_ids:ovn-bridge-datapath-type=$DATAPATH"
if [ "$gateway" = yes ]; then
  ovs-vsctl --timeout=10 --may-exist add-br "$BRIDGE" -- set bridge "$BRIDGE" "datapath_type=$DATAPATH"
  set_ids "external_ids:ovn-bridge-mappings=$PHYSICAL_NETWORK:$BRIDGE" external_ids:ovn-cms-options=enable-chassis-as-gw
  # Not every image has nft. Where nobody keeps guests from the node, the node has no address on their bridge.
  if command -v nft >/dev/null; then
    set_ids "external_ids:croque-bridge-address=$BRIDGE=$BRIDGE_ADDRESS"
    sh /var/lib/kolla/config_files/guests.sh
  else
    echo "no nft in this image: $BRIDGE gets no address of the node; a router of the provider network must lead to it" >&2
    ovs-vsctl --timeout=10 remove Open_vSwitch . external_ids croque-bridge-address
  fi
else
  ovs-vsctl --timeout=10 remove Open_vSwitch . external_ids ovn-bridge-mappings
  ovs-vsctl --timeout=10 remove Open_vSwitch . external_ids ovn-cms-options
fi
sh /var/lib/kolla/config_files/bridges.sh
# shellcheck disable=SC2086
exec ovn-controller $OVSDB_TLS unix:/run/openvswitch/db.sock --pidfile=/run/ovn/ovn-controller.pid \
  --unixctl=/run/ovn/ovn-controller.ctl -vconsole:info -vfile:off -vsyslog:off
