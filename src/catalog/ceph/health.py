"""How the block storage is, in one line of JSON for `croque status`."""
import json

import rados


def main():
    conf = {"client_mount_timeout": "5", "rados_mon_op_timeout": "5"}
    with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.admin", conf=conf) as cluster:
        code, out, said = cluster.mon_command(json.dumps({"prefix": "status", "format": "json"}), b"")
    if code != 0:
        raise SystemExit(said or f"error {code}")
    told = json.loads(out)
    health, osds = told["health"], told["osdmap"]
    words = [
        health["status"],
        f"{osds['num_up_osds']} of {osds['num_osds']} OSDs up, {osds['num_in_osds']} in",
        f"{len(told['quorum_names'])} of {told['monmap']['num_mons']} monitors in quorum",
    ]
    checks = [f"{name}: {check['summary']['message']}" for name, check in health["checks"].items() if not check.get("muted")]
    state = {"HEALTH_OK": "ok", "HEALTH_WARN": "warning"}.get(health["status"], "error")
    print(json.dumps({"state": state, "summary": ", ".join(words), "details": checks}))


main()
