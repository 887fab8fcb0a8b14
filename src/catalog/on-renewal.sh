#!/bin/sh
# on-renewal.sh FILE COMMAND...: runs the command when the file has become another, until it succeeds. A mounted Secret changes in place.
set -u
file=$1
shift
[ -e "$file" ] || exit 0
known=$(cksum < "$file")
while sleep 10; do
  present=$(cksum < "$file")
  if [ "$present" != "$known" ] && "$@"; then known=$present; fi
done
