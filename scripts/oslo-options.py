"""Prints, as JSON, the options that each service's configuration files know: {list: {section: [names, deprecated ones too]}}.

Runs inside the image `openstack`, started by scripts/oslo-options.ts.
"""
import importlib.metadata
import json
import logging
import multiprocessing
import sys

from oslo_config import generator

logging.disable(logging.CRITICAL)

OSLO = ["oslo.log", "oslo.db", "oslo.cache", "oslo.messaging", "oslo.policy", "oslo.concurrency", "oslo.middleware", "oslo.middleware.cors",
        "oslo.middleware.http_proxy_to_wsgi", "oslo.middleware.healthcheck", "oslo.middleware.sizelimit", "oslo.reports", "oslo.service.service",
        "oslo.service.periodic_task", "oslo.service.sslutils", "oslo.service.wsgi", "oslo.limit", "oslo.versionedobjects", "osprofiler",
        "keystonemiddleware.auth_token", "keystonemiddleware.audit"]
SERVICES = {
    "keystone": ["keystone"],
    "glance": ["glance.api", "glance.cache", "glance.store", "glance.multi_store", "os_brick"],
    "placement": ["placement.conf"],
    "neutron": ["neutron", "neutron.agent", "neutron.base.agent", "neutron.db", "neutron.extensions", "neutron.ml2", "neutron.ml2.ovn", "nova.auth",
                "ironic.auth", "placement.auth", "designate.auth"],
    "ml2": ["neutron.ml2", "neutron.ml2.ovn", "neutron.ml2.sriov.agent", "neutron.extensions"],
    "neutron-ovn-agent": ["neutron.ml2.ovn", "neutron.ml2.ovn.agent", "neutron.ovn.metadata.agent", "neutron.metadata.agent", "neutron.agent", "neutron.base.agent"],
    "nova": ["nova.conf", "os_vif", "os_brick"],
    "cinder": ["cinder", "os_brick", "castellan.config"],
    "heat": ["heat.common.cache", "heat.common.config", "heat.common.context", "heat.common.crypt", "heat.common.wsgi", "heat.engine.clients", "heat.engine.clients.os.keystone.heat_keystoneclient",
             "heat.engine.notification", "heat.engine.resources", "heat.api.aws.ec2token"],
}
# Made by privsep at run time, one section a context; no namespace lists them.
PRIVSEP = {
    "neutron": ["privsep", "privsep_conntrack", "privsep_dhcp_release", "privsep_link", "privsep_namespace", "privsep_ovs_vsctl"],
    "nova": ["nova_sys_admin", "privsep_osbrick", "vif_plug_linux_bridge_privileged", "vif_plug_ovs_privileged"],
    "cinder": ["cinder_sys_admin", "privsep_osbrick"],
}
# Neutron's programs read several files as one: what is known in one is known in each.
for name in ("ml2", "neutron-ovn-agent"):
    SERVICES[name] = sorted({*SERVICES[name], *SERVICES["neutron"]})
    PRIVSEP[name] = PRIVSEP["neutron"]


def known(namespaces):
    there = {point.name for point in importlib.metadata.entry_points(group="oslo.config.opts")}
    absent = [n for n in namespaces if n not in there]
    if absent:
        raise LookupError(f"no such namespaces: {absent}")
    return namespaces


def options(namespaces):
    sections = {}
    for _, listing in generator._list_opts(namespaces):
        for group, found in listing:
            section = sections.setdefault(str(getattr(group, "name", group) or "DEFAULT"), set())
            for option in found:
                section.update((option.name.replace("-", "_"), option.dest))
                for old in option.deprecated_opts:
                    sections.setdefault(old.group or str(getattr(group, "name", group) or "DEFAULT"), set()).add((old.name or option.dest).replace("-", "_"))
    return sections


def of_service(service):
    sections = options(known(SERVICES[service] + OSLO))
    helper = {"user", "group", "capabilities", "thread_pool_size", "helper_command", "logger_name"}
    if service == "cinder":
        # Its listing gives the options of one plugin, and leaves out the one that chooses the plugin (cinder/service_auth.py registers it).
        sections["service_user"].update(("auth_section", "auth_type"))
    if service == "neutron-ovn-agent":
        # Registered by the agent (neutron/conf/agent/ovn/ovn_neutron_agent/config.py); its listing has it since 2025.2 only.
        sections["agent"].update(("extensions",))
    for section in PRIVSEP.get(service, []):
        sections.setdefault(section, set()).update(helper)
    return {name: sorted(sections[name]) for name in sorted(sections)}


# A process each: the services' options collide in one.
with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
    json.dump(dict(zip(SERVICES, pool.map(of_service, SERVICES, chunksize=1))), sys.stdout)
