/** Keystone: password logins and the catalog. */
import { part, type Reply, type Service, type State } from './model.ts'

export const adminPassword = 'correct horse'
const types = ['identity', 'image', 'compute', 'network', 'placement', 'block-storage']
const paths: Readonly<Record<string, string>> = { compute: '/compute/v2.1', identity: '/identity/v3' }

export const identity =
  (origin: () => string): Service =>
  (call, state) => {
    if (call.path === '/auth/catalog') return { status: 200, body: { catalog: catalog(origin()) } }
    if (call.path !== '/auth/tokens' || call.method !== 'POST')
      return { status: 404, body: { error: { message: 'not found' } } }
    const password = part(part(part(part(call.body, 'auth'), 'identity'), 'password'), 'user')['password']
    return password === adminPassword
      ? login(state, origin())
      : { status: 401, body: { error: { message: 'The request you have made requires authentication.' } } }
  }

function login(state: State, origin: string): Reply {
  const id = `token-${state.newId()}`
  state.tokens.add(id)
  const token = {
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    user: { id: 'u-admin', name: 'admin' },
    project: { id: state.project, name: 'admin' },
    roles: [{ name: 'admin' }],
    catalog: catalog(origin),
  }
  return { status: 201, headers: { 'x-subject-token': id }, body: { token } }
}

function catalog(origin: string): readonly unknown[] {
  return types.map((type) => ({
    type,
    endpoints: [
      { interface: 'internal', region_id: 'RegionOne', url: 'http://internal.invalid' },
      { interface: 'public', region_id: 'RegionOne', url: `${origin}${paths[type] ?? `/${type}`}` },
    ],
  }))
}
