import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from './fixture.ts'
import { createMemoryStore } from './memory.ts'
import { ConflictError } from './store.ts'

const uuid = (digit: number): string => `00000000-0000-4000-8000-${String(digit).padStart(12, '0')}`

describe('conditional writes', () => {
  test('exactly one of many concurrent replaces of the same version wins', async () => {
    const { templates } = createMemoryStore()
    const read = await templates.create(uuid(1), templateSpecFixture())
    const attempts = Array.from({ length: 20 }, (_, at) => templates.replace(read, { ...read.spec, tags: `t${at}` }))
    const ended = await Promise.allSettled(attempts)
    const won = ended.filter((result) => result.status === 'fulfilled')
    expect(won).toHaveLength(1)
    expect(
      ended.filter((result) => result.status === 'rejected' && result.reason instanceof ConflictError),
    ).toHaveLength(19)
    expect(templates.get(uuid(1))).toBe(won[0]?.value)
  })

  test('a UUID that is there cannot be created again, nor a gone object written', async () => {
    const { templates } = createMemoryStore()
    const read = await templates.create(uuid(1), templateSpecFixture())
    await expect(templates.create(uuid(1), read.spec)).rejects.toThrow(ConflictError)
    await templates.delete(read)
    await expect(templates.replace(read, { ...read.spec, tags: 'x' })).rejects.toThrow(ConflictError)
    await expect(templates.delete(read)).rejects.toThrow(ConflictError)
  })

  test('a successor of the same UUID is another object', async () => {
    const { templates } = createMemoryStore()
    const first = await templates.create(uuid(1), templateSpecFixture())
    await templates.delete(first)
    const second = await templates.create(uuid(1), templateSpecFixture())
    await expect(templates.delete({ ...second, uid: first.uid })).rejects.toThrow(ConflictError)
  })

  test('a write that changes nothing keeps the version', async () => {
    const { templates } = createMemoryStore()
    const read = await templates.create(uuid(1), templateSpecFixture())
    expect(await templates.replace(read, structuredClone(read.spec))).toBe(read)
  })

  test('spec and status are conditional on the same version', async () => {
    const { clusters } = createMemoryStore()
    const read = await clusters.create(uuid(1), clusterSpecFixture())
    const next = await clusters.setStatus(read, { status: 'CREATE_COMPLETE' })
    await expect(clusters.replace(read, { ...read.spec, warnings: ['x'] })).rejects.toThrow(ConflictError)
    expect(next.spec).toEqual(read.spec)
  })

  test('what a writer does to its own object afterwards does not reach the store', async () => {
    const { templates } = createMemoryStore()
    const labels: Record<string, string> = { a: '1' }
    await templates.create(uuid(1), templateSpecFixture({ labels }))
    labels['a'] = '2'
    expect(templates.get(uuid(1))?.spec.labels).toEqual({ a: '1' })
  })
})

describe('finalizers', () => {
  test('a deleted cluster stays, with deletedAt, until it is let go; its secrets go with it', async () => {
    const store = createMemoryStore({ now: () => new Date('2026-11-28T16:00:00Z') })
    const { clusters } = store
    const made = await clusters.create(uuid(1), clusterSpecFixture())
    await store.writeSecret(made, 'ca', { cert: 'c' })
    await clusters.delete(made)
    const deleted = clusters.get(uuid(1))
    expect(deleted?.deletedAt).toBe('2026-11-28T16:00:00.000Z')
    if (deleted === undefined) throw new Error('gone')
    await clusters.delete(deleted)
    expect(clusters.get(uuid(1))).toBe(deleted)
    await clusters.letGo(deleted)
    expect(clusters.get(uuid(1))).toBeUndefined()
    expect(await store.readSecret(uuid(1), 'ca')).toBeUndefined()
  })

  test('a cluster that was let go while it lived goes at once when deleted', async () => {
    const { clusters } = createMemoryStore()
    await clusters.letGo(await clusters.create(uuid(1), clusterSpecFixture()))
    const read = clusters.get(uuid(1))
    if (read === undefined) throw new Error('gone')
    await clusters.delete(read)
    expect(clusters.get(uuid(1))).toBeUndefined()
  })
})

describe('secrets', () => {
  test('are created once and replaced by who read them', async () => {
    const store = createMemoryStore()
    const cluster = await store.clusters.create(uuid(1), clusterSpecFixture())
    const first = await store.writeSecret(cluster, 'ca', { cert: '1' })
    await expect(store.writeSecret(cluster, 'ca', { cert: '2' })).rejects.toThrow(ConflictError)
    const second = await store.writeSecret(cluster, 'ca', { cert: '2' }, first)
    await expect(store.writeSecret(cluster, 'ca', { cert: '3' }, first)).rejects.toThrow(ConflictError)
    expect(await store.readSecret(uuid(1), 'ca')).toEqual(second)
  })
})

describe('reads', () => {
  test('are oldest first, whatever order things were made in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 59 }), { maxLength: 20 }), async (seconds) => {
        const { templates } = createMemoryStore()
        for (const second of seconds) {
          const createdAt = `2026-11-28T16:00:${String(second).padStart(2, '0')}.000000Z`
          await templates.create(uuid(second), templateSpecFixture({ createdAt }))
        }
        expect(templates.all().map((item) => item.uuid)).toEqual(seconds.toSorted((a, b) => a - b).map(uuid))
      }),
    )
  })

  test('by name in all projects, by project, by cluster with masters first', async () => {
    const store = createMemoryStore()
    await store.templates.create(uuid(1), templateSpecFixture({ name: 'n', projectId: 'p1' }))
    await store.templates.create(uuid(2), templateSpecFixture({ name: 'n', projectId: 'p2' }))
    expect(store.templates.named('n')).toHaveLength(2)
    expect(store.templates.ofProject('p2').map((item) => item.uuid)).toEqual([uuid(2)])
    await store.nodeGroups.create(uuid(3), nodeGroupSpecFixture({ clusterId: uuid(9), role: 'worker' }))
    await store.nodeGroups.create(uuid(4), nodeGroupSpecFixture({ clusterId: uuid(9), role: 'master' }))
    await store.nodeGroups.create(uuid(5), nodeGroupSpecFixture({ clusterId: uuid(8), role: 'master' }))
    expect(store.nodeGroups.ofCluster(uuid(9)).map((item) => item.uuid)).toEqual([uuid(4), uuid(3)])
  })
})

test('listeners hear of the cluster, its node groups and its template, until they stop', async () => {
  const store = createMemoryStore()
  const heard: string[] = []
  const stop = store.onClusterChange((clusterId) => heard.push(clusterId))
  const template = await store.templates.create(uuid(7), templateSpecFixture())
  await store.clusters.create(uuid(1), clusterSpecFixture({ templateId: uuid(7) }))
  await store.nodeGroups.create(uuid(3), nodeGroupSpecFixture({ clusterId: uuid(2) }))
  await store.templates.replace(template, { ...template.spec, tags: 'x' })
  await store.fresh()
  expect(heard).toEqual([uuid(1), uuid(2), uuid(1)])
  stop()
  await store.templates.delete(store.templates.get(uuid(7)) ?? template)
  await store.fresh()
  expect(heard).toHaveLength(3)
})
