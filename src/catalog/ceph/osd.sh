#!/bin/sh
# One OSD on a file. What it is called is settled before anything is asked of the monitors, so that a second try means the same OSD.
set -eu
data=/var/lib/ceph/osd
umask 077
if [ ! -f "$data/store/keyring" ]; then
  [ -s "$data/uuid" ] || { cat /proc/sys/kernel/random/uuid > "$data/uuid.new" && mv "$data/uuid.new" "$data/uuid"; }
  [ -s "$data/key" ] || { ceph-authtool --gen-print-key > "$data/key.new" && mv "$data/key.new" "$data/key"; }
  uuid=$(cat "$data/uuid")
  id=$(printf '{"cephx_secret": "%s"}' "$(cat "$data/key")" |
    ceph --name client.bootstrap-osd --connect-timeout 60 osd new "$uuid" -i -)
  rm -rf "$data/store.new" "$data/store"
  mkdir "$data/store.new"
  printf '[osd.%s]\n\tkey = %s\n' "$id" "$(cat "$data/key")" > "$data/store.new/keyring"
  ceph-osd --mkfs --id "$id" --osd-data "$data/store.new" --osd-uuid "$uuid"
  mv "$data/store.new" "$data/store"
  rm -f "$data/key"
fi
exec ceph-osd --foreground --id "$(cat "$data/store/whoami")" --osd-data "$data/store" --public-addr "$POD_IP" --cluster-addr "$POD_IP" \
  --crush-location "root=default host=$NODE_NAME"
