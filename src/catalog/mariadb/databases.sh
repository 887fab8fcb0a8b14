#!/bin/sh
# Makes every declared database and its user. Statements come from databases.sql, passwords from the environment.
set -eu
umask 077
printf '[client]\nhost=mariadb-server\nuser=croque\npassword=%s\nskip-ssl\n' "$ADMIN_PASSWORD" > /tmp/client.cnf
python3 -c 'import os, string, sys
sys.stdout.write(string.Template(open("/var/lib/kolla/config_files/databases.sql").read()).substitute(os.environ))' |
  mariadb --defaults-extra-file=/tmp/client.cnf
rm -f /tmp/client.cnf
