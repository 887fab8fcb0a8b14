/**
 * The stacks of a cluster, as templates (HOT). One stack is the cluster: its network, its security groups, its masters and its first
 * workers; every further node group has a stack of its own. Nodes are nested: the stack has a resource `kube_minions` (masters:
 * `kube_masters`), which is a stack that has a resource a node, called by its index, which is a stack that has the server `kube-minion`.
 * These names, the output `refs_map` and the resource `node_config_deployment` are what cluster-autoscaler
 * (cluster-autoscaler/cloudprovider/magnum/magnum_manager_impl.go) and magnum-auto-healer read of Magnum's own stacks.
 */
import { type Balancer, balancerResources, vipPort } from './balancer.ts'
import { nested, type Placement, type StackNode } from './node-stacks.ts'
import { attr, get, type Resource, type StackBody, type Template, version } from './template.ts'

/** Where a cluster is put: a network that is there, or one of its own behind a router of its own. */
export type Ground =
  | { readonly networkId: string; readonly subnetId: string }
  | { readonly range: string; readonly nameServers: readonly string[]; readonly externalNetworkId: string }

export interface ClusterStack {
  /** For people: the cluster's name. */
  readonly name: string
  readonly engine: 'Kubernetes' | 'Docker Swarm'
  readonly ground: Ground
  /** Network of floating IPs; absent where none are given. */
  readonly externalNetworkId?: string
  /** Whether the API has an address of the external network. */
  readonly apiOutside: boolean
  readonly apiPort: number
  /** Absent: the masters hold its address in turn. */
  readonly balancer?: Balancer
  /** Who may reach the API; @default everybody */
  readonly apiRanges?: readonly string[]
  readonly podRange: string
  /** Whether the cluster's router leads to Pods, where it has one of its own. */
  readonly routed: boolean
  readonly masters: readonly StackNode[]
  readonly workers: readonly StackNode[]
  readonly placement: Placement
}

export interface GroupStack extends Pick<ClusterStack, 'name' | 'externalNetworkId' | 'placement'> {
  readonly workers: readonly StackNode[]
  readonly network: { readonly networkId: string; readonly subnetId: string; readonly securityGroupId: string }
  /** Absent where routes are not the cluster's to make. */
  readonly routerId?: string
}

export function clusterStack(wanted: ClusterStack): StackBody {
  const own = 'range' in wanted.ground
  const network = own ? get('fixed_network') : wanted.ground.networkId
  const subnet = own ? get('fixed_subnet') : wanted.ground.subnetId
  const { placement, externalNetworkId } = wanted
  const routed = own && wanted.routed
  const shared = { network, subnet, externalNetworkId, routed, wanted: placement }
  const masters = nested({
    ...{ ...shared, role: 'master', nodes: wanted.masters, security: get('secgroup_kube_master') },
    serverGroup: 'masters_server_group',
    ...(wanted.balancer === undefined
      ? { sharedAddress: attr('api_address', 'fixed_ips', 0, 'ip_address') }
      : { pool: { id: get('api_pool'), port: wanted.apiPort } }),
  })
  const workers = nested({
    ...{ ...shared, role: 'minion', nodes: wanted.workers, security: get('secgroup_kube_minion') },
    serverGroup: 'nodes_server_group',
  })
  const inside = own ? { depends_on: ['extrouter_inside'] } : {}
  return {
    template: {
      heat_template_version: version,
      description: `${wanted.engine} cluster ${wanted.name}`,
      parameters: { ...masters.parameters, ...workers.parameters },
      resources: {
        ...(own ? networkResources(wanted.ground) : {}),
        secgroup_kube_master: securityGroup(`${wanted.name}: masters`, masterRules(wanted)),
        secgroup_kube_minion: securityGroup(`${wanted.name}: nodes`, workerRules(wanted)),
        ...amongThemselves(routed ? wanted.podRange : undefined),
        ...apiAddress(wanted, { network, subnet, after: inside }),
        masters_server_group: serverGroup(`${wanted.name}: masters`, placement.spread),
        nodes_server_group: serverGroup(wanted.name, placement.spread),
        kube_masters: { ...masters.resource, ...inside },
        kube_minions: { ...workers.resource, ...inside },
        ...(routed ? { pod_routes: podRoutes(get('extrouter'), ['kube_masters', 'kube_minions']) } : {}),
      },
      outputs: {
        network_id: { value: network },
        subnet_id: { value: subnet },
        ...(own ? { router_id: { value: get('extrouter') } } : {}),
        ...(wanted.balancer === undefined ? {} : { api_port_id: { value: vipPort } }),
        worker_security_group_id: { value: get('secgroup_kube_minion') },
        ...masters.outputs,
        ...workers.outputs,
      },
    },
    files: { ...masters.files, ...workers.files },
    parameters: { ...masters.values, ...workers.values },
  }
}

export function groupStack(wanted: GroupStack): StackBody {
  const { networkId: network, subnetId: subnet, securityGroupId: security } = wanted.network
  const { placement, externalNetworkId, workers: nodes } = wanted
  const workers = nested({
    ...{ role: 'minion', nodes, network, subnet, security, wanted: placement, externalNetworkId },
    serverGroup: 'nodes_server_group',
    routed: wanted.routerId !== undefined,
  })
  return {
    template: {
      heat_template_version: version,
      description: `Node group of ${wanted.name}`,
      parameters: workers.parameters,
      resources: {
        nodes_server_group: serverGroup(wanted.name, wanted.placement.spread),
        kube_minions: workers.resource,
        ...(wanted.routerId === undefined ? {} : { pod_routes: podRoutes(wanted.routerId, ['kube_minions']) }),
      },
      outputs: workers.outputs,
    },
    files: workers.files,
    parameters: workers.values,
  }
}

