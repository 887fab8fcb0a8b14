import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clusterSpecFixture } from './fixture.ts'
import { type ClusterStore, claimPlace, createMemoryStore, quotaUuid, releasePlace } from './index.ts'

const start = Date.parse('2026-11-28T16:00:00Z')
const idOf = (number: number): string => `10000000-0000-4000-8000-${String(number).padStart(12, '0')}`

function claim(store: ClusterStore, number: number, { limit = 3, at = start }: { limit?: number; at?: number } = {}) {
  return claimPlace(store, {
    projectId: 'project',
    clusterId: idOf(number),
    defaultLimit: limit,
    now: () => new Date(at),
  })
}

/** A replica of its own: what it does is not queued behind what others do. */
function replica(store: ClusterStore): ClusterStore {
  return { ...store }
}

test('a hundred at once from several replicas: as many as the limit get a place', async () => {
  const store = createMemoryStore()
  const replicas = [replica(store), replica(store), replica(store)]
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, number) => await claim(replicas[number % 3] ?? store, number, { limit: 20 })),
  )
  expect(answers.filter((full) => full === undefined)).toHaveLength(20)
  expect(answers.filter((full) => full?.limit === 20)).toHaveLength(80)
  expect(Object.keys(store.quotas.get(quotaUuid('project', 'Cluster'))?.spec.claims ?? {})).toHaveLength(20)
})

test('a cluster that is there and its claim are one place', async () => {
  const store = createMemoryStore()
  await claim(store, 1)
  await store.clusters.create(idOf(1), clusterSpecFixture())
  expect(await claim(store, 2)).toBeUndefined()
  expect(await claim(store, 3)).toBeUndefined()
  expect(await claim(store, 4)).toEqual({ limit: 3 })
  expect(await claim(store, 3)).toBeUndefined()
})

test('a place that is given back can be taken; one whose cluster never came, after a while', async () => {
  const store = createMemoryStore()
  for (const number of [1, 2, 3]) await claim(store, number)
  await releasePlace(store, 'project', idOf(1))
  await releasePlace(store, 'project', idOf(1))
  expect(await claim(store, 4)).toBeUndefined()
  expect(await claim(store, 5)).toEqual({ limit: 3 })
  expect(await claim(store, 5, { at: start + 11 * 60_000 })).toBeUndefined()
})

test("the project's own limit counts, and -1 is none", async () => {
  const store = createMemoryStore()
  const quota = await store.quotas.create(quotaUuid('project', 'Cluster'), {
    id: 1,
    projectId: 'project',
    resource: 'Cluster',
    hardLimit: 0,
    createdAt: '2026-11-28T16:00:00.000000Z',
    claims: {},
  })
  expect(await claim(store, 1)).toEqual({ limit: 0 })
  await store.quotas.replace(quota, { ...quota.spec, hardLimit: -1 })
  expect(await Promise.all([1, 2, 3, 4, 5].map(async (number) => await claim(store, number)))).toEqual(
    Array.from({ length: 5 }, () => undefined),
  )
})

type Move = (store: ClusterStore, admitted: Set<number>, number: number) => Promise<void>

const moves: Readonly<Record<'claim' | 'make' | 'remove' | 'release', Move>> = {
  claim: async (store, admitted, number) => {
    if ((await claim(store, number)) === undefined) admitted.add(number)
  },
  make: async (store, admitted, number) => {
    const there = store.clusters.get(idOf(number)) !== undefined
    if (admitted.has(number) && !there) await store.clusters.create(idOf(number), clusterSpecFixture())
  },
  release: async (store, admitted, number) => {
    if (store.clusters.get(idOf(number)) !== undefined) return
    admitted.delete(number)
    await releasePlace(store, 'project', idOf(number))
  },
  remove: async (store, admitted, number) => {
    const found = store.clusters.get(idOf(number))
    if (found === undefined) return
    await releasePlace(store, 'project', idOf(number))
    await store.clusters.letGo(found)
    const unbound = store.clusters.get(idOf(number))
    if (unbound !== undefined) await store.clusters.delete(unbound)
    admitted.delete(number)
  },
}

test('whatever claims, creates, deletes and releases come in which order: never more than the limit', async () => {
  const step = fc.record({
    what: fc.constantFrom('claim' as const, 'make' as const, 'remove' as const, 'release' as const),
    number: fc.nat({ max: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const store = createMemoryStore()
      const admitted = new Set<number>()
      for (const { what, number } of steps) {
        await moves[what](store, admitted, number)
        expect(admitted.size).toBeLessThanOrEqual(3)
      }
    }),
  )
})
