#!/bin/sh
# HAProxy looks its servers' names up once, when it starts: the cluster's DNS may come up later than this Pod.
set -eu
conf=/var/lib/kolla/config_files/haproxy.cfg
for name in $(sed -n 's/^ *server service \([^:]*\):.*/\1/p' "$conf"); do
  until getent hosts "$name" >/dev/null; do
    printf '{"created":%s,"levelname":"INFO","name":"gateway","message":"waiting for the name %s"}\n' "$(date +%s)" "$name"
    sleep 0.5
  done
done
# A renewed certificate is taken up without losing a connection: SIGUSR2 has the master, which this shell becomes, start new workers.
certificate() { cksum /etc/haproxy/tls/tls.crt; }
(
  serving=$(certificate)
  while sleep 10; do
    present=$(certificate)
    [ "$present" = "$serving" ] || kill -USR2 "$$"
    serving=$present
  done
) &
exec haproxy -W -db -f "$conf"
