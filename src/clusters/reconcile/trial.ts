/** For tests: one replica that leads, a store in memory, a driver that answers what the test says. */
import { type SimulatedClock, simulatedClock } from '../clock/index.ts'
import { createRegistry, type Driver, type Health, type Progress, type Wish } from '../drivers/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture } from '../model/fixture.ts'
import {
  type Cluster,
  type ClusterSpec,
  type ClusterStore,
  claimPlace,
  createMemoryStore,
  momentAfter,
  type NodeGroupSpec,
  type Operation,
} from '../model/index.ts'
import type { Certificates } from './pass.ts'
import { type ReconcilerOptions, runReconciler } from './reconciler.ts'
import type { Happening } from './story.ts'
import { taleOf } from './tale.ts'

export interface Trial {
  readonly clock: SimulatedClock
  readonly store: ClusterStore
  /** What the driver answers from now on. */
  answers: {
    make: (wish: Wish) => Progress | Promise<Progress>
    remove: (wish: Wish) => Progress
    health: (wish: Wish) => Health | Promise<Health>
  }
  /** `make@0 remove@60`: calls of the driver, in seconds. */
  calls(): string
  /** `CreateBegan`, `Waiting`, ... */
  tales(): readonly string[]
  readonly happenings: readonly Happening[]
  /** By name of the cluster. */
  cluster(name?: string): Cluster | undefined
  create(options?: { readonly spec?: Partial<ClusterSpec>; readonly claims?: boolean }): Promise<Cluster>
  wish(
    kind: Operation['kind'],
    groups?: Readonly<Record<string, Partial<NodeGroupSpec> | undefined>>,
    operation?: Partial<Operation>,
  ): Promise<void>
  stop(): Promise<void>
}

export const done = (nodeGroups: Record<string, { failure?: string }> = {}): Progress => ({
  state: 'done',
  facts: { stackId: 'stack', apiAddress: 'https://api:6443', coeVersion: 'v1', nodeGroups },
})
export const waiting = (what: string, afterMs = 10_000): Progress => ({
  state: 'waiting',
  for: what,
  afterMs,
  facts: {},
})
export const failed = (reason: string): Progress => ({ state: 'failed', reason, facts: {} })

const certified: Certificates = { prepare: async () => ({ phase: 'settled' }), conclude: async () => 'done' }
const clusterId = '00000000-0000-4000-8000-000000000001'
const groupIds: Readonly<Record<string, string>> = { 'default-master': 'm', 'default-worker': 'w', extra: 'x' }

export function startTrial(options: Partial<ReconcilerOptions> & { readonly covers?: string } = {}): Trial {
  const clock = simulatedClock()
  const store = options.store ?? createMemoryStore({ now: () => new Date(clock.now()) })
  const calls: string[] = []
  const happenings: Happening[] = []
  const stopping = new AbortController()
  const called = (name: string): number => calls.push(`${name}@${Math.round(clock.elapsed() / 1000)}`)
  let ids = 0
  const trial: Trial['answers'] = {
    make: () => done(),
    remove: () => done(),
    health: () => ({ status: 'HEALTHY', reason: { api: 'ok' } }),
  }
  const driver: Driver = {
    name: 'scripted',
    covers: [{ coe: 'kubernetes', distro: options.covers ?? 'debian', serverType: 'vm' }],
    reconcile: async (wish) => {
      called('make')
      return await trial.make(wish)
    },
    remove: async (wish) => {
      called('remove')
      return trial.remove(wish)
    },
    health: async (wish) => {
      called('health')
      return await trial.health(wish)
    },
  }
  const lease = { read: async () => undefined, write: async (record: never) => ({ version: '1', record }) }
  const running = runReconciler(
    {
      clock,
      store,
      random: () => 0.5,
      newId: () => `id-${++ids}`,
      drivers: createRegistry([driver]),
      certificates: certified,
      tell: (happening) => happenings.push(happening),
      defaultLimit: 20,
      election: { lease, identity: 'one' },
      onFailure: () => undefined,
      ...options,
    },
    stopping.signal,
  )
  const cluster = (name = 'demo'): Cluster | undefined => store.clusters.named(name)[0]
  return {
    clock,
    store,
    answers: trial,
    calls: () => calls.join(' '),
    tales: () => happenings.map((happening) => taleOf(happening).reason),
    happenings,
    cluster,
    create: async ({ spec = {}, claims = true } = {}) => {
      const projectId = 'project'
      if (claims) await claimPlace(store, { projectId, clusterId, defaultLimit: 20, now: () => new Date(clock.now()) })
      const group = (name: string, role: string) => ({
        uuid: groupIds[name] ?? '',
        spec: nodeGroupSpecFixture({ name, role, clusterId, createdAt: clusterSpecFixture().createdAt }),
      })
      const nodeGroups = [group('default-master', 'master'), group('default-worker', 'worker')]
      const base = clusterSpecFixture(spec)
      return await store.clusters.create(clusterId, { ...base, operation: { ...base.operation, nodeGroups } })
    },
    wish: async (kind, groups = {}, operation = {}) => {
      const now = cluster()
      if (now === undefined) throw new Error('There is no cluster')
      const startedAt = momentAfter(now.spec.operation.startedAt, new Date(clock.now()))
      const nodeGroups = Object.entries(groups).map(([name, changes]) => changeOf(store, name, changes, startedAt))
      const { reason: _, ...last } = now.spec.operation
      const next = { ...last, id: `wish-${++ids}`, kind, startedAt, nodeGroups, rollback: false, ...operation }
      await store.clusters.replace(now, { ...now.spec, operation: next })
    },
    stop: async () => {
      stopping.abort()
      await clock.advance(20_000)
      await running
    },
  }
}

function changeOf(store: ClusterStore, name: string, changes: Partial<NodeGroupSpec> | undefined, updatedAt: string) {
  const uuid = groupIds[name] ?? ''
  const before = store.nodeGroups.get(uuid)?.spec
  const own = { name, clusterId, isDefault: false, createdAt: updatedAt }
  const spec =
    before === undefined ? nodeGroupSpecFixture({ ...own, ...changes }) : { ...before, ...changes, updatedAt }
  return { uuid, ...(changes === undefined ? {} : { spec }), ...(before === undefined ? {} : { before }) }
}
