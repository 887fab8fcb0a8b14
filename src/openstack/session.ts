/**
 * A Keystone session: one token for many calls, endpoints from its catalog, calls that are made again while a service starts.
 * Contract of a call: it returns an answer with an awaited status, or throws a CroqueError that names the call.
 */
import type { LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { CroqueError } from '../errors/index.ts'
import type { Login } from './credentials.ts'
import { CallError, statusOf } from './failure.ts'
import { Fields } from './fields.ts'
import { type Dial, type Exchanged, type Transport, TransportError, transport } from './http.ts'
import { pause } from './pause.ts'
import { parseCatalog, parseToken, type ServiceCatalog, type Token } from './token.ts'

export type Interface = 'public' | 'internal' | 'admin'

/** How a cloud is reached. */
interface CloudOptions {
  /** Keystone's URL, with or without `/v3`. */
  readonly authUrl: string
  /** Endpoints of this region only; default any. */
  readonly region?: string
  /** @default 'public' */
  readonly interface?: Interface
  /** PEM text of the CA behind the endpoints' certificates. */
  readonly ca?: string
  /** Longest silence on a connection, in milliseconds. @default 60000 (the first call to a cold worker takes many seconds) */
  readonly timeoutMs?: number
  /** How long a call is made again while nobody answers or a proxy says 502, 503 or 504, in milliseconds. @default 30000 */
  readonly retryMs?: number
  readonly signal?: AbortSignal
  /** Addresses of host names, in place of the system's; as `dns.lookup`. */
  readonly lookup?: LookupFunction
  /** Makes the connections to `https` addresses, in place of the system's. */
  readonly dial?: Dial
}

export interface ConnectOptions extends CloudOptions, Login {
  /** What the token is for, in place of the project of that name. */
  readonly scope?: { readonly projectId: string } | { readonly domain: string }
}

/** With a token that somebody else has made: it is used as it is, and never renewed. */
/** What Keystone answered about other people's tokens: the body of `GET /auth/tokens` by token. */
interface KnownTokens {
  readonly get: (token: string) => unknown
  readonly note: (token: string, answer: unknown) => void
}

interface BorrowOptions extends CloudOptions {
  readonly token: string
  /** Shown beside it: says that a service forwards what the token's owner asked it for. */
  readonly serviceToken: () => Promise<string | undefined>
  /** Shared by all who borrow. */
  readonly known: KnownTokens
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface RequestOptions {
  /** Sent as JSON. */
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is, in chunks; such a call is never made twice. */
  readonly stream?: Readable
  /** Statuses that are returned. @default every 2xx */
  readonly okStatus?: readonly number[]
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON, or undefined for an empty body or another type. */
  readonly body: unknown
}

export interface Session {
  /** A token that is good for another minute at least; made at the first use. */
  readonly token: () => Promise<Token>
  /** A call below the service's endpoint; `path` begins with `/`. */
  readonly request: (service: string, method: Method, path: string, options?: RequestOptions) => Promise<Answer>
  /** GET of a page that needs no token and is no service's API; returns its status, and throws unless that is 2xx. */
  readonly page: (url: string) => Promise<number>
  readonly close: () => void
  readonly signal: AbortSignal | undefined
}

const renewBeforeMs = 60_000

/** Connections; closing a session closes them. */
export const wiresTo = (options: Omit<CloudOptions, 'authUrl'>): Transport =>
  transport({ timeoutMs: 60_000, ...options })

export function session(options: ConnectOptions | BorrowOptions, wires = wiresTo(options)): Session {
  const identity = identityUrl(options.authUrl)
  let token: Promise<Token> | undefined
  let newerCatalog: ServiceCatalog | undefined

  const login = (): Promise<Token> => {
    newerCatalog = undefined
    const fresh = 'token' in options ? described(wires, identity, options) : authenticate(wires, identity, options)
    token = fresh
    // A failed login is not remembered: the next call tries again.
    fresh.catch(() => {
      if (token === fresh) token = undefined
    })
    return fresh
  }
  const valid = async (): Promise<Token> => {
    const current = await (token ?? login())
    if ('token' in options || current.expiresAt.getTime() - Date.now() > renewBeforeMs) return current
    return login()
  }
  const endpoint = async (service: string): Promise<string> => {
    if (service === 'identity') return identity
    const current = await valid()
    const known = findEndpoint(newerCatalog ?? current.catalog, service, options)
    if (known !== undefined) return known
    // The service may have been registered after the token was made.
    const answer = await call(
      wires,
      options,
      { method: 'GET', url: `${identity}/auth/catalog`, name: 'GET identity /auth/catalog', token: current.id },
      {},
    )
    newerCatalog = parseCatalog(new Fields(answer.body, 'GET identity /auth/catalog'))
    const found = findEndpoint(newerCatalog, service, options)
    if (found !== undefined) return found
    throw new CroqueError('openstack-endpoint-missing', {
      what: `the service catalog has no ${options.interface ?? 'public'} endpoint of type ${service}`,
      why: `it has: ${newerCatalog.map((entry) => entry.type).join(', ') || 'nothing'}`,
    })
  }

  return {
    token: valid,
    close: wires.close,
    signal: options.signal,
    page: async (url) => {
      const name = `GET ${new URL(url).pathname}`
      return (await call(wires, options, { method: 'GET', url, name }, { headers: { accept: '*/*' } })).status
    },
    request: async (service, method, path, request = {}) => {
      const target = {
        method,
        url: `${await endpoint(service)}${path}${queryText(request.query)}`,
        name: `${method} ${service} ${path}`,
      }
      const used = await valid()
      try {
        return await call(wires, options, { ...target, token: used.id }, request)
      } catch (error) {
        if (statusOf(error) !== 401 || request.stream !== undefined || 'token' in options) throw error
        if ((await token)?.id === used.id) token = undefined
        return call(wires, options, { ...target, token: (await valid()).id }, request)
      }
    },
  }
}

interface Target {
  readonly method: Method
  readonly url: string
  /** The call for people: `GET compute /servers`. */
  readonly name: string
  readonly token?: string
  /** Making it twice is harmless although it is a POST. */
  readonly repeatable?: boolean
}

async function call(
  wires: Transport,
  options: ConnectOptions | BorrowOptions,
  target: Target,
  request: RequestOptions,
): Promise<Answer> {
  const serviceToken = 'token' in options && target.token !== undefined ? await options.serviceToken() : undefined
  const secrets = ['password' in options ? options.password : options.token, target.token, serviceToken]
  const hide = hider(secrets.filter((secret) => secret !== undefined))
  const answer = await persist(options, target, request, () =>
    wires.send({
      method: target.method,
      url: new URL(target.url),
      headers: {
        accept: 'application/json',
        'user-agent': 'croque',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(target.token === undefined ? {} : { 'x-auth-token': target.token }),
        ...(serviceToken === undefined ? {} : { 'x-service-token': serviceToken }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(request.stream === undefined ? {} : { body: request.stream }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }),
  )
  const awaited =
    request.okStatus === undefined
      ? answer.status >= 200 && answer.status < 300
      : request.okStatus.includes(answer.status)
  if (!awaited) throw new CallError(target.name, answer, hide)
  return { status: answer.status, headers: answer.headers, body: json(answer) }
}

/** Makes the exchange again while the service is not there, as long as that cannot do the same thing twice. */
async function persist(
  options: CloudOptions,
  target: Target,
  request: RequestOptions,
  send: () => Promise<Exchanged>,
): Promise<Exchanged> {
  const end = Date.now() + (options.retryMs ?? 30_000)
  for (let delay = 200; ; delay = Math.min(delay * 1.6, 2000)) {
    const outcome = await send().catch((error: unknown) => {
      if (error instanceof TransportError) return error
      throw error
    })
    if (Date.now() + delay > end || !mayRepeat(outcome, target, request)) {
      if (outcome instanceof TransportError) throw unreachable(target, outcome)
      return outcome
    }
    await pause(delay, options.signal)
  }
}

/** A 503 and a connection that was never made did nothing; after the others a POST may have been carried out. */
function mayRepeat(outcome: Exchanged | TransportError, target: Target, request: RequestOptions): boolean {
  if (request.stream !== undefined) return false
  const harmless = target.repeatable === true || target.method !== 'POST'
  if (outcome instanceof TransportError) return (outcome.unsent || harmless) && !isHopeless(outcome)
  if (request.okStatus?.includes(outcome.status)) return false
  return outcome.status === 503 || (harmless && (outcome.status === 502 || outcome.status === 504))
}

/** A certificate that is not trusted stays so. */
function isHopeless(error: TransportError): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO/.test(error.code)
}

function unreachable(target: Target, error: TransportError): CroqueError {
  const { host, pathname } = new URL(target.url)
  return new CroqueError('openstack-unreachable', {
    what: `${target.name} got no answer from ${host}${pathname}`,
    why: `${error.code}: ${error.message}`,
    cause: error,
  })
}

async function authenticate(wires: Transport, identity: string, options: ConnectOptions): Promise<Token> {
  const password = {
    user: { name: options.username, domain: { name: options.userDomain ?? 'Default' }, password: options.password },
  }
  const scope = scopeOf(options)
  const target: Target = {
    method: 'POST',
    url: `${identity}/auth/tokens`,
    name: 'POST identity /auth/tokens',
    repeatable: true,
  }
  const answer = await call(wires, options, target, {
    body: { auth: { identity: { methods: ['password'], password }, scope } },
  }).catch((error: unknown) => {
    if (!(error instanceof CallError) || error.status !== 401) throw error
    throw new CroqueError('openstack-login-refused', {
      what: `Keystone refused user ${options.username} for project ${options.project}`,
      ...(error.why === undefined ? {} : { why: error.why }),
      cause: error,
    })
  })
  return parseToken(answer.headers['x-subject-token'] ?? '', answer.body)
}

function scopeOf({ scope, project, projectDomain = 'Default' }: ConnectOptions): object {
  if (scope === undefined) return { project: { name: project, domain: { name: projectDomain } } }
  return 'domain' in scope ? { domain: { name: scope.domain } } : { project: { id: scope.projectId } }
}

/** What there is to say of a token that was given. */
async function described(wires: Transport, identity: string, options: BorrowOptions): Promise<Token> {
  const known = options.known.get(options.token)
  const answer = known ?? (await lookAt(wires, identity, options))
  if (!new Fields(answer, lookName).object('token').isObject('project'))
    throw new CroqueError('openstack-login-refused', { what: 'the token is of no project' })
  const token = parseToken(options.token, answer)
  if (known === undefined) options.known.note(token.id, answer)
  return token
}

const lookName = 'GET identity /auth/tokens'

async function lookAt(wires: Transport, identity: string, options: BorrowOptions): Promise<unknown> {
  const target: Target = { method: 'GET', url: `${identity}/auth/tokens`, name: lookName, token: options.token }
  const answer = await call(wires, options, target, {
    headers: { 'x-subject-token': options.token, 'openstack-identity-access-rules': '1' },
  }).catch((error: unknown) => {
    const status = statusOf(error)
    if (status !== 401 && status !== 404) throw error
    throw new CroqueError('openstack-login-refused', { what: 'Keystone refused a token', cause: error })
  })
  return answer.body
}

function findEndpoint(catalog: ServiceCatalog, service: string, options: CloudOptions): string | undefined {
  const wanted = options.interface ?? 'public'
  const url = catalog
    .filter((entry) => entry.type === service)
    .flatMap((entry) => entry.endpoints)
    .find(
      (endpoint) =>
        endpoint.interface === wanted && (options.region === undefined || endpoint.region === options.region),
    )?.url
  return url?.replace(/\/+$/, '')
}

function identityUrl(authUrl: string): string {
  const url = authUrl.replace(/\/+$/, '')
  return url.endsWith('/v3') ? url : `${url}/v3`
}

function queryText(query: RequestOptions['query']): string {
  return query === undefined ? '' : `?${new URLSearchParams(query).toString()}`
}

function json(answer: Exchanged): unknown {
  if (answer.text === '' || !(answer.headers['content-type'] ?? '').includes('json')) return undefined
  try {
    return JSON.parse(answer.text)
  } catch {
    return undefined
  }
}

function hider(secrets: readonly string[]): (text: string) => string {
  return (text) =>
    secrets.filter((secret) => secret.length > 3).reduce((hidden, secret) => hidden.replaceAll(secret, '…'), text)
}
