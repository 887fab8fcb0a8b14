#!/bin/sh
# Schemas and cells. The cell mappings are templates, so that no password is stored in the database.
set -eu
nova-manage api_db sync
nova-manage cell_v2 map_cell0 --database_connection '{scheme}://{username}:{password}@{hostname}/nova_cell0?{query}'
status=0
nova-manage cell_v2 create_cell --name=cell1 --transport-url '{scheme}://{username}:{password}@{hostname}:{port}/{path}' \
  --database_connection '{scheme}://{username}:{password}@{hostname}/{path}?{query}' || status=$?
# 2: the cell is there already.
[ "$status" -eq 0 ] || [ "$status" -eq 2 ]
nova-manage db sync