function networkResources(ground: Extract<Ground, { readonly range: string }>): Template['resources'] {
  const { range, nameServers, externalNetworkId } = ground
  return {
    fixed_network: { type: 'OS::Neutron::Net' },
    fixed_subnet: {
      type: 'OS::Neutron::Subnet',
      properties: { network: get('fixed_network'), cidr: range, dns_nameservers: nameServers },
    },
    extrouter: {
      type: 'OS::Neutron::Router',
      properties: { external_gateway_info: { network: externalNetworkId } },
    },
    extrouter_inside: {
      type: 'OS::Neutron::RouterInterface',
      properties: { router: get('extrouter'), subnet: get('fixed_subnet') },
    },
  }
}

/** Under which everybody reaches the API: a port of no server, whose address the masters hold in turn, or a load balancer. It outlives every one of them. */
function apiAddress(
  wanted: ClusterStack,
  { network, subnet, after }: { readonly network: unknown; readonly subnet: unknown; readonly after: object },
): Template['resources'] {
  const { apiOutside, externalNetworkId, balancer, apiPort: port } = wanted
  const address: Resource = {
    type: 'OS::Neutron::Port',
    properties: { network, fixed_ips: [{ subnet }], security_groups: [get('secgroup_kube_master')] },
  }
  const resources =
    balancer === undefined
      ? { api_address: address }
      : balancerResources(balancer, {
          subnet,
          port,
          ...(wanted.apiRanges === undefined ? {} : { ranges: comers(wanted) }),
        })
  if (!apiOutside || externalNetworkId === undefined) return resources
  const portId = balancer === undefined ? get('api_address') : vipPort
  const properties = { floating_network: externalNetworkId, port_id: portId }
  return {
    ...resources,
    api_address_floating: { type: 'OS::Neutron::FloatingIP', properties, ...after },
  }
}

/** The router leads to the Pods of every node: no overlay runs on the overlay. */
const podRoutes = (router: unknown, groups: readonly string[]): Resource => ({
  type: 'OS::Neutron::ExtraRouteSet',
  properties: { router, routes: { list_concat: groups.map((group) => attr(group, 'routes')) } },
})

const securityGroup = (description: string, rules: readonly object[]): Resource => ({
  type: 'OS::Neutron::SecurityGroup',
  properties: { description, rules },
})

const everywhere = '0.0.0.0/0'
const ping = { protocol: 'icmp', remote_ip_prefix: everywhere }
const tcp = (first: number, last: number, from: string): object => ({
  protocol: 'tcp',
  port_range_min: first,
  port_range_max: last,
  remote_ip_prefix: from,
})

/** The API to whom it is meant for, logins to whoever has the key; everything else is among the nodes. */
const masterRules = (wanted: ClusterStack): readonly object[] => [
  ping,
  ...comers(wanted).map((range) => tcp(wanted.apiPort, wanted.apiPort, range)),
  ...logins(wanted.placement),
]

/** To a load balancer those of the cluster come too, and it comes itself from their subnet. */
const comers = ({ apiRanges = [everywhere], balancer, ground, podRange }: ClusterStack): readonly string[] => [
  ...apiRanges,
  ...(balancer === undefined || !('range' in ground) || apiRanges.includes(everywhere)
    ? []
    : [ground.range, podRange].filter((range) => !apiRanges.includes(range))),
]

/** Services of the type NodePort. */
const workerRules = ({ placement }: ClusterStack): readonly object[] => [
  ping,
  ...logins(placement),
  tcp(30_000, 32_767, everywhere),
  { protocol: 'udp', port_range_min: 30_000, port_range_max: 32_767, remote_ip_prefix: everywhere },
]

const logins = (placement: Placement): readonly object[] => (placement.logins ? [tcp(22, 22, everywhere)] : [])

/**
 * Nodes and Pods reach each other. Rules of their own, since two groups cannot name each other while they are made; one a protocol, since
 * Heat takes one that names none for TCP, and so nobody would hear a DNS server on another node. Masters tell each other who has the
 * address of the API: unheard, each of them would take it.
 */
function amongThemselves(podRange: string | undefined): Template['resources'] {
  const master = 'secgroup_kube_master'
  const groups = [master, 'secgroup_kube_minion']
  const remotes = [
    ...groups.map((from) => ({ from, remote: { remote_group: get(from) } })),
    ...(podRange === undefined ? [] : [{ from: 'pods', remote: { remote_ip_prefix: podRange } }]),
  ]
  // An add-on that connects Pods may wrap them in UDP, or in IP.
  const protocols = podRange === undefined ? ['tcp', 'udp', '4'] : ['tcp', 'udp']
  const rule = (to: string, from: string, protocol: string, remote: object): readonly [string, Resource] => {
    const properties = { security_group: get(to), ethertype: 'IPv4', protocol, ...remote }
    // The one of TCP has the name that it had when there was no other.
    const suffix = protocol === 'tcp' ? '' : `_${protocol}`
    return [`${to}_from_${from}${suffix}`, { type: 'OS::Neutron::SecurityGroupRule', properties }]
  }
  return Object.fromEntries([
    ...groups.flatMap((to) =>
      remotes.flatMap(({ from, remote }) => protocols.map((protocol) => rule(to, from, protocol, remote))),
    ),
    rule(master, master, 'vrrp', { remote_group: get(master) }),
  ])
}

const serverGroup = (name: string, policy = 'soft-anti-affinity'): Resource => ({
  type: 'OS::Nova::ServerGroup',
  properties: { name, policies: [policy] },
})
