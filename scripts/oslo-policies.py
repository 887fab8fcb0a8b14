"""Prints, as JSON, the names of the policy rules that each service of the image `openstack` registers: {service: [names]}.

Runs inside the image, started by scripts/oslo-options.ts.
"""
import importlib.metadata
import json
import logging
import multiprocessing
import sys

logging.disable(logging.CRITICAL)
SERVICES = ["cinder", "glance", "heat", "keystone", "neutron", "nova", "placement"]
POINTS = {point.name: point for point in importlib.metadata.entry_points(group="oslo.policy.policies")}


def names(service):
    return sorted({rule.name for rule in POINTS[service].load()()})


# A process each: the services' registrations collide in one.
with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
    json.dump(dict(zip(SERVICES, pool.map(names, SERVICES, chunksize=1))), sys.stdout)
