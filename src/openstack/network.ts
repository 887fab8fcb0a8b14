/** Networks, subnets, routers, ports, floating IPs, security groups, quotas and agents (Neutron v2.0). Resources here are the ones that croque makes and checks. */
import { statusOf } from './failure.ts'
import { Fields } from './fields.ts'
import type { Session } from './session.ts'

export interface Network {
  readonly id: string
  readonly name: string
  readonly project: string
  readonly description: string
  readonly external: boolean
  readonly physicalNetwork: string | undefined
  readonly mtu: number
  readonly subnets: readonly string[]
  readonly createdAt: string
}

export interface NewNetwork {
  readonly name: string
  readonly description: string
  /** A provider network that routers have their gateways on. */
  readonly external?: { readonly physicalNetwork: string; readonly mtu: number }
}

export interface Subnet {
  readonly id: string
  readonly name: string
  readonly network: string
  readonly cidr: string
  readonly gateway: string | undefined
  readonly dhcp: boolean
  readonly dnsServers: readonly string[]
  readonly pools: readonly AddressRange[]
}

export interface AddressRange {
  readonly start: string
  readonly end: string
}

export interface NewSubnet {
  readonly name: string
  readonly description: string
  readonly network: string
  readonly cidr: string
  readonly gateway?: string
  readonly dhcp: boolean
  readonly dnsServers?: readonly string[]
  readonly pools?: readonly AddressRange[]
}

export interface Router {
  readonly id: string
  readonly name: string
  readonly project: string
  readonly status: string
  /** Network of the gateway. */
  readonly gatewayNetwork: string | undefined
  readonly createdAt: string
}

export interface Port {
  readonly id: string
  readonly owner: string
  readonly status: string
  readonly addresses: readonly { readonly subnet: string; readonly address: string }[]
}

export interface FloatingIp {
  readonly id: string
  readonly address: string
  readonly network: string
  readonly port: string | undefined
  readonly status: string
  readonly description: string
}

export interface SecurityGroup {
  readonly id: string
  readonly name: string
  readonly rules: readonly SecurityRule[]
}

export interface SecurityRule {
  readonly direction: string
  readonly etherType: string
  readonly protocol: string | undefined
  readonly fromPort: number | undefined
  readonly toPort: number | undefined
  readonly cidr: string | undefined
}

export interface Agent {
  readonly kind: string
  readonly host: string
  readonly alive: boolean
}

/** A network or a subnet as far as it is needed for finding it. */
export interface Listed {
  readonly id: string
  readonly name: string
  /** That a subnet belongs to. */
  readonly network: string | undefined
}

export interface Networking {
  /** Those of whatever project that the filter matches and the caller may see. */
  readonly listed: (
    kind: 'networks' | 'subnets',
    filter: Readonly<Record<string, string>>,
  ) => Promise<readonly Listed[]>
  readonly networks: (name: string) => Promise<readonly Network[]>
  readonly createNetwork: (network: NewNetwork) => Promise<Network>
  /** False when it is in use; one that is gone is no error. */
  readonly removeNetwork: (id: string) => Promise<boolean>
  readonly subnets: (network: string) => Promise<readonly Subnet[]>
  readonly createSubnet: (subnet: NewSubnet) => Promise<void>
  readonly updateSubnet: (id: string, changes: Readonly<Record<string, unknown>>) => Promise<void>
  readonly routers: (name: string) => Promise<readonly Router[]>
  readonly createRouter: (router: {
    readonly name: string
    readonly description: string
    readonly gatewayNetwork: string
  }) => Promise<Router>
  readonly setGateway: (router: string, network: string) => Promise<void>
  readonly removeRouter: (id: string) => Promise<boolean>
  /** False when the router has an interface on that subnet already. */
  readonly addInterface: (router: string, subnet: string) => Promise<boolean>
  /** Ports of a server or router. */
  readonly ports: (device: string) => Promise<readonly Port[]>
  readonly floatingIps: (filter: Readonly<Record<string, string>>) => Promise<readonly FloatingIp[]>
  /** Undefined when the port has one already. */
  readonly createFloatingIp: (ip: {
    readonly network: string
    readonly port: string
    readonly description: string
  }) => Promise<FloatingIp | undefined>
  readonly removeFloatingIp: (id: string) => Promise<void>
  readonly securityGroups: (project: string, name: string) => Promise<readonly SecurityGroup[]>
  /** False when the rule is there already. */
  readonly createSecurityRule: (group: string, rule: SecurityRule) => Promise<boolean>
  /** Limits by Neutron's names (`network`, `port`, `floatingip`); -1 is without limit. */
  readonly quotas: (project: string) => Promise<Readonly<Record<string, number>>>
  readonly setQuotas: (project: string, quotas: Readonly<Record<string, number>>) => Promise<void>
  readonly agents: () => Promise<readonly Agent[]>
}

