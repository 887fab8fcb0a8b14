#!/bin/sh
# Starts RabbitMQ under a long node name that stays the same when the Pod is made anew.
set -eu
umask 077
rm -f /var/lib/rabbitmq/.erlang.cookie
printf '%s' "$ERLANG_COOKIE" > /var/lib/rabbitmq/.erlang.cookie
chmod 0400 /var/lib/rabbitmq/.erlang.cookie
export RABBITMQ_USE_LONGNAME=true
RABBITMQ_NODENAME="rabbit@$(hostname -f)"
export RABBITMQ_NODENAME HOME=/var/lib/rabbitmq
exec rabbitmq-server
