/** Keystone: password logins, tokens looked at by others, and the catalog. */
import { type Call, part, type Reply, type Row, type Service, type State } from './model.ts'

export const adminPassword = 'correct horse'
const types = ['identity', 'image', 'compute', 'network', 'placement', 'block-storage', 'container-infra']
const paths: Readonly<Record<string, string>> = { compute: '/compute/v2.1', identity: '/identity/v3' }

export const identity =
  (origin: () => string): Service =>
  (call, state) => {
    if (call.path === '/auth/catalog') return { status: 200, body: { catalog: catalog(origin()) } }
    if (call.path !== '/auth/tokens') return notThere
    if (call.method === 'GET') return look(call, state)
    if (call.method !== 'POST') return notThere
    const password = part(part(part(part(call.body, 'auth'), 'identity'), 'password'), 'user')['password']
    return password === adminPassword
      ? login(state, origin())
      : { status: 401, body: { error: { message: 'The request you have made requires authentication.' } } }
  }

const notThere: Reply = { status: 404, body: { error: { code: 404, title: 'Not Found', message: 'not found' } } }

/** How long Keystone still tells services about a token that has ended. */
const allowExpiredMs = 48 * 3_600_000

/** What there is to say of a token, for who may ask: nothing of one that is revoked or has ended, nor of a restricted one to who does not know restrictions. */
function look(call: Call, state: State): Reply {
  const id = String(call.headers['x-subject-token'])
  const token = state.tokens.has(id) ? state.issued.get(id) : undefined
  if (token === undefined) return notThere
  const ended = Date.now() - Date.parse(String(token['expires_at']))
  if (ended >= (call.query.get('allow_expired') === '1' ? allowExpiredMs : 0)) return notThere
  const restricted = Array.isArray(part(token, 'application_credential')['access_rules'])
  if (restricted && call.headers['openstack-identity-access-rules'] !== '1') return notThere
  return { status: 200, headers: { 'x-subject-token': id }, body: { token } }
}

function login(state: State, origin: string): Reply {
  const { id, token } = issue(state, origin, { roles: state.loginRoles.map((name) => ({ name })) })
  return { status: 201, headers: { 'x-subject-token': id }, body: { token } }
}

/** A new token: the admin's for an hour, but for what is said otherwise (undefined: the token has no such field). */
export function issue(state: State, origin: string, given: Row): { readonly id: string; readonly token: Row } {
  const id = `token-${state.newId()}`
  const token = {
    methods: ['password'],
    issued_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    user: { id: 'u-admin', name: 'admin', domain: { id: 'default', name: 'Default' } },
    project: { id: state.project, name: 'admin', domain: { id: 'default', name: 'Default' } },
    roles: [{ name: 'admin' }],
    catalog: catalog(origin),
    ...given,
  }
  state.tokens.add(id)
  state.issued.set(id, token)
  return { id, token }
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
