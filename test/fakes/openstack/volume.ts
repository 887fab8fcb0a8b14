/** Cinder v3: types with limits, and volumes that settle when they are looked at. */
import { type Call, conflict, notFound, part, type Reply, type Row, type Service, type State } from './model.ts'

export const volume: Service = (call, state, behaviour) => {
  const [, what, id, below] = call.path.split('/')
  if (what === 'os-services') return services(behaviour.volumeLooks-- > 0)
  if (what === 'scheduler-stats') return pools(behaviour.poolLooks-- > 0)
  if (what === 'types') return types(call.method, { id, below, body: call.body }, state)
  if (what === 'qos-specs') return limits(call, { id, below }, state)
  if (what !== 'volumes') return notFound
  if (call.method === 'POST') return create(call.body, state)
  if (id === 'detail') {
    const name = call.query.get('name')
    return {
      status: 200,
      body: { volumes: [...state.volumes.values()].filter((row) => name === null || row['name'] === name) },
    }
  }
  const found = state.volumes.get(id ?? '')
  if (found === undefined) return notFound
  if (call.method === 'DELETE') {
    found['status'] = 'deleting'
    return { status: 202 }
  }
  return look(found, state, behaviour.volumeFails || behaviour.poolLooks > 0)
}

const services = (away: boolean): Reply => ({
  status: 200,
  body: { services: [{ binary: 'cinder-volume', host: 'node1@ceph', state: away ? 'down' : 'up' }] },
})

const pools = (unheard: boolean): Reply => ({
  status: 200,
  body: { pools: unheard ? [] : [{ name: 'node1@ceph#ceph' }] },
})

function look(found: Row, state: State, fails: boolean): Reply {
  if (found['status'] === 'deleting') {
    state.volumes.delete(String(found['id']))
    return notFound
  }
  if (found['status'] === 'creating') found['status'] = fails ? 'error' : 'available'
  return { status: 200, body: { volume: found } }
}

function create(body: unknown, state: State): Reply {
  const id = state.newId()
  const made = { ...part(body, 'volume'), id, status: 'creating' }
  state.volumes.set(id, made)
  return { status: 202, body: { volume: { ...made } } }
}

interface TypeCall {
  readonly id: string | undefined
  readonly below: string | undefined
  readonly body: unknown
}

function types(method: string, { id, below, body }: TypeCall, state: State): Reply {
  if (method === 'GET') return { status: 200, body: { volume_types: [...state.volumeTypes.values()] } }
  if (below === 'extra_specs') {
    const found = state.volumeTypes.get(id ?? '')
    if (found === undefined) return notFound
    found['extra_specs'] = { ...part(found, 'extra_specs'), ...part(body, 'extra_specs') }
    return { status: 200, body: { extra_specs: found['extra_specs'] } }
  }
  if (method === 'DELETE') {
    const used = [...state.volumes.values()].some(
      (row) => row['volume_type'] === state.volumeTypes.get(id ?? '')?.['name'],
    )
    if (used) return { status: 400, body: { badRequest: { message: 'in use' } } }
    return state.volumeTypes.delete(id ?? '') ? { status: 202 } : notFound
  }
  if (method === 'PUT') {
    const found = state.volumeTypes.get(id ?? '')
    if (found === undefined) return notFound
    Object.assign(found, part(body, 'volume_type'))
    return { status: 200, body: { volume_type: found } }
  }
  const { 'os-volume-type-access:is_public': isPublic = true, ...given } = part(body, 'volume_type')
  const made: Row = { ...given, is_public: isPublic, qos_specs_id: null, id: state.newId() }
  if ([...state.volumeTypes.values()].some((row) => row['name'] === made['name'])) return conflict('type exists')
  state.volumeTypes.set(String(made['id']), made)
  return { status: 200, body: { volume_type: made } }
}

/** As Cinder: `consumer` beside the specs in what is sent, and apart from them in what is told. */
function limits(
  { method, body, query }: Call,
  { id, below }: Pick<TypeCall, 'id' | 'below'>,
  { volumeQos, volumeTypes, newId }: State,
): Reply {
  if (method === 'POST') {
    const { name, consumer, ...specs } = part(body, 'qos_specs')
    const made: Row = { id: newId(), name, consumer, specs }
    volumeQos.set(String(made['id']), made)
    return { status: 200, body: { qos_specs: made } }
  }
  if (id === undefined) return { status: 200, body: { qos_specs: [...volumeQos.values()] } }
  const found = volumeQos.get(id)
  if (found === undefined) return notFound
  const specs = found['specs'] as Row
  if (method === 'DELETE') {
    volumeQos.delete(id)
    for (const type of volumeTypes.values()) if (type['qos_specs_id'] === id) type['qos_specs_id'] = null
    return { status: 202 }
  }
  if (below === 'associate') {
    const type = volumeTypes.get(query.get('vol_type_id') ?? '')
    if (type === undefined) return notFound
    type['qos_specs_id'] = id
    return { status: 202 }
  }
  if (below === 'delete_keys') {
    for (const key of (body as { keys: readonly string[] }).keys) Reflect.deleteProperty(specs, key)
    return { status: 202 }
  }
  const { consumer = found['consumer'], ...more } = part(body, 'qos_specs')
  Object.assign(found, { consumer, specs: { ...specs, ...more } })
  return { status: 200, body: { qos_specs: found } }
}
