import { expect, test } from 'vitest'
import { clusterSpecFixture, nodeGroupSpecFixture } from './fixture.ts'
import {
  type Cluster,
  type ClusterStore,
  ConflictError,
  createMemoryStore,
  type NodeGroupChange,
  nodeGroupsOf,
  type Operation,
  settle,
  strayNodeGroups,
  wishedNodeGroups,
} from './index.ts'

const id = '10000000-0000-4000-8000-000000000000'
const [first, second, third] = [
  '2026-11-28T16:00:00.000000Z',
  '2026-11-28T16:01:00.000000Z',
  '2026-11-28T16:02:00.000000Z',
]
const groupSpec = (changes: Partial<ReturnType<typeof nodeGroupSpecFixture>> = {}) =>
  nodeGroupSpecFixture({ clusterId: id, createdAt: first, ...changes })

function operation(startedAt: string, nodeGroups: NodeGroupChange[], kind: Operation['kind'] = 'resize'): Operation {
  return { id: startedAt, kind, startedAt, userId: 'user', requestId: 'req', rollback: false, nodeGroups }
}

async function created(store: ClusterStore): Promise<Cluster> {
  const nodeGroups = [
    { uuid: 'master', spec: groupSpec({ name: 'default-master', role: 'master' }) },
    { uuid: 'worker', spec: groupSpec() },
  ]
  return await store.clusters.create(id, clusterSpecFixture({ operation: operation(first, nodeGroups, 'create') }))
}

async function changed(store: ClusterStore, cluster: Cluster, next: Operation): Promise<Cluster> {
  return await store.clusters.replace(cluster, { ...cluster.spec, operation: next })
}

const counts = (groups: readonly { readonly spec: { readonly nodeCount: number } }[]): readonly number[] =>
  groups.map(({ spec }) => spec.nodeCount)
const resize = (nodeCount: number, updatedAt: string): NodeGroupChange => ({
  uuid: 'worker',
  spec: groupSpec({ nodeCount, updatedAt, nodesToRemove: ['x'] }),
  before: groupSpec(),
})

test('readers see the groups of an operation before and after they are written; writing twice writes once', async () => {
  const store = createMemoryStore()
  const cluster = await created(store)
  expect(nodeGroupsOf(cluster, store).map(({ uuid }) => uuid)).toEqual(['master', 'worker'])
  await settle(cluster, store)
  const written = store.nodeGroups.ofCluster(id)
  expect(written.map(({ uuid }) => uuid)).toEqual(['master', 'worker'])
  await settle(cluster, store)
  expect(store.nodeGroups.ofCluster(id)).toEqual(written)
  const bigger = await changed(store, cluster, operation(second, [resize(5, second)]))
  expect(counts(nodeGroupsOf(bigger, store))).toEqual([1, 5])
  expect(counts(store.nodeGroups.ofCluster(id))).toEqual([1, 1])
  await settle(bigger, store)
  expect(counts(store.nodeGroups.ofCluster(id))).toEqual([1, 5])
})

test('what the reconciler took out of a group since is not put back', async () => {
  const store = createMemoryStore()
  const cluster = await changed(store, await created(store), operation(second, [resize(5, second)]))
  await settle(cluster, store)
  const worker = store.nodeGroups.get('worker')
  if (worker === undefined) throw new Error('no worker')
  await store.nodeGroups.replace(worker, { ...worker.spec, nodesToRemove: [] })
  await settle(cluster, store)
  expect(store.nodeGroups.get('worker')?.spec.nodesToRemove).toEqual([])
})

test('one who comes late with an operation that was followed by another changes nothing', async () => {
  const store = createMemoryStore()
  const late = await changed(store, await created(store), operation(second, [resize(5, second)]))
  await settle(await changed(store, late, operation(third, [resize(2, third)])), store)
  await settle(late, store)
  expect(counts(store.nodeGroups.ofCluster(id))).toEqual([2])
})

test('many at once do it together', async () => {
  const store = createMemoryStore()
  const cluster = await created(store)
  await Promise.all(Array.from({ length: 20 }, async () => await settle(cluster, store)))
  expect(store.nodeGroups.ofCluster(id)).toHaveLength(2)
})

test('a group that shall go stays until its servers are gone, and is not wished for', async () => {
  const store = createMemoryStore()
  const cluster = await created(store)
  await settle(cluster, store)
  const going = await changed(store, cluster, operation(second, [{ uuid: 'worker', before: groupSpec() }]))
  await settle(going, store)
  expect(nodeGroupsOf(going, store).map(({ uuid }) => uuid)).toEqual(['master', 'worker'])
  expect(wishedNodeGroups(going, store).map(({ uuid }) => uuid)).toEqual(['master'])
})

test('a group that somebody who slept writes after it was removed is none of the cluster', async () => {
  const store = createMemoryStore()
  const cluster = await created(store)
  await settle(cluster, store)
  const more = { uuid: 'more', spec: groupSpec({ name: 'more', isDefault: false, createdAt: second }) }
  const asleep = await changed(store, cluster, operation(second, [more], 'nodegroup-create'))
  const without = { ...asleep.spec, operation: operation(third, [resize(5, third)]), nodeGroups: ['master', 'worker'] }
  const awake = await store.clusters.replace(asleep, without)
  // As one whose memory ends before the removal.
  const old = Object.assign(Object.create(store.clusters) as ClusterStore['clusters'], { get: () => asleep })
  await settle(asleep, { ...store, clusters: old })
  expect(store.nodeGroups.get('more')).toBeDefined()
  expect(nodeGroupsOf(awake, store).map(({ uuid }) => uuid)).toEqual(['master', 'worker'])
  expect(wishedNodeGroups(awake, store).map(({ uuid }) => uuid)).toEqual(['master', 'worker'])
  expect(strayNodeGroups(awake, store)).toEqual(['more'])
  // One of an operation that this look does not know yet is the cluster's.
  expect(strayNodeGroups(asleep, store)).toEqual([])
  const newer = { ...awake, spec: { ...awake.spec, operation: operation(first, []) } }
  expect(strayNodeGroups(newer, store)).toEqual([])
})

test('a cluster that shall go is deleted, and waits for its finalizer', async () => {
  const store = createMemoryStore()
  const cluster = await changed(store, await created(store), operation(second, [], 'delete'))
  expect((await settle(cluster, store))?.deletedAt).toBeDefined()
  const left = store.clusters.get(id)
  if (left === undefined) throw new Error('gone at once')
  await store.clusters.letGo(left)
  expect(await settle(cluster, store)).toBeUndefined()
})

test('somebody who keeps writing in between is reported, not fought for ever', async () => {
  const store = createMemoryStore()
  const cluster = await created(store)
  const refusing: ClusterStore = {
    ...store,
    nodeGroups: Object.assign(Object.create(store.nodeGroups) as ClusterStore['nodeGroups'], {
      get: () => undefined,
      create: async () => await Promise.reject(new ConflictError('there')),
    }),
  }
  await expect(settle(cluster, refusing)).rejects.toThrow(ConflictError)
})
