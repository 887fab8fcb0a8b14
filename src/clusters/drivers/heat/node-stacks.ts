/** The nested stacks of nodes: a resource that is a stack, with a resource a node that is a stack, with a server. */
import { balancerMember } from './balancer.ts'
import { attr, get, param, type Resource, type StackBody, type Template, version } from './template.ts'
import { type NodeVolumes, volumesOf } from './volumes.ts'

export interface StackNode {
  readonly index: number
  /** Of the server, and its host name. */
  readonly name: string
  readonly imageId: string
  readonly flavorId: string
  /** What cloud-init is given, once: a later one changes nothing. */
  readonly userData: string
  /** `10.100.3.0/24`: the addresses of its Pods, where those are seen on the network. */
  readonly podRange: string
}

export interface Placement extends NodeVolumes {
  /** Whether somebody has a key to log in with. */
  readonly logins: boolean
  readonly availabilityZone?: string
  /** Whether each node has an address of the external network. */
  readonly floatingIps: boolean
  /** Of the server group. @default soft-anti-affinity */
  readonly spread?: string
}

interface NestedNodes {
  readonly role: 'master' | 'minion'
  readonly nodes: readonly StackNode[]
  readonly network: unknown
  readonly subnet: unknown
  /** A security group. */
  readonly security: unknown
  /** Name of a resource of the stack. */
  readonly serverGroup: string
  /** Whether Pods' addresses are seen on the network. */
  readonly routed: boolean
  readonly wanted: Placement
  readonly externalNetworkId: string | undefined
  /** An address that the nodes hold in turn, beside their own. */
  readonly sharedAddress?: unknown
  /** Of a load balancer, which leads to this port of them. */
  readonly pool?: { readonly id: unknown; readonly port: number }
}

/** What a stack takes over to have such nodes; the resource has to be called `kube_masters` or `kube_minions`. */
interface Nested {
  readonly resource: Resource
  readonly files: StackBody['files']
  readonly parameters: NonNullable<Template['parameters']>
  /** Of the parameters. */
  readonly values: StackBody['parameters']
  readonly outputs: NonNullable<Template['outputs']>
}

export function nested(of: NestedNodes): Nested {
  const [group, node, name] = [`kube${of.role}s.yaml`, `kube${of.role}.yaml`, `kube_${of.role}s`]
  const properties = {
    network: of.network,
    subnet: of.subnet,
    security_group: of.security,
    server_group: get(of.serverGroup),
    user_data: param(`${name}_user_data`),
    ...(of.sharedAddress === undefined ? {} : { shared_address: of.sharedAddress }),
    ...(of.pool === undefined ? {} : { api_pool: of.pool.id }),
  }
  return {
    resource: { type: group, properties },
    files: { [group]: JSON.stringify(groupTemplate(of, node)), [node]: JSON.stringify(nodeTemplate(of)) },
    parameters: { [`${name}_user_data`]: secretMap },
    values: { [`${name}_user_data`]: userDataOf(of.nodes) },
    outputs: {
      [`${name}_private`]: { value: attr(name, 'addresses') },
      [name]: { value: attr(name, 'external_addresses') },
    },
  }
}

const givenTo = ({ sharedAddress, pool }: NestedNodes): readonly string[] => [
  ...['network', 'subnet', 'security_group', 'server_group'],
  ...(sharedAddress === undefined ? [] : ['shared_address']),
  ...(pool === undefined ? [] : ['api_pool']),
]
const text = { type: 'string' }
const secretMap = { type: 'json', hidden: true }
const userDataOf = (nodes: readonly StackNode[]): Readonly<Record<string, string>> =>
  Object.fromEntries(nodes.map(({ index, userData }) => [String(index), userData]))
const parametersOf = (names: readonly string[]): NonNullable<Template['parameters']> =>
  Object.fromEntries(names.map((name) => [name, text]))

function groupTemplate(of: NestedNodes, type: string): Template {
  const { nodes } = of
  const names = nodes.map(({ index }) => String(index))
  const handedOn = Object.fromEntries(givenTo(of).map((each) => [each, param(each)]))
  return {
    heat_template_version: version,
    parameters: { ...parametersOf(givenTo(of)), user_data: secretMap },
    resources: Object.fromEntries(
      nodes.map(({ index, name, imageId, flavorId, podRange }) => [
        String(index),
        {
          type,
          properties: {
            ...handedOn,
            name,
            image: imageId,
            flavor: flavorId,
            user_data: { get_param: ['user_data', String(index)] },
            pod_range: podRange,
          },
        },
      ]),
    ),
    outputs: {
      refs: { value: names.map(get) },
      refs_map: { value: Object.fromEntries(names.map((name) => [name, get(name)])) },
      addresses: { value: names.map((name) => attr(name, 'address')) },
      external_addresses: { value: hasFloating(of) ? names.map((name) => attr(name, 'external_address')) : [] },
      routes: {
        value: nodes.map(({ index, podRange }) => ({ destination: podRange, nexthop: attr(String(index), 'address') })),
      },
    },
  }
}

const hasFloating = ({ wanted, externalNetworkId }: NestedNodes): boolean =>
  wanted.floatingIps && externalNetworkId !== undefined

function nodeTemplate(of: NestedNodes): Template {
  const { role, wanted, externalNetworkId } = of
  const [server, port, floating] = [`kube-${role}`, `kube_${role}_eth0`, `kube_${role}_floating`]
  const { availabilityZone } = wanted
  const volumes = volumesOf(role, wanted)
  const pairs = [
    ...(of.routed ? [param('pod_range')] : []),
    ...(of.sharedAddress === undefined ? [] : [param('shared_address')]),
  ].map((address) => ({ ip_address: address }))
  return {
    heat_template_version: version,
    parameters: {
      ...parametersOf([...givenTo(of), 'name', 'image', 'flavor', 'pod_range']),
      // It lets a node in once.
      user_data: { ...text, hidden: true },
    },
    resources: {
      [port]: {
        type: 'OS::Neutron::Port',
        properties: {
          network: param('network'),
          fixed_ips: [{ subnet: param('subnet') }],
          security_groups: [param('security_group')],
          ...(pairs.length === 0 ? {} : { allowed_address_pairs: pairs }),
        },
      },
      ...(hasFloating(of)
        ? {
            [floating]: {
              type: 'OS::Neutron::FloatingIP',
              properties: { floating_network: externalNetworkId, port_id: get(port) },
            },
          }
        : {}),
      ...(of.pool === undefined ? {} : { api_member: balancerMember(port, of.pool.port) }),
      ...volumes.resources,
      [server]: {
        type: 'OS::Nova::Server',
        properties: {
          name: param('name'),
          flavor: param('flavor'),
          ...volumes.server,
          ...(availabilityZone === undefined ? {} : { availability_zone: availabilityZone }),
          networks: [{ port: get(port) }],
          scheduler_hints: { group: param('server_group') },
          user_data_format: 'RAW',
          user_data: param('user_data'),
          // A node is never changed into another one.
          user_data_update_policy: 'IGNORE',
        },
      },
      // That a node is there is known by Kubernetes; autoscalers look for this name.
      node_config_deployment: { type: 'OS::Heat::Value', properties: { value: get(server) } },
    },
    outputs: {
      'OS::stack_id': { value: get(server) },
      address: { value: attr(port, 'fixed_ips', 0, 'ip_address') },
      ...(hasFloating(of) ? { external_address: { value: attr(floating, 'floating_ip_address') } } : {}),
    },
  }
}
