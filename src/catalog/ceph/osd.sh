#!/bin/sh
# One OSD on a file, or on $DEVICE. What it is called is settled before anything is asked of the monitors, so that a second try means the same OSD.
set -eu
data=/var/lib/ceph/osd
device=${DEVICE:-}
umask 077
# As root only the device is prepared; all else is done by the user that the daemon has.
as_ceph=
if [ -n "$device" ]; then
  as_ceph='setpriv --reuid=ceph --regid=ceph --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs'
  chown ceph:ceph "$device" /run/ceph
fi
if [ ! -f "$data/store/keyring" ]; then
  [ -s "$data/uuid" ] || { cat /proc/sys/kernel/random/uuid > "$data/uuid.new" && mv "$data/uuid.new" "$data/uuid"; }
  [ -s "$data/key" ] || { ceph-authtool --gen-print-key > "$data/key.new" && mv "$data/key.new" "$data/key"; }
  # What is on a device is never written over, unless by the second try of the same OSD.
  if [ -n "$device" ] && [ ! -f "$data/begun" ]; then
    if [ -n "$(head -c 1048576 "$device" | tr -d '\0' | head -c 1 | od -A n -t x1)" ]; then
      echo "there is something on the device already; an OSD takes an empty one only (blkdiscard or wipefs -a empty it)" >&2
      exit 1
    fi
    : > "$data/begun"
  fi
  uuid=$(cat "$data/uuid")
  id=$(printf '{"cephx_secret": "%s"}' "$(cat "$data/key")" |
    ceph --name client.bootstrap-osd --connect-timeout 60 osd new "$uuid" -i -)
  rm -rf "$data/store.new" "$data/store"
  mkdir "$data/store.new"
  printf '[osd.%s]\n\tkey = %s\n' "$id" "$(cat "$data/key")" > "$data/store.new/keyring"
  [ -z "$device" ] || { ln -s "$device" "$data/store.new/block" && chown -R ceph:ceph "$data/store.new"; }
  # shellcheck disable=SC2086
  $as_ceph ceph-osd --mkfs ${FILE_BYTES:+--bluestore-block-size $FILE_BYTES} --id "$id" --osd-data "$data/store.new" --osd-uuid "$uuid"
  mv "$data/store.new" "$data/store"
  rm -f "$data/key"
fi
# shellcheck disable=SC2086
exec $as_ceph ceph-osd --foreground --id "$(cat "$data/store/whoami")" --osd-data "$data/store" --public-addr "$POD_IP" --cluster-addr "$POD_IP" \
  --crush-location "root=default host=$NODE_NAME"
