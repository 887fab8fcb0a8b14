/** The driver on a pretended cloud, with one cluster, and a time that tests let pass. */
import { simulatedClock } from '../../clock/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { ClusterSpec, NodeGroup, NodeGroupSpec } from '../../model/index.ts'
import type { Driver, Progress, Wish } from '../driver.ts'
import { createHeatDriver } from './driver.ts'
import { PretendedCloud, type Weather } from './fixture.ts'

/** Of the images of the tests. */
const versions: Readonly<Record<string, string>> = { old: 'v1.34.4', ancient: 'v1.33.9' }

export const driverOn = (cloud: PretendedCloud, weather: Weather): Driver =>
  createHeatDriver({
    ...cloud.options(weather),
    engineVersion: async (_cluster, imageId) => versions[imageId] ?? 'v1.35.4',
  })

export const signal = new AbortController().signal

export function sceneOf(changes: Partial<ClusterSpec> = {}) {
  const clock = simulatedClock()
  const cloud = new PretendedCloud(clock)
  const template = { ...templateSpecFixture(), externalNetworkId: 'public' }
  const cluster = {
    uuid: '00000000-0000-4000-8000-000000000001',
    resourceVersion: '1',
    uid: 'uid',
    spec: clusterSpecFixture({ template, ...changes }),
    status: {},
  }
  const groupOf = (name: string, changes: Partial<NodeGroupSpec>): NodeGroup => ({
    uuid: `00000000-0000-4000-8000-0000000000${name === 'default-master' ? '0a' : '0b'}`,
    resourceVersion: '1',
    uid: 'uid',
    spec: nodeGroupSpecFixture({ name, ...changes }),
    status: {},
  })
  const calls: string[] = []
  const driver = driverOn(cloud, async (call) => void calls.push(call))
  const wishOf = (workers: Partial<NodeGroupSpec>, changes: Partial<NodeGroupSpec> = {}): Wish => {
    const masters = groupOf('default-master', { role: 'master', ...changes })
    return { cluster, nodeGroups: [masters, groupOf('default-worker', { role: 'worker', ...workers })], signal }
  }
  /** What was waited for, one after the other, is left in `told`. */
  const told: string[] = []
  const until = async (wish: Wish, ends: (progress: Progress) => boolean): Promise<Progress> => {
    for (let calls = 0; calls < 300; calls += 1) {
      const progress = await driver.reconcile(wish)
      if (progress.state !== 'waiting' || ends(progress)) return progress
      if (told.at(-1) !== progress.for) told.push(progress.for)
      await clock.advance(progress.afterMs)
    }
    throw new Error('it waits for ever')
  }
  const settle = async (
    workers: Partial<NodeGroupSpec>,
    masters: Partial<NodeGroupSpec> = {},
    look: () => void = () => undefined,
  ): Promise<Progress> => {
    const progress = await until(wishOf(workers, masters), () => {
      look()
      return false
    })
    look()
    return progress
  }
  const members = (): readonly string[] => cloud.masters.membersOf(cluster.uuid).map((key) => key.slice(-4))
  return { cluster, cloud, clock, driver, settle, until, wishOf, groupOf, calls, told, members }
}
