/** `credential rotate`: every node has the new one before the old one ends. */
import { beforeEach, expect, test } from 'vitest'
import { type SimulatedClock, simulatedClock } from '../../clock/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { Cluster, NodeGroup, Operation } from '../../model/index.ts'
import type { Driver, Progress } from '../driver.ts'
import { credentialKeeper } from './credentials.ts'
import { createHeatDriver } from './driver.ts'
import { PretendedCloud, type Weather } from './fixture.ts'
import { rostersIn } from './rosters.ts'

let clock: SimulatedClock
let cloud: PretendedCloud
let driver: Driver
let weather: Weather

beforeEach(() => {
  clock = simulatedClock()
  cloud = new PretendedCloud(clock)
  weather = async () => undefined
  const through: Weather = async (call, signal) => await weather(call, signal)
  driver = createHeatDriver({
    cloudOf: (cluster, signal) => cloud.of(cluster, signal, through),
    ledger: cloud.ledger,
    rosters: rostersIn(cloud.secrets),
    desk: { url: 'https://cloud.test/nodes/v1' },
    credentials: credentialKeeper({
      sessionOf: async (cluster) => cloud.sessionOf(cluster, through),
      store: cloud.secrets,
      role: 'member',
    }),
    kubernetesVersion: async () => 'v1.35.4',
    health: async () => ({ status: 'HEALTHY', reason: {} }),
  })
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

const there = (): readonly string[] => cloud.credentialsOf(clusterIn('create', ''))
const held = async (): Promise<readonly (string | undefined)[]> =>
  Object.values((await cloud.ledger.read(clusterIn('create', '').uuid))?.nodes ?? {}).map(
    ({ holds }) => holds?.['cloud-config'],
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
  cloud.residents = false
  expect(await work('rotate-credential', 'two')).toMatchObject({
    state: 'waiting',
    for: expect.stringMatching(/^node .*master-0 to take up its new credential$/) as string,
  })
  expect(there()).toEqual([old, expect.stringMatching(/^nodes-/)])
  // Nothing else waits for that.
  expect(await work('resize', 'three')).toMatchObject({ state: 'done' })
  expect(there()).toHaveLength(2)
  cloud.residents = true
  await clock.advance(1000)
  expect(await work('resize', 'four')).toMatchObject({ state: 'done' })
  await work('resize', 'five')
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
