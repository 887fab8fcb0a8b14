#!/bin/sh
set -eu
# shellcheck disable=SC2086
exec ovn-northd $OVSDB_TLS "--ovnnb-db=$OVSDB_METHOD:$OVN_NB_SERVICE_HOST:6641" "--ovnsb-db=$OVSDB_METHOD:$OVN_SB_SERVICE_HOST:6642" \
  --unixctl=/run/ovn/ovn-northd.ctl -vconsole:info -vfile:off -vsyslog:off
