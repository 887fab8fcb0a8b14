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
sh /var/lib/kolla/config_files/on-renewal.sh /etc/haproxy/tls/tls.crt kill -USR2 "$$" &
exec haproxy -W -db -f "$conf"
