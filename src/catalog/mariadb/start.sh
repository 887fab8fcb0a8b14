#!/bin/sh
# Starts MariaDB; makes the data directory first when there is none. A half-made one never gets the final name.
set -eu
data=/var/lib/mysql/data
if [ ! -d "$data/mysql" ]; then
  rm -rf "$data.new"
  mariadb-install-db --datadir="$data.new" --auth-root-authentication-method=normal --skip-test-db >/dev/null
  rm -rf "$data"
  mv "$data.new" "$data"
fi
# The administrator's password is set at every start, so that a rotated Secret takes effect.
umask 077
cat > /run/mysqld/init.sql <<SQL
CREATE USER IF NOT EXISTS 'root'@'localhost' IDENTIFIED BY '$ADMIN_PASSWORD';
ALTER USER 'root'@'localhost' IDENTIFIED BY '$ADMIN_PASSWORD';
CREATE USER IF NOT EXISTS 'croque'@'%' IDENTIFIED BY '$ADMIN_PASSWORD';
ALTER USER 'croque'@'%' IDENTIFIED BY '$ADMIN_PASSWORD';
GRANT ALL PRIVILEGES ON *.* TO 'croque'@'%' WITH GRANT OPTION;
SQL
# New connections have the renewed certificate, those that stand are left alone.
MYSQL_PWD=$ADMIN_PASSWORD sh /var/lib/kolla/config_files/on-renewal.sh /etc/croque/tls/tls.crt \
  mariadb --no-defaults --socket=/run/mysqld/mysqld.sock --user=root --execute='FLUSH SSL' &
exec mariadbd --defaults-file=/var/lib/kolla/config_files/croque.cnf --datadir="$data" --init-file=/run/mysqld/init.sql
