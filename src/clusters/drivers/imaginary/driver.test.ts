import { describe, expect, test } from 'vitest'
import { simulatedClock } from '../../clock/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture } from '../../model/fixture.ts'
import type { ClusterSpec, NodeGroupSpec, Operation } from '../../model/index.ts'
import type { Wish } from '../driver.ts'
import { createRegistry } from '../registry.ts'
import { checkDriver, type MakeSubject } from '../testing/index.ts'
import { createImaginaryDriver, Hopeless, type ImaginaryOptions, imaginaryCloudInMemory } from './index.ts'

const subject: MakeSubject = (clock) => {
  const cloud = imaginaryCloudInMemory()
  let ids = 0
  return {
    driver: (hazard) =>
      createImaginaryDriver({
        cloud,
        clock,
        newId: () => `server-${++ids}`,
        delay: (what) => (what === 'network' ? 2000 : 5000),
        hazard: async (call, moment, { signal }) => await hazard(`${call} ${moment}`, signal),
      }),
    look: async (id) => {
      const found = await cloud.read(id)
      if (found === undefined) return undefined
      const groups = Object.entries(found.groups).map(([uuid, { nodes }]) => {
        const templates = [...new Set(nodes.map(({ templateId }) => templateId))]
        return [uuid, { nodes: nodes.length, templates }] as const
      })
      return Object.fromEntries(groups)
    },
    hopeless: () => new Hopeless('No valid host was found'),
  }
}

test('whatever is wished and whatever fails: it ends where the last wish says', async () => {
  await expect(checkDriver(subject, { runs: 200 })).resolves.toBeUndefined()
}, 180_000)

/** A check ends with the first sequence that goes wrong, mostly one of the first tens: fifty were too few, once. */
const enough = 1000

test('a driver that leaves something behind does not pass', async () => {
  const leaky: MakeSubject = (clock) => {
    const made = subject(clock)
    const remove = async () => ({ state: 'done', facts: {} }) as const
    return { ...made, driver: (hazard) => ({ ...made.driver(hazard), remove }) }
  }
  await expect(checkDriver(leaky, { runs: enough })).rejects.toThrow('Property failed')
}, 60_000)

test('a driver that only does what it is told first does not pass', async () => {
  const stubborn: MakeSubject = (clock) => {
    const made = subject(clock)
    return {
      ...made,
      driver: (hazard) => {
        const driver = made.driver(hazard)
        const first = new Map<string, Wish['nodeGroups']>()
        const reconcile = async (wish: Wish) => {
          const nodeGroups = first.get(wish.cluster.uuid) ?? wish.nodeGroups
          first.set(wish.cluster.uuid, nodeGroups)
          return await driver.reconcile({ ...wish, nodeGroups })
        }
        return { ...driver, reconcile }
      },
    }
  }
  await expect(checkDriver(stubborn, { runs: enough })).rejects.toThrow('Property failed')
}, 60_000)

function driverOf(options: Partial<ImaginaryOptions> = {}) {
  const clock = simulatedClock()
  const cloud = imaginaryCloudInMemory()
  let ids = 0
  return { clock, cloud, driver: createImaginaryDriver({ clock, cloud, newId: () => `s${++ids}`, ...options }) }
}

function wishOf(
  group: Partial<NodeGroupSpec> = {},
  { operation = {}, spec = {} }: { readonly operation?: Partial<Operation>; readonly spec?: Partial<ClusterSpec> } = {},
): Wish {
  const cluster = clusterSpecFixture(spec)
  return {
    cluster: {
      uuid: 'c',
      uid: 'c',
      resourceVersion: '1',
      spec: { ...cluster, operation: { ...cluster.operation, ...operation } },
      status: {},
    },
    nodeGroups: [{ uuid: 'w', uid: 'w', resourceVersion: '1', spec: nodeGroupSpecFixture(group), status: {} }],
    signal: new AbortController().signal,
  }
}

test('it says what it is', async () => {
  const { driver } = driverOf()
  expect(await driver.reconcile(wishOf({ nodeCount: 2 }))).toEqual({
    state: 'done',
    facts: {
      stackId: 'c',
      apiAddress: 'https://c.invalid:6443',
      coeVersion: 'imaginary',
      containerVersion: 'imaginary',
      nodeGroups: {
        w: { stackId: 'c', nodeAddresses: ['192.0.2.1', '192.0.2.2'], version: 'imaginary-00000000', removed: [] },
      },
    },
  })
  expect(() => createRegistry([driver])).toThrow('it only pretends to')
  expect(createRegistry([driver], { imaginary: true }).drivers).toEqual([driver])
})

