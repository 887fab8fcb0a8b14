/** Magnum: cluster templates. Those that clusters are made of can be renamed and no more. */
import { notFound, type Reply, type Row, type Service, type State } from './model.ts'

export const containerInfra: Service = (call, state) => {
  const [, what, id] = call.path.split('/')
  if (what !== 'clustertemplates') return notFound
  const templates = state.clusterTemplates
  if (id === undefined)
    return call.method === 'POST'
      ? create(call.body as Row, state)
      : { status: 200, body: { clustertemplates: [...templates.values()] } }
  const found = templates.get(id)
  if (found === undefined) return notFound
  if (call.method === 'PATCH') return patch(found, call.body as readonly Row[], state)
  if (call.method !== 'DELETE') return { status: 200, body: found }
  if (found['in_use'] === true) return refusal
  templates.delete(id)
  return { status: 204 }
}

const refusal: Reply = { status: 400, body: { errors: [{ detail: 'ClusterTemplate is referenced by clusters.' }] } }

function create(body: Row, state: State): Reply {
  const uuid = state.newId()
  const made = { tags: null, ...body, uuid, project_id: state.project, updated_at: null }
  state.clusterTemplates.set(uuid, made)
  return { status: 201, body: made }
}

function patch(found: Row, changes: readonly Row[], state: State): Reply {
  for (const { path, value } of changes) {
    const name = String(path).slice(1)
    if (found['in_use'] === true && name !== 'name') return refusal
    found[name] = value
  }
  found['updated_at'] = state.now()
  return { status: 200, body: found }
}
