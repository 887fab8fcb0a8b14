#!/bin/sh
# The schema of the image database, and the metadata definitions, without which Horizon answers 500. Those that are there already stay as they are.
set -eu
glance-manage db_sync
glance-manage db_load_metadefs /var/lib/openstack/etc/glance/metadefs
