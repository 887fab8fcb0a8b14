import { expect, test } from 'vitest'
import { type SimulatedClock, simulatedClock } from '../../clock/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { Cluster, ClusterSpec, NodeGroup, NodeGroupSpec } from '../../model/index.ts'
import { nodeKey } from '../../nodes/index.ts'
import type { Progress, Wish } from '../driver.ts'
import { checkDriver, type MakeSubject } from '../testing/index.ts'
import { CloudRefusal } from './cloud.ts'
import { createHeatDriver } from './driver.ts'
import { PretendedCloud, type Weather } from './fixture.ts'
import { groupStackName, stackName } from './names.ts'
import { rostersIn } from './rosters.ts'

/** Of the images of the tests. */
const versions: Readonly<Record<string, string>> = { old: 'v1.34.4', ancient: 'v1.33.9' }

const driverOn = (cloud: PretendedCloud, weather: Weather) =>
  createHeatDriver({
    cloudOf: (cluster, signal) => cloud.of(cluster, signal, weather),
    ledger: cloud.ledger,
    rosters: rostersIn(cloud.secrets),
    desk: { url: 'https://cloud.test/nodes/v1' },
    kubernetesVersion: async (_cluster, imageId) => versions[imageId] ?? 'v1.35.4',
    health: async () => ({ status: 'HEALTHY', reason: {} }),
  })

const subject: MakeSubject = (clock: SimulatedClock) => {
  const cloud = new PretendedCloud(clock)
  /** In which stack a group is. */
  const stacks = new Map<string, string>()
  /** Wishes of the kit know no network. */
  const grounded = (wish: Wish): Wish => {
    for (const { uuid, spec } of wish.nodeGroups) {
      const name = spec.isDefault ? stackName(wish.cluster) : groupStackName(wish.cluster, { uuid, spec })
      stacks.set(uuid, `${wish.cluster.uuid}/${name}`)
    }
    const { spec } = wish.cluster
    const template = { ...spec.template, externalNetworkId: 'public' }
    return { ...wish, cluster: { ...wish.cluster, spec: { ...spec, template } } }
  }
  return {
    driver: (hazard) => {
      const driver = driverOn(cloud, hazard)
      const reconcile = async (wish: Wish): Promise<Progress> => await driver.reconcile(grounded(wish))
      return { ...driver, covers: everything, reconcile }
    },
    look: async (id) => {
      expect(cloud.masters.wrongs).toEqual([])
      const seen = cloud.look(id)
      if (seen === undefined) return undefined
      const { roster } = await rostersIn(cloud.secrets).read({ uuid: id } as Cluster)
      const there = [...stacks].filter(([, stack]) => seen.stacks.includes(stack)).map(([group]) => group)
      const groups = there.map((group) => {
        const keys = seen.servers.filter((key) => key.startsWith(`${group}/`))
        const nodes = roster.nodes.filter((node) => keys.includes(nodeKey(node)))
        return [
          group,
          { nodes: keys.length, templates: [...new Set(nodes.map(({ templateId }) => templateId))] },
        ] as const
      })
      return Object.fromEntries(groups)
    },
    hopeless: () => new CloudRefusal('No valid host was found'),
  }
}

const everything = [{ coe: 'kubernetes', distro: 'debian', serverType: 'vm' as const }]

test('whatever is wished and whatever fails: it ends where the last wish says', async () => {
  await expect(checkDriver(subject, { runs: 150 })).resolves.toBeUndefined()
}, 180_000)

const signal = new AbortController().signal

function sceneOf(changes: Partial<ClusterSpec> = {}) {
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
  const driver = driverOn(cloud, async () => undefined)
  const settle = async (
    workers: Partial<NodeGroupSpec>,
    masters: Partial<NodeGroupSpec> = {},
    look: () => void = () => undefined,
  ): Promise<Progress> => {
    const nodeGroups = [
      groupOf('default-master', { role: 'master', ...masters }),
      groupOf('default-worker', { role: 'worker', ...workers }),
    ]
    for (let calls = 0; calls < 200; calls += 1) {
      const progress = await driver.reconcile({ cluster, nodeGroups, signal })
      look()
      if (progress.state !== 'waiting') return progress
      await clock.advance(progress.afterMs)
    }
    throw new Error('it waits for ever')
  }
  const members = (): readonly string[] => cloud.masters.membersOf(cluster.uuid).map((key) => key.slice(-4))
  return { cluster, cloud, settle, members }
}

test('a cluster of two nodes comes up, grows, loses the node that was named and goes without a trace', async () => {
  const { settle } = sceneOf()
  expect(await settle({ nodeCount: 1 })).toMatchObject({
    state: 'done',
    facts: { apiAddress: expect.stringMatching(/^https:/) as string },
  })
  const grown = await settle({ nodeCount: 3 })
  expect(grown.facts.nodeGroups?.['00000000-0000-4000-8000-00000000000b']?.nodeAddresses).toHaveLength(3)
})

