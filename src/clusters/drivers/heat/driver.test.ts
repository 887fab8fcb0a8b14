import { expect, test } from 'vitest'
import type { SimulatedClock } from '../../clock/index.ts'
import { nodeGroupSpecFixture } from '../../model/fixture.ts'
import type { Cluster } from '../../model/index.ts'
import { nodeKey } from '../../nodes/index.ts'
import type { Progress, Wish } from '../driver.ts'
import { checkDriver, type MakeSubject } from '../testing/index.ts'
import type { Ailment } from './ailments-fixture.ts'
import { CloudRefusal } from './cloud.ts'
import { createHeatDriver } from './driver.ts'
import { driverOn, sceneOf, signal } from './driver-fixture.ts'
import { PretendedCloud } from './fixture.ts'
import { groupStackName, stackName } from './names.ts'
import { rostersIn } from './rosters.ts'
import type { StackBody } from './template.ts'

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
      const health = async (wish: Wish) => await driver.health(grounded(wish))
      return { ...driver, covers: everything, reconcile, health }
    },
    kill: (id, nth) => cloud.kill(id, nth),
    ail: (nth, count) => cloud.stacks.ail(Array.from({ length: count }, (_, at) => ailments[(nth + at) % 3] ?? 'away')),
    recover: () => cloud.stacks.recover(),
    wrongs: () => cloud.wrongs,
    look: async (id) => {
      const seen = cloud.look(id)
      if (seen === undefined) return undefined
      const strays = cloud.inside.keys(id).filter((key) => !seen.servers.includes(key))
      if (strays.length > 0) throw new Error(`Kubernetes still has ${strays.join(', ')}`)
      if (seen.orphans.length > 0) throw new Error(`Nobody knows ${seen.orphans.join(', ')}`)
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

const ailments: readonly Ailment[] = ['away', 'engine', 'engine-unnoticed']

const everything = [{ coe: 'kubernetes', distro: 'debian', serverType: 'vm' as const }]

const worker = '00000000-0000-4000-8000-00000000000b'
const nameOf = (index: number): string => `demo-00000000-node-${index}`

test('whatever is wished and whatever fails: it ends where the last wish says', async () => {
  await expect(checkDriver(subject, { runs: 60 })).resolves.toBeUndefined()
}, 180_000)

test('whoever has the key logs in, and nodes trust whom the operator trusts: both come with the node', async () => {
  const { cluster, cloud } = sceneOf({ publicKey: 'ssh-ed25519 AAAA mine\n' })
  const made: StackBody[] = []
  const driver = createHeatDriver({
    ...cloud.options(async () => undefined),
    trusted: 'PEM',
    cloudOf: (owner, given) => ({
      ...cloud.of(owner, given, async () => undefined),
      create: async (_name, body) => void made.push(body),
    }),
  })
  const group = { uuid: 'a', resourceVersion: '1', uid: 'uid', status: {} }
  await driver.reconcile({
    cluster,
    nodeGroups: [{ ...group, spec: nodeGroupSpecFixture({ role: 'master' }) }],
    signal,
  })
  const [text = ''] = Object.values(made[0]?.parameters['kube_masters_user_data'] ?? {})
  expect(text.split('\n')[0]).toBe('#cloud-config')
  expect(JSON.parse(text.slice(text.indexOf('\n')))).toMatchObject({
    ssh_authorized_keys: ['ssh-ed25519 AAAA mine'],
    ca_certs: { trusted: ['PEM'] },
    write_files: [{ path: '/etc/croque/node.json', permissions: '0600' }],
  })
  expect(JSON.stringify(made[0]?.template)).toContain('"port_range_min":22')
})

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
  expect(cloud.wrongs).toEqual([])
})

test('the only master is replaced by one that joins it, and the address of the API stays', async () => {
  const { settle, members, cloud } = sceneOf()
  const before = await settle({})
  const after = await settle({}, { nodesToRemove: ['0'] })
  expect(after).toMatchObject({ state: 'done' })
  expect(members()).toEqual(['0a/1'])
  expect(after.facts.apiAddress).toBe(before.facts.apiAddress)
  expect(cloud.wrongs).toEqual([])
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
  expect(cloud.wrongs).toEqual([])
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
  expect(cloud.wrongs).toEqual([])
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
  expect(cloud.wrongs).toEqual([])
})

