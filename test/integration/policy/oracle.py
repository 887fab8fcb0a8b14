"""Decides by the real oslo.policy what comes as JSON, and prints the answers: true, false, or null where it throws."""
import json
import logging
import sys
import tempfile
import warnings

from oslo_config import cfg
from oslo_policy import opts, policy

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
given = json.load(sys.stdin)
conf = cfg.ConfigOpts()
conf([])
opts._register(conf)
for option, value in given["options"].items():
    conf.set_override(option, value, group="oslo_policy")
with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
    json.dump(given["rules"], file)
    file.flush()
    enforcer = policy.Enforcer(conf, policy_file=file.name)
    if given["magnum"]:
        from magnum.common import policies

        enforcer.register_defaults(policies.list_rules())

    def answer(question):
        try:
            return bool(enforcer.enforce(question["rule"], question["target"], question["credentials"]))
        except Exception:
            return None

    json.dump([answer(question) for question in given["questions"]], sys.stdout)
