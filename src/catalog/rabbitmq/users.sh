#!/bin/sh
# Makes every declared vhost and user with one call of the management client: each start of it costs seconds of processor time.
set -eu
umask 077
export HOME=/tmp RABBITMQ_USE_LONGNAME=true
printf '%s' "$ERLANG_COOKIE" > /tmp/.erlang.cookie
chmod 0400 /tmp/.erlang.cookie
python3 -c 'import os, string, sys
sys.stdout.write(string.Template(open("/var/lib/kolla/config_files/users.json").read()).substitute(os.environ))' > /tmp/definitions.json
node="rabbit@$(getent hosts rabbitmq-server-0.rabbitmq-server | awk '{print $2}')"
rabbitmqctl --longnames -n "$node" import_definitions /tmp/definitions.json
rm -f /tmp/definitions.json
