import { expect, test, vi } from 'vitest'
import { clusterSpecFixture } from '../../model/fixture.ts'
import { type ClusterStore, createMemoryStore } from '../../model/index.ts'
import { clusterSessions } from './sessions.ts'

const uuid = '00000000-0000-4000-8000-000000000001'

async function scene() {
  const store = createMemoryStore()
  const cluster = await store.clusters.create(uuid, clusterSpecFixture())
  const close = vi.fn<() => void>()
  const open = vi.fn<() => Promise<{ readonly cloud: { readonly close: () => void } }>>()
  open.mockImplementation(async () => ({ cloud: { close } }))
  return { store, cluster, close, open, sessions: clusterSessions({ open, store }) }
}

/** As whichever replica does it. */
async function removeFrom({ clusters }: ClusterStore): Promise<void> {
  const there = clusters.get(uuid)
  if (there !== undefined) await clusters.delete(there)
  const leaving = clusters.get(uuid)
  if (leaving !== undefined) await clusters.letGo(leaving)
}

test('a cluster has one, for as long as it is there, whatever changes of it', async () => {
  const { store, cluster, open, close, sessions } = await scene()
  const first = await sessions.of(cluster)
  await store.clusters.setStatus(cluster, { apiAddress: 'https://192.0.2.1:6443' })
  expect(await sessions.of(cluster)).toBe(first)
  expect(open).toHaveBeenCalledTimes(1)
  expect(close).not.toHaveBeenCalled()
})

test('it ends with its cluster, also where nobody here removed that', async () => {
  const { store, cluster, close, open, sessions } = await scene()
  const first = await sessions.of(cluster)
  await removeFrom(store)
  await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1))
  expect(await sessions.of(cluster)).not.toBe(first)
  expect(open).toHaveBeenCalledTimes(2)
})

test('who still asks for a cluster that is gone is given one that is not kept', async () => {
  const { store, cluster, open, close, sessions } = await scene()
  await removeFrom(store)
  await sessions.of(cluster)
  await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1))
  await sessions.of(cluster)
  expect(open).toHaveBeenCalledTimes(2)
})

test('what could not be opened is tried again', async () => {
  const { cluster, open, sessions } = await scene()
  open.mockRejectedValueOnce(new Error('503'))
  await expect(sessions.of(cluster)).rejects.toThrow('503')
  await expect(sessions.of(cluster)).resolves.toBeDefined()
})
