/** Glance v2. */
import { conflict, notFound, type Reply, type Service, type State } from './model.ts'

export const image: Service = (call, state, behaviour) => {
  const [, , collection, id, file] = call.path.split('/')
  if (collection === 'schemas') return schema
  if (id === undefined) return call.method === 'POST' ? create(call.body, state) : list(call.query, state)
  const found = state.images.get(id)
  if (found === undefined) return notFound
  if (file === 'file' && behaviour.lostUploads-- > 0) return remove(id, state, notFound)
  if (file === 'file') return behaviour.failedUploads-- > 0 ? { status: 500 } : upload(found, call.bytes)
  if (call.method === 'PATCH') {
    found['os_hidden'] = true
    return { status: 200, body: found }
  }
  return call.method === 'DELETE' ? remove(id, state, { status: 204 }) : { status: 200, body: found }
}

function remove(id: string, state: State, reply: Reply): Reply {
  state.images.delete(id)
  state.deletedImages.add(id)
  return reply
}

/** Glance's own client reads images by their schema; any property is a text. */
const schema: Reply = {
  status: 200,
  body: { name: 'image', properties: {}, additionalProperties: { type: 'string' } },
}

function list(query: URLSearchParams, state: State): Reply {
  const hidden = query.get('os_hidden') === 'true'
  const filters = [...query].filter(([name]) => name !== 'limit' && name !== 'os_hidden')
  const images = [...state.images.values()].filter(
    (one) => one['os_hidden'] === hidden && filters.every(([name, value]) => one[name] === value),
  )
  return { status: 200, body: { images } }
}

function create(body: unknown, state: State): Reply {
  const given = typeof body === 'object' && body !== null ? { ...body } : {}
  const id = 'id' in given ? String(given.id) : state.newId()
  if (state.images.has(id) || state.deletedImages.has(id)) return conflict(`Image ID ${id} already exists!`)
  const made = { ...given, id, status: 'queued', os_hidden: false, size: null }
  state.images.set(id, made)
  return { status: 201, body: made }
}

/** The transport puts the image into `saving` while bytes come. */
function upload(found: Record<string, unknown>, bytes: number): Reply {
  if (found['status'] !== 'queued') return conflict('Image status transition from saving to saving is not allowed')
  found['status'] = 'active'
  found['size'] = bytes
  return { status: 204 }
}