test('three masters come: one makes the cluster, the others join it one by one', async () => {
  const { settle, members, cloud } = sceneOf()
  const sizes: number[] = []
  const look = (): void => void sizes.push(members().length)
  expect(await settle({ nodeCount: 1 }, { nodeCount: 3 }, look)).toMatchObject({ state: 'done' })
  expect(members()).toEqual(['0a/0', '0a/1', '0a/2'])
  expect(sizes).toEqual([...sizes].sort())
  expect(new Set(sizes)).toEqual(new Set([0, 1, 2, 3]))
  expect(cloud.masters.wrongs).toEqual([])
})

test('the only master is replaced by one that joins it, and the address of the API stays', async () => {
  const { settle, members, cloud } = sceneOf()
  const before = await settle({})
  const after = await settle({}, { nodesToRemove: ['0'] })
  expect(after).toMatchObject({ state: 'done' })
  expect(members()).toEqual(['0a/1'])
  expect(after.facts.apiAddress).toBe(before.facts.apiAddress)
  expect(cloud.masters.wrongs).toEqual([])
})

test('masters grow from one to three and shrink again, never losing a member that etcd counts on', async () => {
  const { settle, members, cloud } = sceneOf()
  for (const [nodeCount, left] of [
    [1, ['0a/0']],
    [3, ['0a/0', '0a/1', '0a/2']],
    [1, ['0a/0']],
  ] as const) {
    expect(await settle({}, { nodeCount })).toMatchObject({ state: 'done' })
    expect(members()).toEqual(left)
  }
  expect(cloud.masters.wrongs).toEqual([])
})

test('one dead master of three is replaced by those who live; where etcd has lost its quorum, nothing is taken away', async () => {
  const { settle, members, cloud, cluster } = sceneOf()
  await settle({}, { nodeCount: 3 })
  const [, second = '', third = ''] = cloud.masters.membersOf(cluster.uuid)
  cloud.masters.dead.add(second)
  expect(await settle({}, { nodeCount: 3, nodesToRemove: ['1'] })).toMatchObject({ state: 'done' })
  expect(members()).toEqual(['0a/0', '0a/2', '0a/3'])
  cloud.masters.dead.add(third)
  cloud.masters.dead.add(cloud.masters.membersOf(cluster.uuid)[2] ?? '')
  await expect(settle({}, { nodeCount: 3, nodesToRemove: ['2'] })).rejects.toThrow('waits for ever')
  expect(members()).toEqual(['0a/0', '0a/2', '0a/3'])
  expect(cloud.masters.wrongs).toEqual([])
})

test('an upgrade replaces masters one by one, and only then nodes', async () => {
  const { settle, members, cloud, cluster } = sceneOf()
  const [old, fresh] = [
    { templateId: 'a', imageId: 'old' },
    { templateId: 'b', imageId: 'new' },
  ]
  const count = { nodeCount: 3 }
  const before = await settle({ ...old, nodeCount: 2 }, { ...old, ...count })
  expect(before.facts.coeVersion).toBe('v1.34.4')
  const seen: { readonly members: number; readonly news: number; readonly servers: readonly string[] }[] = []
  const look = (): void => {
    const servers = cloud.look(cluster.uuid)?.servers.map((key) => key.slice(-4)) ?? []
    const news = members().filter((key) => Number(key.slice(-1)) > 2).length
    seen.push({ members: members().length, news, servers })
  }
  const after = await settle({ ...fresh, nodeCount: 2 }, { ...fresh, ...count }, look)
  expect(after).toMatchObject({ state: 'done', facts: { coeVersion: 'v1.35.4' } })
  expect(members()).toEqual(['0a/3', '0a/4', '0a/5'])
  for (const { members: size } of seen) expect([3, 4]).toContain(size)
  const early = seen.filter(({ news }) => news < 3)
  expect(early.flatMap(({ servers }) => servers.filter((key) => key.startsWith('0b') && key > '0b/1'))).toEqual([])
  expect(cloud.masters.wrongs).toEqual([])
})

test('masters of a version that could not join are refused before anything is touched', async () => {
  const { settle, cluster, cloud } = sceneOf()
  const group = { templateId: 'a', imageId: 'ancient' }
  await settle(group, group)
  const before = cloud.look(cluster.uuid)
  const far = { templateId: 'b', imageId: 'new' }
  expect(await settle(far, far)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('run Kubernetes v1.33.9, and the image of the template has v1.35.4') as string,
  })
  expect(cloud.look(cluster.uuid)).toEqual(before)
})
