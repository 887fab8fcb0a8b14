"""Resources of Nova and Neutron without Nova and Neutron: they are there as soon as Heat asks for them, under UUIDs of their own; `made` tells of each."""
import json
import os
import uuid

from heat.engine import properties, resource
from heat.engine.resources.openstack.neutron import (
    extrarouteset,
    floatingip,
    net,
    port,
    router,
    security_group,
    security_group_rule,
    subnet,
)
from heat.engine.resources.openstack.nova import server, server_group
from keystoneauth1 import exceptions


def stand_in(real):
    """It takes the properties that the real one takes, and nobody looks at their values."""
    schemata = properties.schemata(real.properties_schema)
    known = {
        name: properties.Schema(each.type, required=each.required, update_allowed=each.update_allowed, default=each.default)
        for name, each in schemata.items()
    }

    class StandIn(resource.Resource):
        properties_schema = known
        attributes_schema = real.attributes_schema

        def handle_create(self):
            self.resource_id_set(str(uuid.uuid4()))
            with open(os.path.join(os.path.dirname(os.environ['HEAT_CONF']), 'made'), 'a') as made:
                print(json.dumps({'id': self.resource_id, 'name': self.physical_resource_name(), 'kind': real.__name__}), file=made)

        def handle_update(self, json_snippet, tmpl_diff, prop_diff):
            pass

        def handle_delete(self):
            pass

        def _resolve_any_attribute(self, name):
            address = f'10.{int(self.resource_id[:2], 16)}.{int(self.resource_id[2:4], 16)}.{int(self.resource_id[4:6], 16)}'
            return {'fixed_ips': [{'ip_address': address}], 'floating_ip_address': address}.get(name)

    return StandIn


def nova():
    """How Nova is, in the word of a test: `away`, `slow`, or nothing."""
    try:
        with open(os.path.join(os.path.dirname(os.environ['HEAT_CONF']), 'nova')) as word:
            return word.read()
    except FileNotFoundError:
        return ''


def reach_nova():
    if nova() == 'away':
        raise exceptions.ConnectFailure('Unable to establish connection to http://nova.test/v2.1/servers: [Errno 111] Connection refused')


class Server(stand_in(server.Server)):
    def handle_create(self):
        reach_nova()
        super().handle_create()

    def check_create_complete(self, _):
        return nova() != 'slow'

    def handle_delete(self):
        if self.resource_id is not None:
            reach_nova()


def resource_mapping():
    return {
        'OS::Nova::Server': Server,
        'OS::Nova::ServerGroup': stand_in(server_group.ServerGroup),
        'OS::Neutron::ExtraRouteSet': stand_in(extrarouteset.ExtraRouteSet),
        'OS::Neutron::FloatingIP': stand_in(floatingip.FloatingIP),
        'OS::Neutron::Net': stand_in(net.Net),
        'OS::Neutron::Port': stand_in(port.Port),
        'OS::Neutron::Router': stand_in(router.Router),
        'OS::Neutron::RouterInterface': stand_in(router.RouterInterface),
        'OS::Neutron::SecurityGroup': stand_in(security_group.SecurityGroup),
        'OS::Neutron::SecurityGroupRule': stand_in(security_group_rule.SecurityGroupRule),
        'OS::Neutron::Subnet': stand_in(subnet.Subnet),
    }
