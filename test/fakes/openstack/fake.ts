/**
 * An OpenStack in this process: Keystone, Glance, Nova, Neutron, Cinder, Placement and Magnum as far as croque's client uses them, with state,
 * counted calls and faults. Serves plain HTTP, or HTTPS when given a certificate, behind one address with path prefixes.
 */
import { createHash } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { compute } from './compute.ts'
import { containerInfra } from './container-infra.ts'
import { adminPassword, identity, issue } from './identity.ts'
import { image } from './image.ts'
import type { Behaviour, Call, Reply, Row, Service, State } from './model.ts'
import { network } from './network.ts'
import { placement } from './placement.ts'
import { versions } from './versions.ts'
import { volume } from './volume.ts'

export interface FakeOpenStack {
  readonly origin: string
  readonly authUrl: string
  readonly password: string
  readonly state: State
  readonly behaviour: Behaviour
  /** Every call that was carried out, in order. */
  readonly calls: readonly Call[]
  /** Calls that may have changed something: all but GET, logins and looking at a console. */
  readonly writes: () => readonly Call[]
  /** A token of whomever, as Keystone would describe it; without anything said, the admin's for an hour. */
  readonly issue: (token?: Row) => string
  readonly close: () => Promise<void>
}

export interface FakeOptions {
  /** Makes ids different from run to run. @default 1 */
  readonly seed?: number
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Tokens come from a Keystone elsewhere: any is good here. @default false */
  readonly anyToken?: boolean
}

export async function startFakeOpenStack(options: FakeOptions = {}): Promise<FakeOpenStack> {
  const state = emptyState(options.seed ?? 1)
  const behaviour: Behaviour = {
    fault: () => undefined,
    delay: () => 0,
    buildLooks: 0,
    nextServerFails: undefined,
    nextNode: undefined,
    computeLooks: 0,
    containerNode: false,
    flavorPage: 1000,
    stuckUploads: false,
    failedUploads: 0,
    lostUploads: 0,
    volumeLooks: 0,
    poolLooks: 0,
    volumeFails: false,
  }
  const calls: Call[] = []
  let origin = ''
  const services: Readonly<Record<string, Service>> = {
    identity: identity(() => origin),
    image,
    compute,
    network,
    placement,
    'block-storage': volume,
    'container-infra': containerInfra,
  }

  const carryOut = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(request, state, behaviour)
    if (call === undefined) return
    await sleep(behaviour.delay(call))
    const fault = behaviour.fault(call)
    if (fault === 'drop-before') return void request.socket.destroy()
    const world = { state, behaviour, services, anyToken: options.anyToken ?? false }
    const reply = typeof fault === 'object' ? fault : (versions(call, origin) ?? answer(call, world))
    if (typeof fault !== 'object') calls.push(call)
    await sleep(behaviour.delay(call))
    if (fault === 'drop-after') return void request.socket.destroy()
    send(response, reply)
  }
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    carryOut(request, response).catch((error: unknown) => {
      send(response, { status: 500, body: { fake: { message: String(error) } } })
    })
  }
  const server = options.tls === undefined ? http.createServer(listener) : https.createServer(options.tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  origin = options.tls === undefined ? `http://127.0.0.1:${port}` : `https://cloud.croque.local:${port}`
  return {
    origin,
    authUrl: `${origin}/identity/v3`,
    password: adminPassword,
    state,
    behaviour,
    calls,
    writes: () => calls.filter(isWrite),
    issue: (token = {}) => issue(state, origin, token).id,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function isWrite(call: Call): boolean {
  return call.method !== 'GET' && call.service !== 'identity' && !call.path.endsWith('/action')
}

interface World {
  readonly state: State
  readonly behaviour: Behaviour
  readonly services: Readonly<Record<string, Service>>
  readonly anyToken: boolean
}

function answer(call: Call, { state, behaviour, services, anyToken }: World): Reply {
  const token = call.headers['x-auth-token']
  const isLogin = call.service === 'identity' && call.path === '/auth/tokens' && call.method === 'POST'
  if (!isLogin && (typeof token !== 'string' || !(anyToken || state.tokens.has(token))))
    return { status: 401, body: { error: { message: 'Unauthorized' } } }
  return services[call.service]?.(call, state, behaviour) ?? { status: 404 }
}

/** Undefined when the caller went away while sending. */
async function readCall(request: IncomingMessage, state: State, behaviour: Behaviour): Promise<Call | undefined> {
  const url = new URL(request.url ?? '/', 'http://fake')
  const [, service = '', ...rest] = url.pathname.split('/')
  const below = service === 'identity' || service === 'compute' ? rest.slice(1) : rest
  const path = `/${below.join('/')}`
  const uploaded = path.endsWith('/file') ? state.images.get(path.split('/')[3] ?? '') : undefined
  const begun = uploaded?.['status'] === 'queued'
  if (begun) uploaded['status'] = 'saving'
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
  } catch {
    if (begun && !behaviour.stuckUploads) uploaded['status'] = 'queued'
    return undefined
  }
  if (begun) uploaded['status'] = 'queued'
  const bytes = Buffer.concat(chunks)
  const isJson = (request.headers['content-type'] ?? '').includes('json')
  const body: unknown = isJson && bytes.length > 0 ? JSON.parse(bytes.toString('utf8')) : undefined
  return {
    method: request.method ?? 'GET',
    service,
    path,
    query: url.searchParams,
    headers: request.headers,
    body,
    bytes: bytes.length,
  }
}

function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed || response.headersSent) return
  const text = reply.body === undefined ? '' : JSON.stringify(reply.body)
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'x-openstack-request-id': 'req-fake',
    ...reply.headers,
  })
  response.end(text)
}

function emptyState(seed: number): State {
  let made = 0
  let moment = 0
  return {
    images: new Map(),
    deletedImages: new Set(),
    flavors: new Map(),
    keypairs: new Map(),
    servers: new Map(),
    computeServices: new Map([
      [
        'service-1',
        {
          id: 'service-1',
          binary: 'nova-compute',
          host: 'node1',
          status: 'enabled',
          state: 'up',
          disabled_reason: null,
        },
      ],
    ]),
    computeQuotas: { instances: 10, cores: 20, ram: 51200 },
    networkQuotas: {
      network: 100,
      subnet: 100,
      port: 500,
      router: 10,
      floatingip: 50,
      security_group: 10,
      security_group_rule: 100,
    },
    networks: new Map(),
    subnets: new Map(),
    routers: new Map(),
    ports: new Map(),
    floatingIps: new Map(),
    rules: new Map(),
    volumes: new Map(),
    volumeTypes: new Map(),
    volumeQos: new Map(),
    clusterTemplates: new Map(),
    agents: [
      { agent_type: 'OVN Controller Gateway agent', host: 'node1', alive: true },
      { agent_type: 'OVN Neutron agent', host: 'node1', alive: true },
    ],
    tokens: new Set(),
    issued: new Map(),
    loginRoles: ['admin'],
    newId: () => {
      made += 1
      return createHash('sha256').update(`${seed}/${made}`).digest('hex').slice(0, 32)
    },
    // Whole seconds, as Neutron writes them: two things made at once look equally old.
    now: () => {
      moment += 1
      return new Date(Math.floor(moment / 5) * 1000).toISOString()
    },
    project: 'p-admin',
  }
}
