/** The routes of clusters on a store in memory, with Magnum's policy: requests are calls of their handlers. */
import type { Caller } from '../identity/caller.ts'
import { callerLike } from '../identity/fixture.ts'
import { templateSpecFixture } from '../model/fixture.ts'
import { type ClusterStatus, type ClusterTemplateSpec, createMemoryStore, settle } from '../model/index.ts'
import { makeClusterPolicy } from '../policy/index.ts'
import type { ClusterEvent } from '../rules/index.ts'
import { clusterResourceRoutes } from './resources.ts'
import { ApiError, type ApiReply, type Route } from './route.ts'
import type { ApiServices } from './services.ts'

export const templateId = '20000000-0000-4000-8000-000000000000'

export const caller = (changes: Partial<Caller> = {}): Caller =>
  callerLike({ userId: 'user', projectId: 'project', ...changes })

export const admin = caller({
  userId: 'admin',
  projectId: 'admin',
  roles: ['admin', 'member', 'reader'],
  isAdmin: true,
})

export interface Call {
  readonly body?: unknown
  readonly caller?: Caller
  /** @default 14 */
  readonly minor?: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  // Tests look into bodies without types.
  readonly body: Readonly<Record<string, unknown>>
  readonly detail: string
}

export interface World {
  readonly services: ApiServices
  readonly events: readonly ClusterEvent[]
  /** `GET /clusters/demo?x=y`, below /v1. 404 and 406 where there is no route. */
  call(method: Route['method'], path: string, call?: Call): Promise<Answer>
  /** Everything wished comes true, as the reconciler says it. */
  finish(cluster: string, status?: ClusterStatus): Promise<void>
  /** A template of the project. */
  template(changes?: Partial<ClusterTemplateSpec>, uuid?: string): Promise<void>
}

export function world(changes: Partial<ApiServices> = {}): World {
  const events: ClusterEvent[] = []
  const policy = makeClusterPolicy()
  if (!policy.ok) throw new Error('the default policy has problems')
  let clock = Date.parse('2026-11-28T16:00:00Z')
  const services: ApiServices = {
    store: createMemoryStore(),
    enforce: policy.policy.enforce,
    lookups: { find: findAnything },
    certificates: {
      ca: async (cluster, type = 'kubernetes') => await Promise.resolve(`CA ${type} of ${cluster.spec.name}`),
      sign: async (cluster, csr) => await Promise.resolve(`signed ${csr} of ${cluster.spec.name}`),
      startRotation: async () => await Promise.resolve(),
    },
    notify: (event) => events.push(event),
    unsupported: () => undefined,
    judge: () => ({ warnings: [] }),
    // Every look at the clock is a millisecond later.
    now: () => new Date(clock++),
    newUuid: () => crypto.randomUUID(),
    random: () => 0,
    settings: { maxLimit: 1000, maxClustersPerProject: 20, defaultBootVolumeSize: 0 },
    ...changes,
  }
  const routes = clusterResourceRoutes(services)
  return {
    services,
    events,
    call: async (method, path, call = {}) => await answered(routes, method, path, call),
    finish: async (name, status) => await finish(services, name, status),
    template: async (spec = {}, uuid = templateId) => {
      const flavors = { flavorId: 'm1.small', masterFlavorId: 'm1.medium' }
      await services.store.templates.create(uuid, templateSpecFixture({ ...flavors, ...spec }))
    },
  }
}

const flavor = { id: 'flavor', name: 'flavor', vcpus: 1, ram: 1024, disk: 10 }
const found = {
  imageId: { id: 'image', name: 'image', osDistro: 'debian' },
  flavorId: flavor,
  masterFlavorId: flavor,
  externalNetworkId: { id: 'net', name: 'net' },
  fixedNetwork: { id: 'net', name: 'net' },
  fixedSubnet: { id: 'subnet', name: 'subnet', networkId: 'net' },
  keypair: { name: 'key', publicKey: 'ssh-ed25519 AAAA key' },
}

/** A cloud that has everything. */
export const findAnything: ApiServices['lookups']['find'] = async (_, sought) =>
  await Promise.resolve(Object.fromEntries(Object.entries(found).filter(([name]) => name in sought)) as never)

async function finish({ store }: ApiServices, name: string, status: ClusterStatus = {}): Promise<void> {
  const [cluster] = store.clusters.named(name)
  if (cluster === undefined) throw new Error(`no cluster ${name}`)
  await settle(cluster, store)
  for (const { uuid, spec } of cluster.spec.operation.nodeGroups) {
    const group = store.nodeGroups.get(uuid)
    if (group !== undefined && spec === undefined) await store.nodeGroups.delete(group)
    else if (group !== undefined) await store.nodeGroups.setStatus(group, { status: 'CREATE_COMPLETE' })
  }
  const { id, kind } = cluster.spec.operation
  await store.clusters.setStatus(store.clusters.get(cluster.uuid) ?? cluster, {
    ...cluster.status,
    operation: id,
    status: kind === 'create' ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE',
    apiAddress: 'https://10.0.0.1:6443',
    stackId: 'stack',
    ...status,
  })
}

async function answered(routes: readonly Route[], method: string, target: string, call: Call): Promise<Answer> {
  const url = new URL(target, 'http://magnum')
  const minor = call.minor ?? 14
  const matches = routes.flatMap((route) => {
    const params = route.method === method ? matched(route.path, url.pathname) : undefined
    return params === undefined ? [] : [{ route, params }]
  })
  // Words go before parameters, as in the server's router.
  const [match] = matches.sort((one, other) => Object.keys(one.params).length - Object.keys(other.params).length)
  if (match === undefined) return answer({ status: 404 })
  const { route, params } = match
  if (minor < (route.versions?.from ?? 1) || minor > (route.versions?.to ?? 99)) return answer({ status: 406 })
  try {
    const reply = await route.handle({
      caller: call.caller ?? caller(),
      version: { minor },
      params,
      query: url.searchParams,
      body: call.body,
      requestId: 'req-1',
      baseUrl: 'http://magnum',
      signal: AbortSignal.timeout(60_000),
    })
    // What cannot be JSON is not sent.
    return answer(JSON.parse(JSON.stringify(reply)) as ApiReply)
  } catch (error) {
    if (error instanceof ApiError) return { ...answer({ status: error.status }), detail: error.message }
    throw error
  }
}

function answer({ status, headers = {}, body = {} }: ApiReply): Answer {
  return { status, headers, body: body as Answer['body'], detail: '' }
}

function matched(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const [wanted, given] = [pattern.split('/'), path.replace(/\/$/, '').split('/')]
  if (wanted.length !== given.length) return undefined
  const params = wanted.flatMap((part, at) => (part.startsWith(':') ? [[part.slice(1), given[at] ?? ''] as const] : []))
  const fits = wanted.every((part, at) => part.startsWith(':') || part === given[at])
  return fits ? Object.fromEntries(params) : undefined
}
