#!/bin/sh
# One OVN database server: northbound or southbound, listening for everybody who may reach its Service.
set -eu
which=$1 port=$2
data=/var/lib/ovn/ovn${which}_db.db
schema=/usr/share/ovn/ovn-$which.ovsschema
mkdir -p /run/ovn
if [ ! -f "$data" ]; then
  rm -f "$data.new"
  ovsdb-tool create "$data.new" "$schema"
  mv "$data.new" "$data"
elif [ "$(ovsdb-tool needs-conversion "$data" "$schema")" = yes ]; then
  ovsdb-tool convert "$data" "$schema"
fi
rm -f "$data.new" "$(dirname "$data")/.$(basename "$data").~lock~"
# What northd and the clients expect to be there; a no-op when it is.
(
  until ovn-"${which}ctl" --db="unix:/run/ovn/ovn${which}_db.sock" --timeout=5 init; do sleep 0.2; done
) &
# shellcheck disable=SC2086
exec ovsdb-server "$data" $OVSDB_TLS --remote="punix:/run/ovn/ovn${which}_db.sock" --remote="p$OVSDB_METHOD:$port:0.0.0.0" \
  --unixctl="/run/ovn/ovn${which}_db.ctl" -vconsole:info -vfile:off -vsyslog:off