test('what fails on a node is told and tried again by it; what fails for three minutes fails the cluster', async () => {
  const { cloud, cluster, driver, wishOf, clock, until } = sceneOf()
  const wish = wishOf({ nodeCount: 1 })
  const key = `${worker}/0`
  cloud.masters.dead.add(key)
  const isThere = async (): Promise<boolean> => (await cloud.ledger.read(cluster.uuid))?.nodes[key] !== undefined
  const waits = await until(
    wish,
    (progress) => progress.state === 'waiting' && progress.for.startsWith(`node ${nameOf(0)}`),
  )
  expect([waits.state, await isThere()]).toEqual(['waiting', true])
  await cloud.ledger.change(cluster, (state) => {
    const entry = state.nodes[key]
    if (entry === undefined) throw new Error(`no ${key}`)
    const at = cloud.now()
    const report = { phase: 'failed', message: 'kubelet: no such image', revision: entry.orders.revision, at }
    return { ...state, nodes: { ...state.nodes, [key]: { ...entry, report: { ...report, failingSince: at } } } }
  })
  const said = `node ${nameOf(0)}: failed kubelet: no such image`
  expect(await driver.reconcile(wish)).toMatchObject({ state: 'waiting', for: said })
  await clock.advance(3 * 60_000)
  expect(await driver.reconcile(wish)).toMatchObject({ state: 'failed', reason: said.replace('failed ', '') })
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

const guarded = (index: number): string =>
  `node ${nameOf(index)} to be drained, for 5 minutes at most: Pod default/on-${nameOf(index)} may not be evicted: budget web`

test('a node is drained before its server goes, its Node goes after it, and what is waited for is told', async () => {
  const { settle, cloud, cluster, told, clock } = sceneOf()
  cloud.guards = [0, 60_000]
  await settle({ nodeCount: 2 })
  const begun = clock.elapsed()
  told.length = 0
  expect(await settle({ nodeCount: 1 })).toMatchObject({ state: 'done' })
  expect(told).toEqual([
    guarded(1),
    `node ${nameOf(1)} to be drained, for 5 minutes at most: Pod default/on-${nameOf(1)} to end`,
    expect.stringContaining('its update was asked for'),
    expect.stringContaining('UPDATE_IN_PROGRESS'),
  ])
  expect(clock.elapsed() - begun).toBeLessThan(90_000)
  expect(cloud.inside.keys(cluster.uuid)).toEqual(cloud.look(cluster.uuid)?.servers)
  expect(cloud.wrongs).toEqual([])
})

test('a budget that never allows it is respected for five minutes, whoever asks meanwhile', async () => {
  const { settle, cloud, clock, until, wishOf, driver } = sceneOf()
  cloud.guards = [Number.POSITIVE_INFINITY]
  await settle({ nodeCount: 2 })
  const begun = clock.elapsed()
  expect(await until(wishOf({ nodeCount: 1 }), ({ state }) => state === 'waiting')).toMatchObject({ for: guarded(1) })
  await clock.advance(280_000)
  // Another process, which remembers nothing; the wish of before, which is not taken back.
  expect(await driver.reconcile(wishOf({ nodeCount: 2 }))).toMatchObject({ state: 'waiting' })
  expect(await settle({ nodeCount: 2 })).toMatchObject({ state: 'done' })
  expect(clock.elapsed() - begun).toBeGreaterThan(300_000)
  expect(clock.elapsed() - begun).toBeLessThan(340_000)
  expect(cloud.wrongs).toEqual([])
})

test('nodes of a group that is not wished any more are drained before its stack goes', async () => {
  const { settle, until, wishOf, groupOf, cloud, cluster, told } = sceneOf()
  cloud.guards = [30_000]
  await settle({ nodeCount: 1 })
  const both = wishOf({ nodeCount: 1 })
  const extra = groupOf('extra', { isDefault: false, nodeCount: 1 })
  const uuid = '00000000-0000-4000-8000-00000000000c'
  await until({ ...both, nodeGroups: [...both.nodeGroups, { ...extra, uuid }] }, () => false)
  expect(cloud.look(cluster.uuid)?.servers).toHaveLength(3)
  told.length = 0
  await settle({ nodeCount: 1 })
  expect(told[0]).toContain('may not be evicted: budget web')
  expect(told[0]).toContain('node demo-00000000-extra')
  expect(cloud.look(cluster.uuid)?.servers).toHaveLength(2)
  expect(cloud.inside.keys(cluster.uuid)).toHaveLength(2)
  expect(cloud.wrongs).toEqual([])
})

test('a cluster where nobody answers is resized after five minutes, and deleted without a drain', async () => {
  const { settle, cloud, clock, cluster, driver, wishOf, calls, told } = sceneOf()
  await settle({ nodeCount: 2 })
  cloud.inside.isDown = true
  const begun = clock.elapsed()
  told.length = 0
  expect(await settle({ nodeCount: 1 })).toMatchObject({ state: 'done' })
  expect(told[0]).toBe(`node ${nameOf(1)} to be drained, for 5 minutes at most: connect EHOSTUNREACH`)
  expect(clock.elapsed() - begun).toBeGreaterThan(300_000)
  // Its Node is swept as soon as somebody answers again.
  cloud.inside.isDown = false
  expect(cloud.inside.keys(cluster.uuid)).toHaveLength(3)
  expect(await driver.health(wishOf({ nodeCount: 1 }))).toMatchObject({ status: 'HEALTHY' })
  expect(cloud.inside.keys(cluster.uuid)).toHaveLength(2)

  calls.length = 0
  for (let left = 20; (await driver.remove(wishOf({}))).state !== 'done'; left -= 1) {
    expect(left).toBeGreaterThan(0)
    await clock.advance(2000)
  }
  expect(calls.filter((call) => /evict|cordon|node/.test(call))).toEqual([])
  expect(cloud.look(cluster.uuid)).toBeUndefined()
})

test('a worker that was deleted by hand is told of, and replaced by the wish that healers send', async () => {
  const { settle, cloud, cluster, driver, wishOf } = sceneOf()
  await settle({ nodeCount: 2 })
  cloud.kill(cluster.uuid, 0)
  const wish = wishOf({ nodeCount: 2 })
  expect(await driver.health(wish)).toEqual({
    status: 'UNHEALTHY',
    reason: {
      api: 'ok',
      'demo-00000000-master-0.Ready': 'True',
      [`${nameOf(0)}.Ready`]: 'Unknown',
      [`${nameOf(1)}.Ready`]: 'True',
      [`${nameOf(0)}.server`]: 'its server is gone',
    },
    dead: [{ group: worker, node: '0', why: `${nameOf(0)}: its server is gone` }],
  })
  // magnum-auto-healer names the server; here it is called by its key.
  const healed = await settle({ nodeCount: 2, nodesToRemove: [`server-${worker}/0`] })
  expect(healed).toMatchObject({
    state: 'done',
    facts: { nodeGroups: { [worker]: { removed: [`server-${worker}/0`] } } },
  })
  expect(cloud.look(cluster.uuid)?.servers.filter((key) => key.startsWith(worker))).toEqual([
    `${worker}/1`,
    `${worker}/2`,
  ])
  expect(await driver.health(wish)).toMatchObject({ status: 'HEALTHY' })
})

test.each([
  ['is in ERROR', { machine: 'ERROR: the host is down' }, 'its server is in ERROR: the host is down'],
  [
    'was marked as unhealthy in its stack',
    { status: 'CHECK_FAILED', reason: 'Mark resource unhealthy by autohealing service' },
    'its server was marked as unhealthy: Mark resource unhealthy by autohealing service',
  ],
  ['was exchanged by Heat after that', { id: 'another' }, 'its server was exchanged for another one, which is no node'],
])('a worker whose server %s is replaced by whatever is wished next', async (_, changes, why) => {
  const { settle, cloud, cluster, driver, wishOf } = sceneOf()
  await settle({ nodeCount: 2 })
  cloud.disturb(cluster.uuid, `${worker}/1`, changes)
  expect(await driver.health(wishOf({ nodeCount: 2 }))).toMatchObject({
    status: 'UNHEALTHY',
    dead: [{ group: worker, node: '1', why: `${nameOf(1)}: ${why}` }],
  })
  expect(await settle({ nodeCount: 2 })).toMatchObject({ state: 'done' })
  expect(cloud.look(cluster.uuid)?.servers.filter((key) => key.startsWith(worker))).toEqual([
    `${worker}/0`,
    `${worker}/2`,
  ])
})

test('a server that was not seen before its node had joined is known from the next look on', async () => {
  const { settle, cloud, cluster, driver, wishOf } = sceneOf()
  await settle({ nodeCount: 1 })
  const key = `${worker}/0`
  await cloud.ledger.change(cluster, (state) => {
    const { serverId, ...unseen } = state.nodes[key] ?? expect.fail('no such node')
    expect(serverId).toBe(`server-${key}`)
    return { ...state, nodes: { ...state.nodes, [key]: unseen } }
  })
  expect(await settle({ nodeCount: 1 })).toMatchObject({ state: 'done' })
  cloud.disturb(cluster.uuid, key, { id: 'another' })
  const why = `${nameOf(0)}: its server was exchanged for another one, which is no node`
  expect(await driver.health(wishOf({ nodeCount: 1 }))).toMatchObject({ dead: [{ node: '0', why }] })
})

test('a server that Heat made in the place of one that could not be built is the first of its node', async () => {
  const { settle, until, cloud, cluster, wishOf } = sceneOf()
  const key = `${worker}/0`
  const isThere = (): boolean => cloud.look(cluster.uuid)?.servers.includes(key) === true
  await until(wishOf({ nodeCount: 1 }), isThere)
  cloud.disturb(cluster.uuid, key, { id: 'unbuilt', machine: 'BUILD' })
  await settle({ nodeCount: 1 })
  cloud.disturb(cluster.uuid, key, { id: 'built', machine: 'ACTIVE' })
  expect(await settle({ nodeCount: 1 })).toMatchObject({ state: 'done' })
  expect(isThere()).toBe(true)
  expect((await cloud.ledger.read(cluster.uuid))?.nodes[key]?.serverId).toBe('built')
})

test('of workers that are not heard of for long one is given up at a time, and none before five minutes', async () => {
  const { settle, cloud, cluster, driver, wishOf, clock } = sceneOf()
  await settle({ nodeCount: 2 })
  const wish = wishOf({ nodeCount: 2 })
  for (const index of [0, 1]) cloud.inside.silence(cluster.uuid, nameOf(index))
  await clock.advance(290_000)
  const early = await driver.health(wish)
  expect(early).toMatchObject({ status: 'UNHEALTHY', reason: { [`${nameOf(1)}.Ready`]: 'Unknown' } })
  expect(early.dead).toBeUndefined()
  await clock.advance(10_000)
  const { dead } = await driver.health(wish)
  expect(dead).toEqual([{ group: worker, node: '0', why: `${nameOf(0)}: it was not ready for 5 minutes` }])
})

/** Deletes the cluster. @returns what is waited for, look after look */
async function removed({ driver, wishOf, clock }: ReturnType<typeof sceneOf>): Promise<readonly string[]> {
  const told: string[] = []
  for (let left = 100; left > 0; left -= 1) {
    const progress = await driver.remove(wishOf({}))
    if (progress.state !== 'waiting') break
    told.push(progress.for)
    await clock.advance(progress.afterMs)
  }
  return told
}

test('a stack that comes after its cluster was to go goes with it', async () => {
  const scene = sceneOf()
  const { cloud, cluster, driver, wishOf } = scene
  cloud.stacks.lateMs = 100_000
  await expect(driver.reconcile(wishOf({ nodeCount: 1 }))).rejects.toThrow('The time is over')
  const told = await removed(scene)
  expect(told[0]).toMatch(/^stack demo-\S+, which was asked for and may still come until \d\d:\d\d:\d\d UTC$/)
  expect(told).toContainEqual(expect.stringMatching(/^the removal of stack /))
  expect(cloud.look(cluster.uuid)).toBeUndefined()
})

test('a server that Heat made just before it died goes when the cluster is whole, or with it', async () => {
  const scene = sceneOf()
  const { settle, cloud, cluster, driver, wishOf } = scene
  cloud.stacks.ail(['engine'])
  expect(await settle({ nodeCount: 1 })).toMatchObject({ state: 'done' })
  expect(cloud.look(cluster.uuid)?.orphans).toEqual([])

  cloud.stacks.ail(['engine'])
  await driver.reconcile(wishOf({ nodeCount: 3 }))
  const [orphan = ''] = cloud.look(cluster.uuid)?.orphans ?? []
  expect(orphan).toMatch(/^server /)
  const told = await removed(scene)
  expect(told).toContain(`${orphan} to go`)
  expect(cloud.look(cluster.uuid)).toBeUndefined()
})
