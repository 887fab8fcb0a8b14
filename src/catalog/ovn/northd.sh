#!/bin/sh
set -eu
exec ovn-northd "--ovnnb-db=tcp:$OVN_NB_SERVICE_HOST:6641" "--ovnsb-db=tcp:$OVN_SB_SERVICE_HOST:6642" \
  --unixctl=/run/ovn/ovn-northd.ctl -vconsole:info -vfile:off -vsyslog:off
