/** Cinder v3: types, and volumes that settle when they are looked at. */
import { conflict, notFound, part, type Reply, type Row, type Service, type State } from './model.ts'

export const volume: Service = (call, state, behaviour) => {
  const [, what, id, below] = call.path.split('/')
  if (what === 'os-services') return services(behaviour.volumeLooks-- > 0)
  if (what === 'types') return types(call.method, { id, below, body: call.body }, state)
  if (what !== 'volumes') return notFound
  if (call.method === 'POST') return create(call.body, state)
  if (id === 'detail') {
    const name = call.query.get('name')
    return { status: 200, body: { volumes: [...state.volumes.values()].filter((row) => row['name'] === name) } }
  }
  const found = state.volumes.get(id ?? '')
  if (found === undefined) return notFound
  if (call.method === 'DELETE') {
    found['status'] = 'deleting'
    return { status: 202 }
  }
  return look(found, state, behaviour.volumeFails)
}

const services = (away: boolean): Reply => ({
  status: 200,
  body: { services: [{ binary: 'cinder-volume', host: 'node1@ceph', state: away ? 'down' : 'up' }] },
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
  const made: Row = { ...part(body, 'volume_type'), id: state.newId() }
  if ([...state.volumeTypes.values()].some((row) => row['name'] === made['name'])) return conflict('type exists')
  state.volumeTypes.set(String(made['id']), made)
  return { status: 200, body: { volume_type: made } }
}
