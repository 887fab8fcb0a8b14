#!/bin/sh
# Makes every declared database and its user. Statements come from databases.sql, passwords from the environment.
set -eu
export MYSQL_PWD="$ADMIN_PASSWORD"
python3 -c 'import os, string, sys
sys.stdout.write(string.Template(open("/var/lib/kolla/config_files/databases.sql").read()).substitute(os.environ))' |
  mariadb --defaults-file=/var/lib/kolla/config_files/client.cnf