export function networking(session: Session): Networking {
  const get = async (path: string, query?: Readonly<Record<string, string>>): Promise<Fields> => {
    const answer = await session.request('network', 'GET', `/v2.0${path}`, query === undefined ? {} : { query })
    return new Fields(answer.body, `GET network ${path}`)
  }
  const send = async (method: 'POST' | 'PUT', path: string, body: unknown): Promise<Fields> =>
    new Fields((await session.request('network', method, `/v2.0${path}`, { body })).body, `${method} network ${path}`)
  const remove = async (path: string): Promise<boolean> =>
    (await session.request('network', 'DELETE', `/v2.0${path}`, { okStatus: [204, 404, 409] })).status !== 409

  return {
    listed: async (kind, filter) => (await get(`/${kind}`, filter)).list(kind, parseListed),
    networks: async (name) => (await get('/networks', { name })).list('networks', parseNetwork),
    createNetwork: async ({ name, description, external }) =>
      parseNetwork(
        (await send('POST', '/networks', { network: { name, description, ...providerFields(external) } })).object(
          'network',
        ),
      ),
    removeNetwork: (id) => remove(`/networks/${id}`),
    subnets: async (network) => (await get('/subnets', { network_id: network })).list('subnets', parseSubnet),
    createSubnet: async (subnet) => {
      await send('POST', '/subnets', { subnet: subnetFields(subnet) })
    },
    updateSubnet: async (id, changes) => {
      await send('PUT', `/subnets/${id}`, { subnet: changes })
    },
    routers: async (name) => (await get('/routers', { name })).list('routers', parseRouter),
    createRouter: async ({ name, description, gatewayNetwork }) => {
      const router = { name, description, external_gateway_info: { network_id: gatewayNetwork } }
      return parseRouter((await send('POST', '/routers', { router })).object('router'))
    },
    setGateway: async (router, network) => {
      await send('PUT', `/routers/${router}`, { router: { external_gateway_info: { network_id: network } } })
    },
    removeRouter: (id) => remove(`/routers/${id}`),
    addInterface: (router, subnet) =>
      send('PUT', `/routers/${router}/add_router_interface`, { subnet_id: subnet }).then(
        () => true,
        (error: unknown) => {
          if (isAlreadyThere(error)) return false
          throw error
        },
      ),
    ports: async (device) => (await get('/ports', { device_id: device })).list('ports', parsePort),
    floatingIps: async (filter) => (await get('/floatingips', filter)).list('floatingips', parseFloatingIp),
    createFloatingIp: async ({ network, port, description }) => {
      const floatingip = { floating_network_id: network, port_id: port, description }
      const answer = await session.request('network', 'POST', '/v2.0/floatingips', {
        body: { floatingip },
        okStatus: [201, 409],
      })
      return answer.status === 409
        ? undefined
        : parseFloatingIp(new Fields(answer.body, 'POST network /floatingips').object('floatingip'))
    },
    removeFloatingIp: async (id) => {
      await remove(`/floatingips/${id}`)
    },
    securityGroups: async (project, name) =>
      (await get('/security-groups', { project_id: project, name })).list('security_groups', parseGroup),
    createSecurityRule: async (group, rule) => {
      const body = { security_group_rule: { security_group_id: group, ...ruleFields(rule) } }
      const answer = await session.request('network', 'POST', '/v2.0/security-group-rules', {
        body,
        okStatus: [201, 409],
      })
      return answer.status !== 409
    },
    quotas: async (project) => (await get(`/quotas/${project}`)).object('quota').numberMap(),
    setQuotas: async (project, quota) => {
      await send('PUT', `/quotas/${project}`, { quota })
    },
    agents: async () => (await get('/agents')).list('agents', parseAgent),
  }
}

