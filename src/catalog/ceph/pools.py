#!/usr/bin/env python3
"""Makes users and pools of the block storage as declared in pools.json; keyrings come by the environment."""
import json
import os
import sys
import time

import rados
import rbd


def main(path):
    with open(path, encoding="utf-8") as file:
        wanted = json.load(file)
    with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.admin", conf={"client_mount_timeout": "60"}) as cluster:
        users(cluster, wanted)
        rule = failure_domain(cluster, wanted["size"])
        for pool in wanted["pools"]:
            make_pool(cluster, pool, rule, wanted)
    say(f"{len(wanted['users'])} users, {len(wanted['pools'])} pools")


def say(text):
    print(json.dumps({"created": time.time(), "levelname": "INFO", "name": "pools", "message": text}), flush=True)


def call(cluster, data=b"", **command):
    """The answer of the monitors; JSON where they have some."""
    code, out, said = cluster.mon_command(json.dumps({"format": "json", **command}), data)
    if code != 0:
        sys.exit(f"{command['prefix']}: {said or os.strerror(-code)}")
    return json.loads(out) if out.strip() else None


def users(cluster, wanted):
    text = "".join(
        os.environ[user["keyring"]] + "".join(f'\tcaps {who} = "{what}"\n' for who, what in user["caps"].items() if what)
        for user in wanted["users"]
    )
    if text:
        call(cluster, text.encode(), prefix="auth import")


def failure_domain(cluster, size):
    """Copies stand on different nodes where there are enough of them, else on different OSDs."""
    end = time.monotonic() + 300
    while True:
        nodes = call(cluster, prefix="osd tree")["nodes"]
        up = {node["id"] for node in nodes if node["type"] == "osd" and node.get("status") == "up"}
        if len(up) >= size:
            break
        if time.monotonic() > end:
            sys.exit(f"{len(up)} OSDs are up, {size} are needed")
        say(f"waiting for OSDs: {len(up)} of {size} are up")
        time.sleep(1)
    hosts = [node for node in nodes if node["type"] == "host" and up & set(node.get("children", []))]
    kind = "host" if len(hosts) >= size else "osd"
    rule = f"croque-{kind}"
    call(cluster, prefix="osd crush rule create-replicated", name=rule, root="default", type=kind)
    return rule


def make_pool(cluster, pool, rule, wanted):
    groups = wanted["placementGroups"]
    call(cluster, prefix="osd pool create", pool=pool, pg_num=groups, pgp_num=groups, pool_type="replicated", rule=rule)
    call(cluster, prefix="osd pool set", pool=pool, var="crush_rule", val=rule)
    size = wanted["size"]
    call(cluster, prefix="osd pool set", pool=pool, var="size", val=str(size), yes_i_really_mean_it=True)
    call(cluster, prefix="osd pool set", pool=pool, var="min_size", val=str(2 if size == 3 else 1))
    with cluster.open_ioctx(pool) as context:
        rbd.RBD().pool_init(context, True)


main(sys.argv[1])
