/** Nova. A server is built by being looked at: `buildLooks` times in BUILD, then ACTIVE or ERROR. */
import {
  type Behaviour,
  type Call,
  conflict,
  notFound,
  part,
  type Reply,
  type Row,
  type Service,
  type State,
} from './model.ts'

export const compute: Service = (call, state, behaviour) => {
  const [, collection, id, action] = call.path.split('/')
  switch (collection) {
    case 'flavors':
      return call.method === 'GET' ? flavors(call.query, state, behaviour) : flavor(call, id, state)
    case 'os-keypairs':
      return keypair(call, id, state)
    case 'os-quota-sets':
      if (call.method === 'PUT') Object.assign(state.computeQuotas, part(call.body, 'quota_set'))
      return { status: 200, body: { quota_set: state.computeQuotas } }
    case 'os-hypervisors':
      return hypervisors(behaviour)
    case 'os-services':
      return computeService(call, id, state)
    case 'servers':
      return server(call, { id, action }, state, behaviour)
    default:
      return notFound
  }
}

function flavors(query: URLSearchParams, state: State, { flavorPage }: Behaviour): Reply {
  const all = [...state.flavors.values()]
  const after = all.findIndex((one) => one['id'] === query.get('marker')) + 1
  const flavors = all.slice(after, after + flavorPage)
  const href = `http://next?marker=${flavors.at(-1)?.['id']}`
  const next = after + flavorPage < all.length ? { flavors_links: [{ rel: 'next', href }] } : {}
  return { status: 200, body: { flavors, ...next } }
}

function flavor(call: Call, id: string | undefined, state: State): Reply {
  if (call.method === 'DELETE') return state.flavors.delete(id ?? '') ? { status: 202 } : notFound
  const made = part(call.body, 'flavor')
  const key = String(made['id'])
  if (state.flavors.has(key)) return conflict(`Flavor with ID ${key} already exists.`)
  state.flavors.set(key, made)
  return { status: 200, body: { flavor: made } }
}

function keypair(call: Call, name: string | undefined, state: State): Reply {
  if (call.method === 'GET' && name !== undefined) {
    const found = state.keypairs.get(decodeURIComponent(name))
    return found === undefined ? notFound : { status: 200, body: { keypair: found } }
  }
  if (call.method === 'GET')
    return { status: 200, body: { keypairs: [...state.keypairs.values()].map((one) => ({ keypair: one })) } }
  // From microversion 2.2 on; before it, the statuses are others.
  const newer = `${call.headers['openstack-api-version'] ?? call.headers['x-openstack-nova-api-version'] ?? ''}` !== ''
  if (call.method === 'DELETE') return state.keypairs.delete(name ?? '') ? { status: newer ? 204 : 202 } : notFound
  const made = part(call.body, 'keypair')
  const key = String(made['name'])
  if (state.keypairs.has(key)) return conflict(`Key pair '${key}' already exists.`)
  const kept = { public_key: 'ssh-rsa AAAA', private_key: 'none', fingerprint: '00:00', user_id: 'u', ...made }
  state.keypairs.set(key, kept)
  return { status: newer ? 201 : 200, body: { keypair: kept } }
}

function computeService(call: Call, id: string | undefined, state: State): Reply {
  if (call.method === 'GET') return { status: 200, body: { services: [...state.computeServices.values()] } }
  const found = state.computeServices.get(id ?? '')
  if (found === undefined) return notFound
  return { status: 200, body: { service: Object.assign(found, { disabled_reason: null }, call.body) } }
}

function hypervisors(behaviour: Behaviour): Reply {
  const one = (id: string, name: string, type: string) => ({
    id,
    hypervisor_hostname: name,
    hypervisor_type: type,
    state: 'up',
    status: 'enabled',
  })
  const containers = behaviour.containerNode ? [one('rp-lxc', 'node-lxc', 'LXC')] : []
  if (behaviour.computeLooks > 0) {
    behaviour.computeLooks -= 1
    return { status: 200, body: { hypervisors: containers } }
  }
  return { status: 200, body: { hypervisors: [...containers, one('rp-1', 'node1', 'QEMU')] } }
}

