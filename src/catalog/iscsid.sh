#!/bin/sh
# A node has one name for all targets, for ever.
set -eu
name=/etc/iscsi/initiatorname.iscsi
[ -s "$name" ] || echo "InitiatorName=$(iscsi-iname)" > "$name"
[ -e /etc/iscsi/iscsid.conf ] || printf 'node.startup = manual\n' > /etc/iscsi/iscsid.conf
exec iscsid --foreground
