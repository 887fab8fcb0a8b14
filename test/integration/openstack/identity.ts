/** What tests ask of a Keystone: projects, users, roles, tokens, application credentials and trusts, each in one call. */
import { randomBytes } from 'node:crypto'

export interface PasswordLogin {
  readonly authUrl: string
  readonly user: string
  readonly password: string
  /** Name of the user's domain, and of the project's. */
  readonly domain: string
  /** Name of a project, or `system` for the whole system. Absent: the token has no scope. */
  readonly project?: string
}

export interface Project {
  readonly id: string
  readonly name: string
}

export interface User {
  readonly id: string
  readonly name: string
  readonly password: string
}

export interface UserWish {
  readonly domain?: string
  readonly project?: string
  readonly roles?: readonly RoleName[]
}

/** Roles that a Keystone has from its bootstrap. */
export type RoleName = 'admin' | 'manager' | 'member' | 'reader' | 'service'

export interface Grant {
  readonly user: string
  readonly role: string
  /** Id of a project, or `{ domain }`, or `system`. */
  readonly on: string | { readonly domain: string } | 'system'
}

export interface ApplicationCredential {
  readonly id: string
  readonly secret: string
}

export interface Identity {
  /** Any call of the API as the administrator; `path` begins with `/` below `/v3`. Throws unless the status is 2xx. */
  readonly call: (method: string, path: string, body?: unknown, token?: string) => Promise<unknown>
  readonly createProject: (name: string, domain?: string) => Promise<Project>
  /** A user of the domain (by id, default the default one), with these roles on the project. */
  readonly createUser: (name: string, wish?: UserWish) => Promise<User>
  readonly createDomain: (name: string) => Promise<Project>
  readonly grant: (grant: Grant) => Promise<void>
  readonly revoke: (grant: Grant) => Promise<void>
  readonly roleId: (name: string) => Promise<string>
  /** A token of a user of the default domain. */
  readonly tokenOf: (user: { readonly name: string; readonly password: string }, project?: string) => Promise<string>
  /** A token of whatever the body of `POST /auth/tokens` says. */
  readonly tokenBy: (auth: unknown) => Promise<string>
  readonly revokeToken: (token: string) => Promise<void>
  /** What Keystone says of a token: `GET /auth/tokens`. */
  readonly describe: (token: string) => Promise<Readonly<Record<string, unknown>>>
  /** Made by the owner of the token, for its project, with the roles (default: all that the token has). */
  readonly createApplicationCredential: (
    token: string,
    wish?: {
      readonly roles?: readonly string[]
      readonly unrestricted?: boolean
      readonly accessRules?: readonly unknown[]
    },
  ) => Promise<ApplicationCredential>
  readonly applicationCredentialToken: (credential: ApplicationCredential) => Promise<string>
  /** Id of a trust in which the owner of the token lets the trustee act for him. */
  readonly createTrust: (token: string, trustee: string, roles: readonly string[]) => Promise<string>
  readonly trustToken: (trustee: User, trust: string) => Promise<string>
  /** A service of the catalog with one URL for all interfaces; called again, it moves the service there. */
  readonly offer: (type: string, url: string) => Promise<void>
}

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** One token of the administrator serves all calls: a test takes less than an hour. */
export function identityAt(admin: PasswordLogin, region: string): Identity {
  let own: Promise<string> | undefined
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    token?: string,
    subject?: string,
  ): Promise<Reply> => {
    const response = await fetch(`${admin.authUrl}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { 'x-auth-token': token }),
        ...(subject === undefined ? {} : { 'x-subject-token': subject }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  const tokenBy = async (auth: unknown): Promise<string> =>
    (await send('POST', '/auth/tokens', { auth })).headers.get('x-subject-token') ?? ''
  const ours = async (): Promise<string> => {
    own ??= tokenBy(passwordAuth(admin))
    return await own
  }
  const call = async (method: string, path: string, body?: unknown, token?: string): Promise<unknown> =>
    (await send(method, path, body, token ?? (await ours()))).body
  const describe = async (token: string): Promise<Row> =>
    rowOf((await send('GET', '/auth/tokens', undefined, await ours(), token)).body, 'token')
  const one = async (method: string, path: string, name: string, body?: unknown, token?: string): Promise<Row> =>
    rowOf(await call(method, path, body === undefined ? undefined : { [name]: body }, token), name)
  const roleId = async (name: string): Promise<string> => {
    const [found] = rowsOf(await call('GET', `/roles?name=${encodeURIComponent(name)}`), 'roles')
    return found === undefined ? text(await one('POST', '/roles', 'role', { name }), 'id') : text(found, 'id')
  }
  const placeOf = async ({ user, role, on }: Grant): Promise<string> => {
    const where = on === 'system' ? 'system' : typeof on === 'string' ? `projects/${on}` : `domains/${on.domain}`
    return `/${where}/users/${user}/roles/${await roleId(role)}`
  }
  const named = (login: { readonly name: string; readonly password: string }, project?: string): PasswordLogin => ({
    authUrl: admin.authUrl,
    user: login.name,
    password: login.password,
    domain: 'Default',
    ...(project === undefined ? {} : { project }),
  })
  const grant = async (wish: Grant): Promise<void> => void (await call('PUT', await placeOf(wish)))

  return {
    call,
    describe,
    roleId,
    tokenBy,
    grant,
    revoke: async (wish) => void (await call('DELETE', await placeOf(wish))),
    createProject: async (name, domain = 'default') => {
      const made = await one('POST', '/projects', 'project', { name, domain_id: domain })
      return { id: text(made, 'id'), name }
    },
    createDomain: async (name) => ({ id: text(await one('POST', '/domains', 'domain', { name }), 'id'), name }),
    createUser: async (name, wish = {}) => {
      const password = randomBytes(12).toString('hex')
      const domain = wish.domain ?? 'default'
      const id = text(await one('POST', '/users', 'user', { name, password, domain_id: domain }), 'id')
      for (const role of wish.roles ?? []) await grant({ user: id, role, on: wish.project ?? '' })
      return { id, name, password }
    },
    tokenOf: async (user, project) => await tokenBy(passwordAuth(named(user, project))),
    revokeToken: async (token) => void (await send('DELETE', '/auth/tokens', undefined, await ours(), token)),
    createApplicationCredential: async (token, wish = {}) => {
      const user = text(rowOf(await describe(token), 'user'), 'id')
      const made = await one(
        'POST',
        `/users/${user}/application_credentials`,
        'application_credential',
        {
          name: randomBytes(6).toString('hex'),
          unrestricted: wish.unrestricted ?? false,
          ...(wish.roles === undefined ? {} : { roles: wish.roles.map((role) => ({ name: role })) }),
          ...(wish.accessRules === undefined ? {} : { access_rules: wish.accessRules }),
        },
        token,
      )
      return { id: text(made, 'id'), secret: text(made, 'secret') }
    },
    applicationCredentialToken: async (credential) =>
      await tokenBy({ identity: { methods: ['application_credential'], application_credential: credential } }),
    createTrust: async (token, trustee, roles) => {
      const said = await describe(token)
      const wish = {
        trustor_user_id: text(rowOf(said, 'user'), 'id'),
        trustee_user_id: trustee,
        project_id: text(rowOf(said, 'project'), 'id'),
        impersonation: true,
        roles: roles.map((role) => ({ name: role })),
      }
      return text(await one('POST', '/OS-TRUST/trusts', 'trust', wish, token), 'id')
    },
    trustToken: async (trustee, trust) =>
      await tokenBy({ ...passwordAuth(named(trustee)), scope: { 'OS-TRUST:trust': { id: trust } } }),
    offer: async (type, url) => {
      const [known] = rowsOf(await call('GET', `/services?type=${type}`), 'services')
      const service = text(known ?? (await one('POST', '/services', 'service', { type, name: type })), 'id')
      for (const old of rowsOf(await call('GET', `/endpoints?service_id=${service}`), 'endpoints'))
        await call('DELETE', `/endpoints/${text(old, 'id')}`)
      for (const face of ['public', 'internal', 'admin'])
        await one('POST', '/endpoints', 'endpoint', { service_id: service, interface: face, url, region_id: region })
    },
  }
}

/** The `auth` of `POST /auth/tokens`. */
function passwordAuth(login: PasswordLogin): Readonly<Record<string, unknown>> {
  const domain = { name: login.domain }
  const identity = {
    methods: ['password'],
    password: { user: { name: login.user, domain, password: login.password } },
  }
  if (login.project === undefined) return { identity }
  if (login.project === 'system') return { identity, scope: { system: { all: true } } }
  return { identity, scope: { project: { name: login.project, domain } } }
}

type Row = Readonly<Record<string, unknown>>

function rowOf(body: unknown, name: string): Row {
  const found = isRow(body) ? body[name] : undefined
  if (!isRow(found)) throw new Error(`no ${name} in ${JSON.stringify(body)}`)
  return found
}

function rowsOf(body: unknown, name: string): readonly Row[] {
  const found = isRow(body) ? body[name] : undefined
  if (!Array.isArray(found)) throw new Error(`no ${name} in ${JSON.stringify(body)}`)
  return found.filter(isRow)
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)

function text(row: Row, name: string): string {
  const found = row[name]
  if (typeof found !== 'string') throw new Error(`no ${name} in ${JSON.stringify(row)}`)
  return found
}
