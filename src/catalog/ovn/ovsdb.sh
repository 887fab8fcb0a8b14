#!/bin/sh
# The node's Open vSwitch database. The file lives on the node: bridges and ports outlive this Pod.
set -eu
conf=/etc/openvswitch/conf.db
schema=/usr/share/openvswitch/vswitch.ovsschema
if [ ! -f "$conf" ]; then
  rm -f "$conf.new"
  ovsdb-tool create "$conf.new" "$schema"
  mv "$conf.new" "$conf"
elif [ "$(ovsdb-tool needs-conversion "$conf" "$schema")" = yes ]; then
  ovsdb-tool convert "$conf" "$schema"
fi
rm -f /etc/openvswitch/.conf.db.~lock~ /run/openvswitch/db.sock
(
  until ovs-vsctl --no-wait --timeout=5 init; do sleep 0.2; done
  ovs-vsctl --no-wait set Open_vSwitch . "external_ids:system-id=$NODE_NAME" "external_ids:hostname=$NODE_NAME"
) &
exec ovsdb-server "$conf" --remote=punix:/run/openvswitch/db.sock --remote=ptcp:6640:127.0.0.1 \
  --pidfile=/run/openvswitch/ovsdb-server.pid --unixctl=/run/openvswitch/ovsdb-server.ctl -vconsole:info -vfile:off -vsyslog:off