function server(
  call: Call,
  at: { readonly id: string | undefined; readonly action: string | undefined },
  state: State,
  behaviour: Behaviour,
): Reply {
  if (call.method === 'POST' && at.id === undefined) return create(call.body, state, behaviour)
  if (at.id === 'detail') {
    const name = new RegExp(call.query.get('name') ?? '')
    return {
      status: 200,
      body: { servers: [...state.servers.values()].filter((one) => name.test(String(one['name']))) },
    }
  }
  const found = state.servers.get(at.id ?? '')
  if (found === undefined) return notFound
  if (call.method === 'DELETE') return remove(found, state)
  if (at.action === 'action' && part(call.body, 'os-migrateLive')['block_migration'] !== undefined)
    return liveMigration(found, behaviour)
  if (at.action === 'action') return consoleOutput(found)
  return { status: 200, body: { server: grow(found) } }
}

function create(body: unknown, state: State, behaviour: Behaviour): Reply {
  const wish = part(body, 'server')
  const flavorName = state.flavors.get(String(wish['flavorRef']))?.['name']
  const imageFound = state.images.get(String(wish['imageRef']))
  if (flavorName === undefined || imageFound === undefined)
    return { status: 400, body: { badRequest: { message: 'no such flavor or image' } } }
  const id = state.newId()
  const made = {
    id,
    name: wish['name'],
    status: 'BUILD',
    'OS-EXT-STS:task_state': 'spawning',
    'OS-EXT-SRV-ATTR:host': null,
    image: { id: wish['imageRef'] },
    flavor: { original_name: flavorName },
    metadata: wish['metadata'],
    looks: behaviour.buildLooks,
    failure: behaviour.nextServerFails,
  }
  behaviour.nextServerFails = undefined
  state.servers.set(id, made)
  const port = { id: state.newId(), device_id: id, device_owner: 'compute:nova', status: 'ACTIVE', fixed_ips: [] }
  state.ports.set(port.id, port)
  return { status: 202, body: { server: { id } } }
}

/** It has ended after one look; without another node it is back where it was. */
function liveMigration(found: Row, { nextNode }: Behaviour): Reply {
  if (found['status'] !== 'ACTIVE') return conflict('Cannot os-migrateLive while it is not active')
  Object.assign(found, { 'OS-EXT-STS:task_state': 'migrating', status: 'MIGRATING', movesTo: nextNode })
  return { status: 202 }
}

function grow(found: Row): Row {
  if (found['status'] === 'MIGRATING') {
    const host = found['movesTo'] ?? found['OS-EXT-SRV-ATTR:host']
    return Object.assign(found, { status: 'ACTIVE', 'OS-EXT-STS:task_state': null, 'OS-EXT-SRV-ATTR:host': host })
  }
  const left = Number(found['looks'])
  if (found['status'] !== 'BUILD') return found
  if (left > 0) return Object.assign(found, { looks: left - 1 })
  const failure = found['failure']
  Object.assign(found, { 'OS-EXT-STS:task_state': null, 'OS-EXT-SRV-ATTR:host': 'node1' })
  if (failure === undefined) return Object.assign(found, { status: 'ACTIVE' })
  return Object.assign(found, { status: 'ERROR', fault: { message: failure } })
}

function remove(found: Row, state: State): Reply {
  state.servers.delete(String(found['id']))
  for (const [id, port] of state.ports) if (port['device_id'] === found['id']) state.ports.delete(id)
  return { status: 204 }
}

function consoleOutput(found: Row): Reply {
  const output = found['status'] === 'ACTIVE' ? 'GUEST-BOOTED 3.9\nGUEST-METADATA i-00000001 5.8\n' : ''
  return { status: 200, body: { output } }
}
