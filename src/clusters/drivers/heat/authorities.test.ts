/** `ca rotate`: in every phase every node follows, before the next one begins. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { Operation } from '../../model/index.ts'
import type { NodeOrders } from '../../nodes/index.ts'
import { nodeKey } from '../../nodes/index.ts'
import type { Wish } from '../driver.ts'
import type { Rotation } from './authorities.ts'
import { sceneOf } from './driver-fixture.ts'

const phase = (name: Rotation['phase']): Rotation => ({ phase: name, revision: `2-${name}-abc` })

function stage() {
  const scene = sceneOf()
  const wishOf = (kind: Operation['kind']): Wish => {
    const wish = scene.wishOf({ nodeCount: 2 }, { nodeCount: 3 })
    const operation = { ...wish.cluster.spec.operation, kind, id: kind }
    return { ...wish, cluster: { ...wish.cluster, spec: { ...wish.cluster.spec, operation } } }
  }
  const orders = async (): Promise<readonly (readonly [string, NodeOrders])[]> =>
    Object.entries((await scene.cloud.ledger.read(scene.cluster.uuid))?.nodes ?? {}).map(([key, entry]) => [
      key.slice(-4),
      entry.orders,
    ])
  /** What nodes were told to do for a rotation, each once, in the order in which it was first seen. */
  const told: string[] = []
  const look = async (): Promise<void> => {
    for (const [key, { later }] of await orders())
      for (const [, program, act, , revision] of later) {
        const line = `${key} ${act} ${revision}`
        if (program?.includes('authorities') === true && !told.includes(line)) told.push(line)
      }
  }
  const settle = async (kind: Operation['kind']) => {
    for (let calls = 0; calls < 100; calls += 1) {
      const progress = await scene.driver.reconcile(wishOf(kind))
      await look()
      if (progress.state !== 'waiting') return progress
      await scene.clock.advance(progress.afterMs)
    }
    throw new Error('it waits for ever')
  }
  return { ...scene, settle, told, orders, wishOf }
}

test('masters follow one after the other, then workers; Pods learn of the new ones before these sign', async () => {
  const { settle, told, cloud } = stage()
  expect(await settle('create')).toMatchObject({ state: 'done' })
  cloud.rotation = phase('introducing')
  expect(await settle('rotate-ca')).toMatchObject({ state: 'done' })
  const of = (act: string, name: string, nodes: readonly string[]): readonly string[] =>
    nodes.map((node) => `${node} ${act} 2-${name}-abc`)
  const [masters, workers] = [
    ['0a/0', '0a/1', '0a/2'],
    ['0b/0', '0b/1'],
  ]
  expect(told.splice(0)).toEqual([
    ...of('follow', 'introducing', [...masters, ...workers]),
    ...of('pods', 'introducing', ['0a/0']),
  ])
  cloud.rotation = phase('replacing')
  expect(await settle('rotate-ca')).toMatchObject({ state: 'done' })
  const replaced = told.splice(0)
  expect(replaced.slice(0, 3)).toEqual(of('follow', 'replacing', masters))
  expect(replaced.slice(3).toSorted()).toEqual(
    [...of('follow', 'replacing', workers), ...of('tokens', 'replacing', masters)].toSorted(),
  )
  cloud.rotation = phase('settled')
  expect(await settle('rotate-ca')).toMatchObject({ state: 'done' })
  expect(told).toEqual(of('follow', 'settled', [...masters, ...workers]))
})

test('two masters never follow at once, and a node that does not is waited for by name', async () => {
  const { settle, cloud, clock, driver, wishOf, orders, cluster } = stage()
  await settle('create')
  const second = nodeKey({ group: cluster.uuid.replace(/..$/, '0a'), index: 1 })
  cloud.masters.dead.add(second)
  cloud.rotation = phase('introducing')
  for (let calls = 0; calls < 20; calls += 1) {
    await driver.reconcile(wishOf('rotate-ca'))
    await clock.advance(5000)
  }
  expect(await driver.reconcile(wishOf('rotate-ca'))).toMatchObject({
    state: 'waiting',
    for: expect.stringMatching(/^node .*master-1 to take up what is new$/) as string,
  })
  const following = (await orders()).filter(([, { secrets }]) => secrets['authorities'] !== undefined)
  expect(following.map(([key]) => key)).toEqual(['0a/0', '0a/1'])
})

test('what it followed a node goes on to have, and is told nothing of afterwards', async () => {
  const { settle, cloud, orders, told } = stage()
  await settle('create')
  cloud.rotation = phase('settled')
  await settle('rotate-ca')
  cloud.rotation = undefined
  told.splice(0)
  expect(await settle('resize')).toMatchObject({ state: 'done' })
  expect(told).toEqual([])
  for (const [, { secrets, files }] of await orders()) {
    expect(secrets['authorities']).toBe('2-settled-abc')
    expect(Object.keys(files).filter((path) => path.includes('authorities'))).toEqual([])
  }
})

test('a cluster whose authorities were never rotated has orders that know nothing of it', async () => {
  const { settle, orders } = stage()
  await settle('create')
  expect(JSON.stringify(await orders())).not.toContain('authorities')
})

test('what nodes run is a script that a shell takes', async () => {
  const { settle, cloud, orders } = stage()
  await settle('create')
  cloud.rotation = phase('settled')
  await settle('rotate-ca')
  const [script] = (await orders()).flatMap(([, { files }]) => files['/etc/croque/authorities/follow'] ?? [])
  const { status, stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
})
