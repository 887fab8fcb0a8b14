/** What each service says at its root, for clients that ask which versions it has. */
import type { Call, Reply } from './model.ts'

/** Undefined for any other call. Nobody needs a token for it. */
export function versions(call: Call, origin: string): Reply | undefined {
  if (call.method !== 'GET' || call.path !== '/') return undefined
  const of = (id: string, path: string, more: object = {}): object => ({
    id,
    status: 'CURRENT',
    links: [{ rel: 'self', href: `${origin}${path}` }],
    ...more,
  })
  switch (call.service) {
    case 'image':
      return { status: 300, body: { versions: [of('v2.17', '/image/v2/')] } }
    case 'network':
      return { status: 200, body: { versions: [of('v2.0', '/network/v2.0/')] } }
    case 'compute':
      return { status: 200, body: { version: of('v2.1', '/compute/v2.1/', { version: '2.1', min_version: '2.1' }) } }
    default:
      return undefined
  }
}
