/** Who brings add-ons into a cluster, when, and what is told of it. */
import { beforeEach, expect, test } from 'vitest'
import { type SimulatedClock, simulatedClock } from '../../clock/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { Cluster, NodeGroup, NodeGroupSpec, Operation } from '../../model/index.ts'
import type { NodeEntry, NodeOrders } from '../../nodes/index.ts'
import type { Driver, Progress, Wish } from '../driver.ts'
import { createHeatDriver } from './driver.ts'
import { PretendedCloud } from './fixture.ts'
import { clusterCloud } from './stacks.ts'

type Labels = Readonly<Record<string, string>>

const uuid = '00000000-0000-4000-8000-000000000001'
const labels = {
  container_infra_prefix: 'registry.test/',
  cloud_provider_enabled: 'true',
  metrics_server_enabled: 'true',
}
const { signal } = new AbortController()
let clock: SimulatedClock
let cloud: PretendedCloud
let driver: Driver

beforeEach(() => {
  clock = simulatedClock()
  cloud = new PretendedCloud(clock)
  driver = createHeatDriver(cloud.options(async () => undefined))
})

interface Changes {
  readonly labels?: Labels
  readonly networkDriver?: string
  readonly masters?: Partial<NodeGroupSpec>
  readonly operation?: Partial<Operation>
}

const wishOf = ({ labels: said = labels, networkDriver = 'flannel', masters = {}, operation = {} }: Changes): Wish => {
  const template = { ...templateSpecFixture(), externalNetworkId: 'public', networkDriver }
  const spec = clusterSpecFixture({ template, labels: said })
  const cluster: Cluster = {
    ...{ uuid, resourceVersion: '1', uid: 'uid', status: {} },
    spec: { ...spec, operation: { ...spec.operation, ...operation } },
  }
  const groupOf = (digit: string, group: Partial<NodeGroupSpec>): NodeGroup => ({
    ...{ uuid: `00000000-0000-4000-8000-00000000000${digit}`, resourceVersion: '1', uid: 'uid', status: {} },
    spec: nodeGroupSpecFixture(group),
  })
  const nodeGroups = [
    groupOf('a', { name: 'default-master', role: 'master', nodeCount: 1, ...masters }),
    groupOf('b', { name: 'default-worker', role: 'worker', nodeCount: 1 }),
  ]
  return { cluster, nodeGroups, signal }
}

async function settle(changes: Changes = {}): Promise<Progress> {
  for (let calls = 0; ; calls += 1) {
    const progress = await driver.reconcile(wishOf(changes))
    if (progress.state !== 'waiting' || calls === 100) return progress
    await clock.advance(progress.afterMs)
  }
}

const entries = async (): Promise<readonly (readonly [key: string, entry: NodeEntry])[]> =>
  Object.entries((await cloud.ledger.read(uuid))?.nodes ?? {}).map(([key, entry]) => [key.slice(-3), entry])
const ordersOf = async (key: string): Promise<NodeOrders> => {
  const [, entry] = (await entries()).find(([each]) => each === key) ?? []
  if (entry === undefined) throw new Error(`no ${key}`)
  return entry.orders
}
const bringers = async (): Promise<Readonly<Record<string, readonly (string | undefined)[]>>> =>
  Object.fromEntries(
    (await entries()).flatMap(([key, { orders }]) => {
      const names = orders.later.filter(([program]) => program === '/bin/sh').map(([, , name]) => name)
      return names.length === 0 ? [] : [[key, names]]
    }),
  )
const all = ['credential', 'openstack-cloud-controller-manager', 'metrics-server']

test('the master that made the cluster brings them once it serves; nobody else has anything of them', async () => {
  const first: NodeEntry[] = []
  for (let calls = 0; first.length === 0; calls += 1) {
    expect(calls).toBeLessThan(50)
    const progress = await driver.reconcile(wishOf({ masters: { nodeCount: 3 } }))
    first.push(...(await entries()).map(([, entry]) => entry))
    await clock.advance(progress.state === 'waiting' ? progress.afterMs : 0)
  }
  expect(JSON.stringify(first.map(({ orders }) => [orders.later, Object.keys(orders.files)]))).not.toContain('add-ons')
  expect(await settle({ masters: { nodeCount: 3 } })).toMatchObject({ state: 'done' })
  expect(await bringers()).toEqual({ 'a/0': all })
  const holders = (await entries()).filter(([, { orders }]) =>
    Object.keys(orders.files).some((path) => /add-ons/.test(path)),
  )
  expect(holders.map(([key]) => key)).toEqual(['a/0'])
  expect(cloud.wrongs).toEqual([])
})

test.each<[string, Changes]>([
  ['flannel', { labels: { ...labels, flannel_backend: 'vxlan' } }],
  ['calico', { networkDriver: 'calico' }],
  ['cilium', { networkDriver: 'cilium' }],
])('%s connects Pods and does not wait for a node that is ready: that would be for ever', async (name, said) => {
  const orders: NodeOrders[] = []
  for (let calls = 0; orders.length === 0; calls += 1) {
    expect(calls).toBeLessThan(50)
    const progress = await driver.reconcile(wishOf(said))
    orders.push(...(await entries()).map(([, entry]) => entry.orders))
    await clock.advance(progress.state === 'waiting' ? progress.afterMs : 0)
  }
  const [program, , what] = orders[0]?.commands.at(-1) ?? []
  expect([program, what]).toEqual(['/bin/sh', name])
  expect(await settle(said)).toMatchObject({ state: 'done' })
  expect(await bringers()).toEqual({ 'a/0': ['credential', name, ...all.slice(1)] })
  // The same words: it is not applied twice.
  expect((await ordersOf('a/0')).later).toContainEqual(orders[0]?.commands.at(-1))
})