/** Neutron answers 400 "Router already has a port on subnet" or 409, by release. */
function isAlreadyThere(error: unknown): boolean {
  const status = statusOf(error)
  const why = error instanceof Error && 'why' in error ? String(error.why) : ''
  return (status === 400 || status === 409) && /already has a port on subnet|already exists|overlaps/i.test(why)
}

function providerFields(external: NewNetwork['external']): Readonly<Record<string, unknown>> {
  if (external === undefined) return {}
  return {
    'router:external': true,
    'provider:network_type': 'flat',
    'provider:physical_network': external.physicalNetwork,
    mtu: external.mtu,
  }
}

function subnetFields(subnet: NewSubnet): Readonly<Record<string, unknown>> {
  return {
    name: subnet.name,
    description: subnet.description,
    network_id: subnet.network,
    ip_version: 4,
    cidr: subnet.cidr,
    enable_dhcp: subnet.dhcp,
    ...(subnet.gateway === undefined ? {} : { gateway_ip: subnet.gateway }),
    ...(subnet.dnsServers === undefined ? {} : { dns_nameservers: subnet.dnsServers }),
    ...(subnet.pools === undefined ? {} : { allocation_pools: subnet.pools }),
  }
}

function ruleFields(rule: SecurityRule): Readonly<Record<string, unknown>> {
  return {
    direction: rule.direction,
    ethertype: rule.etherType,
    protocol: rule.protocol ?? null,
    port_range_min: rule.fromPort ?? null,
    port_range_max: rule.toPort ?? null,
    remote_ip_prefix: rule.cidr ?? null,
  }
}

function parseListed(one: Fields): Listed {
  return { id: one.text('id'), name: one.optionalText('name') ?? '', network: one.optionalText('network_id') }
}

function parseNetwork(network: Fields): Network {
  return {
    id: network.text('id'),
    name: network.text('name'),
    project: network.text('project_id'),
    description: network.optionalText('description') ?? '',
    external: network.flag('router:external'),
    physicalNetwork: network.optionalText('provider:physical_network'),
    mtu: network.number('mtu'),
    subnets: network.texts('subnets'),
    createdAt: network.optionalText('created_at') ?? '',
  }
}

function parseSubnet(subnet: Fields): Subnet {
  return {
    id: subnet.text('id'),
    name: subnet.text('name'),
    network: subnet.text('network_id'),
    cidr: subnet.text('cidr'),
    gateway: subnet.optionalText('gateway_ip'),
    dhcp: subnet.flag('enable_dhcp'),
    dnsServers: subnet.texts('dns_nameservers'),
    pools: subnet.list('allocation_pools', (pool) => ({ start: pool.text('start'), end: pool.text('end') })),
  }
}

function parseRouter(router: Fields): Router {
  return {
    id: router.text('id'),
    name: router.text('name'),
    project: router.text('project_id'),
    status: router.text('status'),
    gatewayNetwork: router.object('external_gateway_info').optionalText('network_id'),
    createdAt: router.optionalText('created_at') ?? '',
  }
}

function parsePort(port: Fields): Port {
  return {
    id: port.text('id'),
    owner: port.optionalText('device_owner') ?? '',
    status: port.text('status'),
    addresses: port.list('fixed_ips', (ip) => ({ subnet: ip.text('subnet_id'), address: ip.text('ip_address') })),
  }
}

function parseFloatingIp(ip: Fields): FloatingIp {
  return {
    id: ip.text('id'),
    address: ip.text('floating_ip_address'),
    network: ip.text('floating_network_id'),
    port: ip.optionalText('port_id'),
    status: ip.text('status'),
    description: ip.optionalText('description') ?? '',
  }
}

function parseGroup(group: Fields): SecurityGroup {
  return {
    id: group.text('id'),
    name: group.text('name'),
    rules: group.list('security_group_rules', (rule) => ({
      direction: rule.text('direction'),
      etherType: rule.text('ethertype'),
      protocol: rule.optionalText('protocol'),
      fromPort: rule.optionalNumber('port_range_min'),
      toPort: rule.optionalNumber('port_range_max'),
      cidr: rule.optionalText('remote_ip_prefix'),
    })),
  }
}

function parseAgent(agent: Fields): Agent {
  return { kind: agent.text('agent_type'), host: agent.text('host'), alive: agent.flag('alive') }
}
