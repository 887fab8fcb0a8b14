/** `credential rotate`: every node has the new one before the old one ends. */
import { beforeEach, expect, test } from 'vitest'
import { type SimulatedClock, simulatedClock } from '../../clock/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { Cluster, NodeGroup, Operation } from '../../model/index.ts'
import { nodeKey } from '../../nodes/index.ts'
import type { Driver, Progress } from '../driver.ts'
import { createHeatDriver } from './driver.ts'
import { PretendedCloud, type Weather } from './fixture.ts'

let clock: SimulatedClock
let cloud: PretendedCloud
let driver: Driver
let weather: Weather

beforeEach(() => {
  clock = simulatedClock()
  cloud = new PretendedCloud(clock)
  weather = async () => undefined
  const through: Weather = async (call, signal) => await weather(call, signal)
  driver = createHeatDriver(cloud.options(through))
})

const clusterIn = (kind: Operation['kind'], id: string): Cluster => {
  const template = { ...templateSpecFixture(), externalNetworkId: 'public' }
  const spec = clusterSpecFixture({ template, labels: { worker_cloud_config_enabled: 'true' } })
  return {
    ...{ uuid: '00000000-0000-4000-8000-000000000001', resourceVersion: '1', uid: 'uid', status: {} },
    spec: { ...spec, operation: { ...spec.operation, kind, id } },
  }
}

const groups: readonly NodeGroup[] = (['master', 'worker'] as const).map((role, at) => ({
  ...{ uuid: `00000000-0000-4000-8000-00000000000${at}`, resourceVersion: '1', uid: 'uid', status: {} },
  spec: nodeGroupSpecFixture({ name: `default-${role}`, role, nodeCount: at + 1 }),
}))

/** Calls until it says something else than to wait, or has said so for a minute. */
async function work(kind: Operation['kind'], id: string): Promise<Progress> {
  const cluster = clusterIn(kind, id)
  const { signal } = new AbortController()
  for (let calls = 0; ; calls += 1) {
    const progress = await driver.reconcile({ cluster, nodeGroups: groups, signal })
    if (progress.state !== 'waiting' || calls === 30) return progress
    await clock.advance(progress.afterMs)
  }
}

const there = (): readonly string[] => cloud.credentials.of(clusterIn('create', ''))
const held = async (): Promise<readonly (string | undefined)[]> =>
  Object.values((await cloud.ledger.read(clusterIn('create', '').uuid))?.nodes ?? {}).map(({ orders, report }) =>
    report?.revision === orders.revision ? orders.secrets['cloud-config'] : undefined,
  )

test('every node gets the new one, and then the old one ends', async () => {
  expect(await work('create', 'one')).toMatchObject({ state: 'done' })
  const [old] = there()
  expect(await held()).toEqual([old, old, old])
  expect(await work('rotate-credential', 'two')).toMatchObject({ state: 'done' })
  const [now, ...more] = there()
  expect([now === old, more]).toEqual([false, []])
  expect(await held()).toEqual([now, now, now])
  expect(await work('rotate-credential', 'two')).toMatchObject({ state: 'done' })
  expect(there()).toEqual([now])
})

test('while a node does not have it, the old one goes on, and it is said which', async () => {
  await work('create', 'one')
  const [old] = there()
  const master = nodeKey({ group: groups[0]?.uuid ?? '', index: 0 })
  cloud.masters.dead.add(master)
  expect(await work('rotate-credential', 'two')).toMatchObject({
    state: 'waiting',
    for: expect.stringMatching(/^node .*master-0 to take up what is new$/) as string,
  })
  expect(there()).toEqual([old, expect.stringMatching(/^nodes-/)])
  cloud.masters.dead.delete(master)
  expect(await work('resize', 'three')).toMatchObject({ state: 'done' })
  expect(there()).toHaveLength(1)
  expect(there()).not.toContain(old)
})

test.each(['credential POST before', 'credential POST after', 'credential DELETE before', 'credential DELETE after'])(
  'killed at "%s" it ends the same way',
  async (moment) => {
    await work('create', 'one')
    const [old] = there()
    weather = async (call) => {
      if (call !== moment) return
      weather = async () => undefined
      throw new Error('killed')
    }
    await expect(work('rotate-credential', 'two')).rejects.toThrow('killed')
    expect(await work('rotate-credential', 'two')).toMatchObject({ state: 'done' })
    const [now] = there()
    expect(there()).toEqual([now])
    expect(now).not.toBe(old)
    expect(await held()).toEqual([now, now, now])
  },
)