test('an autoscaler has a login of its own, which only masters are given, and no order shows', async () => {
  expect(await settle({ labels: { ...labels, auto_scaling_enabled: 'true' } })).toMatchObject({ state: 'done' })
  const logins = ['credential', 'autoscaler-login']
  expect(await bringers()).toEqual({ 'a/0': [...logins, all[1], 'cluster-autoscaler', all[2]] })
  const credential = cloud.credentials.of({ uuid })[0] ?? ''
  expect((await ordersOf('a/0')).secrets).toMatchObject({ autoscaler: credential, 'cloud-config': credential })
  expect((await ordersOf('b/0')).secrets).toEqual({})
  expect(JSON.stringify(await entries())).not.toContain('auth-url')
})

test('every kubelet waits for the cloud controller, and only where one comes', async () => {
  const flagged = async (said: Labels): Promise<readonly boolean[]> => {
    cloud = new PretendedCloud(clock)
    driver = createHeatDriver(cloud.options(async () => undefined))
    await settle({ labels: said })
    return (await entries()).map(([, { orders }]) =>
      /cloud-provider(=|\n +value: )external/.test(JSON.stringify(orders.files).replaceAll('\\n', '\n')),
    )
  }
  expect(await flagged(labels)).toEqual([true, true])
  expect(await flagged({ ...labels, cloud_provider_enabled: 'false' })).toEqual([false, false])
  expect(await flagged({ cloud_provider_enabled: 'true' })).toEqual([false, false])
})

test('when the first master goes, the next one brings them, and has it from its own files', async () => {
  await settle()
  expect(await settle({ masters: { nodesToRemove: ['0'] } })).toMatchObject({ state: 'done' })
  expect(await bringers()).toEqual({ 'a/1': all })
  const orders = await ordersOf('a/1')
  // kube-proxy and CoreDNS of its version first.
  expect(orders.later[0]).toEqual(['/usr/lib/croque/control-plane', 'add-ons'])
  expect(Object.keys(orders.files)).toContain('/etc/croque/add-ons/metrics-server.json')
})

test('load balancers of Services are where the cloud has them: a cloud controller ends where its catalog has none', async () => {
  const path = '/etc/croque/add-ons/openstack-cloud-controller-manager.json'
  await settle()
  expect((await ordersOf('a/0')).files[path]).not.toContain('service-lb-controller')
  cloud.services = ['load-balancer']
  await settle()
  expect((await ordersOf('a/0')).files[path]).toContain('service-lb-controller')
})

test('what a cloud has is what its catalog says', async () => {
  const session = async () => ({
    identity: { whoami: async () => ({ services: ['compute', 'load-balancer'] }) },
    // It came with the token.
    request: async () => await Promise.reject(new Error('nobody has to be asked')),
  })
  const real = clusterCloud(wishOf({}).cluster, { session, user: async () => '', leave: async () => undefined })
  expect([await real.offers('load-balancer'), await real.offers('key-manager')]).toEqual([true, false])
})

test('a new credential reaches what calls the cloud before the old one ends', async () => {
  await settle()
  const [old = ''] = cloud.credentials.of(wishOf({}).cluster)
  const operation = { kind: 'rotate-credential', id: 'two' } as const
  expect(await settle({ operation })).toMatchObject({ state: 'done' })
  const [now = ''] = cloud.credentials.of(wishOf({}).cluster)
  const orders = await ordersOf('a/0')
  expect(orders.later.find(([, , name]) => name === 'credential')?.[3]).toBe(now)
  const text = orders.files['/etc/croque/add-ons/openstack-cloud-controller-manager.json'] ?? ''
  expect([text.includes(now), text.includes(old)]).toEqual([true, false])
})

test('an add-on that cannot be applied is told of by its node, and waited for', async () => {
  await settle()
  const newer = { ...labels, cloud_provider_tag: 'v1.35.0' }
  await driver.reconcile(wishOf({ labels: newer }))
  const [key = ''] = Object.keys((await cloud.ledger.read(uuid))?.nodes ?? {}).filter((each) => each.endsWith('a/0'))
  cloud.masters.dead.add(key)
  await cloud.ledger.change(wishOf({}).cluster, (state) => {
    const entry = state.nodes[key]
    if (entry === undefined) throw new Error(`no ${key}`)
    const message = '/bin/sh: error: unknown field | add-on openstack-cloud-controller-manager could not be applied'
    const report = { phase: 'failed', message, revision: entry.orders.revision, at: 0 }
    return { ...state, nodes: { ...state.nodes, [key]: { ...entry, report } } }
  })
  expect(await driver.reconcile(wishOf({ labels: newer }))).toMatchObject({
    state: 'waiting',
    for: expect.stringMatching(/^node demo-\w+-master-0: failed \/bin\/sh: .* could not be applied$/) as string,
  })
})

test('a node that no cloud controller has seen is not healthy, and it is said why', async () => {
  await settle()
  const wish = wishOf({})
  expect(await driver.health(wish)).toMatchObject({ status: 'HEALTHY' })
  const options = cloud.options(async () => undefined)
  const tainted = createHeatDriver({
    ...options,
    door: async (cluster, given, work) =>
      await options.door(cluster, given, async (inside) => {
        const nodes = async () => (await inside.nodes()).map((node) => ({ ...node, awaitsCloud: true as const }))
        return await work({ ...inside, nodes })
      }),
  })
  expect(await tainted.health(wish)).toMatchObject({
    status: 'UNHEALTHY',
    reason: {
      'demo-00000000-master-0.Ready': 'True',
      'demo-00000000-master-0.cloud': 'no Pods come to it until the cloud controller manager has seen it',
    },
  })
})
