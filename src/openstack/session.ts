/**
 * A Keystone session: one token for many calls, endpoints from its catalog, calls that are made again while a service starts.
 * Contract of a call: it returns an answer with an awaited status, or throws a CroqueError that names the call.
 */
import type { LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { CroqueError } from '../errors/index.ts'
import type { Login } from './credentials.ts'
import { CallError } from './failure.ts'
import { Fields } from './fields.ts'
import { type Dial, type Exchanged, type Transport, TransportError, transport } from './http.ts'
import { pause } from './pause.ts'
import { parseCatalog, parseToken, type ServiceCatalog, type Token } from './token.ts'

export type Interface = 'public' | 'internal' | 'admin'

export interface ConnectOptions extends Login {
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

export function session(options: ConnectOptions): Session {
  const wires = transport({ timeoutMs: 60_000, ...options })
  const identity = identityUrl(options.authUrl)
  let token: Promise<Token> | undefined
  let newerCatalog: ServiceCatalog | undefined

  const login = (): Promise<Token> => {
    newerCatalog = undefined
    const fresh = authenticate(wires, identity, options)
    token = fresh
    // A failed login is not remembered: the next call tries again.
    fresh.catch(() => {
      if (token === fresh) token = undefined
    })
    return fresh
  }
  const valid = async (): Promise<Token> => {
    const current = await (token ?? login())
    if (current.expiresAt.getTime() - Date.now() > renewBeforeMs) return current
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
        if (!(error instanceof CallError) || error.status !== 401 || request.stream !== undefined) throw error
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
  options: ConnectOptions,
  target: Target,
  request: RequestOptions,
): Promise<Answer> {
  const hide = hider([options.password, ...(target.token === undefined ? [] : [target.token])])
  const answer = await persist(options, target, request, () =>
    wires.send({
      method: target.method,
      url: new URL(target.url),
      headers: {
        accept: 'application/json',
        'user-agent': 'croque',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(target.token === undefined ? {} : { 'x-auth-token': target.token }),
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
  options: ConnectOptions,
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
  const scope = { project: { name: options.project, domain: { name: options.projectDomain ?? 'Default' } } }
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

function findEndpoint(catalog: ServiceCatalog, service: string, options: ConnectOptions): string | undefined {
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
