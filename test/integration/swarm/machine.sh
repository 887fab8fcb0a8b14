#!/bin/sh
# Runs a command in a network of its own, which nothing leaves, with a bridge that has 10.0.0.1; its nodes (node.sh) end with it, and so do their control groups.
#   machine.sh COMMAND...
set -eu
export GROUP=croque-test-swarm-$$
leave() {
  tries=0
  while [ "$tries" -lt 100 ]; do
    left=$(find /sys/fs/cgroup/*/ -maxdepth 1 -name "$GROUP-*" | while read -r group; do
      find "$group" -depth -type d -exec rmdir {} \; 2> /dev/null
      [ ! -d "$group" ] || echo "$group"
    done)
    [ -n "$left" ] || break
    tries=$((tries + 1))
    sleep 0.1
  done
}
trap leave EXIT
unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private sh -euc '
  ip link set lo up
  ip link add br0 type bridge
  ip address add 10.0.0.1/24 dev br0
  ip link set br0 up
  "$@"' machine "$@"