test('things take their time', async () => {
  const { driver, clock } = driverOf({ delay: (what) => (what === 'network' ? 3000 : 20_000) })
  const wish = wishOf({ nodeCount: 2 })
  expect(await driver.reconcile(wish)).toMatchObject({ state: 'waiting', for: 'an imaginary network', afterMs: 3000 })
  await clock.advance(3000)
  const servers = { state: 'waiting', for: '2 of 2 imaginary servers', afterMs: 10_000 }
  expect(await driver.reconcile(wish)).toMatchObject(servers)
  expect(await driver.health(wish)).toEqual({
    status: 'UNHEALTHY',
    reason: { api: 'imaginary', 'default-worker-0.Ready': 'False', 'default-worker-1.Ready': 'False' },
  })
  await clock.advance(20_000)
  expect(await driver.reconcile(wish)).toMatchObject({ state: 'done' })
  expect(await driver.health(wish)).toMatchObject({ status: 'HEALTHY' })
})

test('a node that has to go by its index goes once, however often the call comes', async () => {
  const { driver, cloud } = driverOf()
  await driver.reconcile(wishOf({ nodeCount: 3 }))
  const wish = wishOf({ nodeCount: 2, nodesToRemove: ['0'] }, { operation: { id: 'second', kind: 'resize' } })
  const removed = { facts: { nodeGroups: { w: { removed: ['0'] } } } }
  expect(await driver.reconcile(wish)).toMatchObject(removed)
  expect(await driver.reconcile(wish)).toMatchObject(removed)
  expect((await cloud.read('c'))?.groups['w']?.nodes.map(({ id }) => id)).toEqual(['s2', 's3'])
})

test('with the same count, a node that has to go is replaced', async () => {
  const { driver, cloud } = driverOf()
  await driver.reconcile(wishOf({ nodeCount: 2 }))
  await driver.reconcile(wishOf({ nodeCount: 2, nodesToRemove: ['s1'] }, { operation: { id: 'second' } }))
  expect((await cloud.read('c'))?.groups['w']?.nodes.map(({ id }) => id)).toEqual(['s2', 's3'])
})

test('an upgrade replaces so many nodes at once, and waits for them', async () => {
  const { driver, clock, cloud } = driverOf({ delay: (what) => (what === 'server' ? 1000 : 0) })
  await driver.reconcile(wishOf({ nodeCount: 3 }))
  await clock.advance(1000)
  const wish = wishOf(
    { nodeCount: 3, templateId: 'new' },
    { operation: { id: 'up', kind: 'upgrade', maxBatchSize: 2 } },
  )
  const old = async () =>
    (await cloud.read('c'))?.groups['w']?.nodes.filter(({ templateId }) => templateId !== 'new').length
  expect(await driver.reconcile(wish)).toMatchObject({ state: 'waiting', for: '2 of 3 imaginary servers' })
  expect(await old()).toBe(1)
  expect(await driver.reconcile(wish)).toMatchObject({ for: '2 of 3 imaginary servers' })
  await clock.advance(1000)
  expect(await driver.reconcile(wish)).toMatchObject({ for: '1 of 3 imaginary servers' })
  expect(await old()).toBe(0)
  await clock.advance(1000)
  expect(await driver.reconcile(wish)).toMatchObject({ state: 'done' })
})

describe('faults', () => {
  test('of the cloud are thrown, with the name of the call', async () => {
    const hazard = async () => {
      throw new Error('503')
    }
    await expect(driverOf({ hazard }).driver.reconcile(wishOf())).rejects.toThrow('imaginary network create: 503')
  })

  test('that no waiting helps are answered', async () => {
    const hazard = async (call: string) => {
      if (call === 'server create') throw new Hopeless('No valid host was found')
    }
    const answer = { state: 'failed', reason: 'imaginary server create: No valid host was found' }
    expect(await driverOf({ hazard }).driver.reconcile(wishOf())).toMatchObject(answer)
  })

  test('and delays can be wished for by labels', async () => {
    const { driver } = driverOf()
    const labels = { imaginary_fault: 'server create' }
    expect(await driver.reconcile(wishOf({}, { spec: { labels } }))).toMatchObject({ state: 'failed' })
    const slow = wishOf({}, { spec: { labels: { imaginary_seconds: '7' } } })
    expect(await driverOf().driver.reconcile(slow)).toMatchObject({ state: 'waiting', afterMs: 7000 })
  })
})

test('it ends with nothing left, and that again', async () => {
  const { driver, cloud } = driverOf()
  await driver.reconcile(wishOf({ nodeCount: 2 }))
  expect(await driver.remove(wishOf())).toEqual({ state: 'done', facts: {} })
  expect(await cloud.read('c')).toBeUndefined()
  expect(await driver.remove(wishOf())).toEqual({ state: 'done', facts: {} })
})
