# Bridges and the guests' taps, whose guests are gone.
ovs-dpctl del-dp system@ovs-system 2>/dev/null || true
for link in br-int br-tun "$BRIDGE" ovs-netdev $(cd /sys/class/net && ls -d tap????????-?? 2>/dev/null); do
  [ ! -e "/sys/class/net/$link" ] || ip link delete "$link" || true
done
nft delete table ip croque_guests 2>/dev/null || true
rm -rf /host/var/lib/croque/openvswitch /host/run/openvswitch /host/run/ovn
