/** Neutron. Its names are not unique, as in the real one. */
import { type Call, conflict, notFound, part, type Reply, type Row, type Service, type State } from './model.ts'

export const network: Service = (call, state) => {
  const [, , collection, id, action] = call.path.split('/')
  switch (collection) {
    case 'networks':
      return call.method === 'POST'
        ? createNetwork(call, state)
        : plain(call, id, {
            rows: state.networks,
            name: 'network',
            list: 'networks',
            view: (row) => withSubnets(row, state),
          })
    case 'subnets':
      return call.method === 'POST'
        ? createSubnet(call, state)
        : plain(call, id, { rows: state.subnets, name: 'subnet', list: 'subnets' })
    case 'routers':
      if (action === 'add_router_interface') return addInterface(call, String(id), state)
      return call.method === 'POST'
        ? create(call, state, { rows: state.routers, name: 'router' })
        : plain(call, id, { rows: state.routers, name: 'router', list: 'routers' })
    case 'ports':
      return plain(call, id, { rows: state.ports, name: 'port', list: 'ports' })
    case 'floatingips':
      return call.method === 'POST'
        ? createFloatingIp(call, state)
        : plain(call, id, { rows: state.floatingIps, name: 'floatingip', list: 'floatingips' })
    case 'security-groups':
      return {
        status: 200,
        body: {
          security_groups: [{ id: 'sg-default', name: 'default', security_group_rules: [...state.rules.values()] }],
        },
      }
    case 'security-group-rules':
      return createRule(call, state)
    case 'quotas':
      if (call.method === 'PUT') Object.assign(state.networkQuotas, part(call.body, 'quota'))
      return { status: 200, body: { quota: state.networkQuotas } }
    case 'agents':
      return { status: 200, body: { agents: state.agents } }
    default:
      return notFound
  }
}

interface Collection {
  readonly rows: Map<string, Row>
  readonly name: string
}

function plain(
  call: Call,
  id: string | undefined,
  where: Collection & { readonly list: string; readonly view?: (row: Row) => Row },
): Reply {
  const view = where.view ?? ((row: Row) => row)
  if (id === undefined) {
    const filters = [...call.query].filter(([name]) => name !== 'limit')
    const rows = [...where.rows.values()].filter((row) => filters.every(([name, value]) => fits(row[name], value)))
    return { status: 200, body: { [where.list]: rows.slice(0, Number(call.query.get('limit') ?? 1000)).map(view) } }
  }
  const found = where.rows.get(id)
  if (found === undefined) return notFound
  if (call.method === 'DELETE') {
    where.rows.delete(id)
    return { status: 204 }
  }
  if (call.method === 'PUT') Object.assign(found, part(call.body, where.name))
  return { status: 200, body: { [where.name]: view(found) } }
}

/** Neutron reads `true` and `True` alike. */
function fits(field: unknown, value: string): boolean {
  return typeof field === 'boolean' ? String(field) === value.toLowerCase() : field === value
}

function create(call: Call, state: State, where: Collection, extra: Row = {}): Reply {
  const id = state.newId()
  const made = {
    ...part(call.body, where.name),
    id,
    project_id: state.project,
    status: 'ACTIVE',
    created_at: state.now(),
    ...extra,
  }
  where.rows.set(id, made)
  return { status: 201, body: { [where.name]: made } }
}

function withSubnets(row: Row, state: State): Row {
  const subnets = [...state.subnets.values()]
    .filter((subnet) => subnet['network_id'] === row['id'])
    .map((subnet) => subnet['id'])
  return { ...row, subnets }
}

function createNetwork(call: Call, state: State): Reply {
  const physical = part(call.body, 'network')['provider:physical_network']
  const taken =
    physical !== undefined && [...state.networks.values()].some((row) => row['provider:physical_network'] === physical)
  if (taken)
    return neutronError(
      409,
      'FlatNetworkInUse',
      `Unable to create the flat network. Physical network ${String(physical)} is in use.`,
    )
  return create(call, state, { rows: state.networks, name: 'network' }, { mtu: 1442, subnets: [] })
}

function createSubnet(call: Call, state: State): Reply {
  const wish = part(call.body, 'subnet')
  const overlaps = [...state.subnets.values()].some(
    (row) => row['network_id'] === wish['network_id'] && row['cidr'] === wish['cidr'],
  )
  if (overlaps) return neutronError(400, 'InvalidInput', 'Requested subnet overlaps with another subnet.')
  return create(
    call,
    state,
    { rows: state.subnets, name: 'subnet' },
    { dns_nameservers: wish['dns_nameservers'] ?? [], allocation_pools: wish['allocation_pools'] ?? [] },
  )
}

function addInterface(call: Call, router: string, state: State): Reply {
  const subnet = Object.entries(typeof call.body === 'object' && call.body !== null ? call.body : {}).find(
    ([name]) => name === 'subnet_id',
  )?.[1]
  const taken = [...state.ports.values()].some((port) => port['device_id'] === router && port['subnet'] === subnet)
  if (taken) return neutronError(400, 'BadRequest', `Router already has a port on subnet ${String(subnet)}`)
  const id = state.newId()
  const fixed_ips = [{ subnet_id: subnet, ip_address: '10.20.0.1' }]
  state.ports.set(id, {
    id,
    device_id: router,
    device_owner: 'network:router_interface',
    status: 'ACTIVE',
    subnet,
    fixed_ips,
  })
  return { status: 200, body: { subnet_id: subnet, port_id: id } }
}

function createFloatingIp(call: Call, state: State): Reply {
  const wish = part(call.body, 'floatingip')
  if ([...state.floatingIps.values()].some((ip) => ip['port_id'] === wish['port_id']))
    return neutronError(409, 'FloatingIPPortAlreadyAssociated', 'Cannot associate: it has one.')
  return create(
    call,
    state,
    { rows: state.floatingIps, name: 'floatingip' },
    { floating_ip_address: `172.24.4.${100 + state.floatingIps.size}` },
  )
}

function createRule(call: Call, state: State): Reply {
  const rule = part(call.body, 'security_group_rule')
  const key = JSON.stringify(rule)
  if (state.rules.has(key)) return conflict('Security group rule already exists.')
  state.rules.set(key, rule)
  return { status: 201, body: { security_group_rule: rule } }
}

function neutronError(status: number, type: string, message: string): Reply {
  return { status, body: { NeutronError: { type, message, detail: '' } } }
}
