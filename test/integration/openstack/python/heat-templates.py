"""Lets Heat's own engine validate stacks as they are sent to it, nested ones included: {name: {template, files, parameters}} in a file.

Writes {name: what is wrong, or ""}. What only a cloud could answer (whether images, flavors and networks are there, and how many entries
metadata may have) is not asked.
"""
import json
import sys

from heat.common import config, context, template_format  # noqa: F401 (options are registered by the import of config)
from heat.engine import environment, resource, resources, stack, template
from heat.engine.clients.os import glance, neutron, nova, octavia
from heat.engine.resources.openstack.nova import server
from oslo_config import cfg

cfg.CONF([], project="heat", prog="heat-engine", default_config_files=[])
cfg.CONF.set_override("connection", "sqlite://", group="database")
resources.initialise()


def same(_plugin, value, *_more, **_others):
    return value


resource.Resource.is_service_available = classmethod(lambda _kind, _context: (True, None))
nova.NovaClientPlugin.is_version_supported = lambda _plugin, _version: True
nova.NovaClientPlugin.absolute_limits = lambda _plugin: {"maxServerMeta": 128, "maxPersonality": 5, "maxPersonalitySize": 10240}
nova.NovaClientPlugin.find_flavor_by_name_or_id = same
glance.GlanceClientPlugin.find_image_by_name_or_id = same
octavia.OctaviaClientPlugin.get_loadbalancer = octavia.OctaviaClientPlugin.get_listener = octavia.OctaviaClientPlugin.get_pool = same
octavia.OctaviaConstraint.validate_with_client = same
neutron.NeutronClientPlugin.find_resourceid_by_name_or_id = lambda _plugin, _kind, value, *_more, **_others: value
server.Server._validate_image_flavor = lambda _server, _image, _flavor: None


def fault_of(body):
    user = context.RequestContext(auth_token="t", user_id="u", project_id="p", auth_url="http://127.0.0.1:1", roles=["member"])
    given = environment.Environment({"parameters": body["parameters"]})
    read = template.Template(template_format.parse(json.dumps(body["template"])), files=body["files"], env=given)
    try:
        stack.Stack(user, "demo", read, strict_validate=False).validate()
    except Exception as error:  # whatever it is, it is the answer
        return f"{type(error).__name__}: {error}"
    return ""


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps({name: fault_of(body) for name, body in json.load(file).items()}))
