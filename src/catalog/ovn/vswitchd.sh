#!/bin/sh
# The datapath. In the userspace datapath addresses of bridges vanish with this process, so its start sets them again.
set -eu
(
  until ovs-appctl --timeout=2 -t "/run/openvswitch/ovs-vswitchd.ctl" version >/dev/null 2>&1; do sleep 0.2; done
  sh /var/lib/kolla/config_files/bridges.sh || true
) &
sh /var/lib/kolla/config_files/taps.sh &
exec ovs-vswitchd unix:/run/openvswitch/db.sock --pidfile=/run/openvswitch/ovs-vswitchd.pid \
  --unixctl=/run/openvswitch/ovs-vswitchd.ctl -vconsole:info -vfile:off -vsyslog:off
