#!/bin/sh
# One monitor. Its address is that of a Service of its own, which stays when the Pod is made anew; it listens at the Pod's.
set -eu
data=/var/lib/ceph/mon/data
address_of() {
  name=$(echo "$1" | tr 'a-z-' 'A-Z_')
  eval "echo \"\${${name}_SERVICE_HOST}\""
}
if [ ! -f "$data/keyring" ]; then
  umask 077
  {
    cat /etc/ceph/admin/mon && printf '\tcaps mon = "allow *"\n'
    cat /etc/ceph/admin/admin && printf '\tcaps mon = "allow *"\n\tcaps osd = "allow *"\n\tcaps mgr = "allow *"\n'
    cat /etc/ceph/mgr/keyring && printf '\tcaps mon = "allow profile mgr"\n\tcaps osd = "allow *"\n'
    cat /etc/ceph/bootstrap-osd/keyring && printf '\tcaps mon = "allow profile bootstrap-osd"\n'
  } > /run/ceph/first.keyring
  # Beside monitors that are at work already it joins those; else all begin with the same map.
  if [ "$MONITORS" -eq 1 ] ||
    ! ceph --name mon. --keyring /etc/ceph/admin/mon --connect-timeout 2 mon getmap -o /run/ceph/monmap 2> /dev/null; then
    fsid=$(ceph-conf --lookup fsid)
    members=
    number=0
    while [ "$number" -lt "$MONITORS" ]; do
      members="$members --addv ceph-mon-$number [v2:$(address_of "ceph-mon-$number"):3300]"
      number=$((number + 1))
    done
    # shellcheck disable=SC2086
    monmaptool --create --clobber --fsid "$fsid" $members /run/ceph/monmap
  fi
  rm -rf "$data.new" "$data"
  ceph-mon --mkfs --id "$POD_NAME" --mon-data "$data.new" --monmap /run/ceph/monmap --keyring /run/ceph/first.keyring
  rm -f /run/ceph/first.keyring
  mv "$data.new" "$data"
fi
exec ceph-mon --foreground --id "$POD_NAME" --mon-data "$data" --public-addr "v2:$(address_of "$POD_NAME"):3300" \
  --public-bind-addr "v2:$POD_IP:3300"
