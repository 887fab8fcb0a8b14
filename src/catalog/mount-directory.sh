#!/bin/sh
# mount.nfs HOST:DIRECTORY PLACE where one node is the whole cloud: the directory itself. Once, since those who ask tell a
# mount by its file system, which is the same here.
set -eu
[ $# -ge 2 ] || exit 0
mountpoint -q "$2" || exec mount --bind "${1#*:}" "$2"
