/**
 * What the driver `heat` does inside a cluster, on a real API server: by rights that are exactly its calls, nodes are drained as budgets
 * allow it, and Nodes go after their servers. Stacks and servers are pretended; the test plays kubelets and the controller of budgets.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClusterCertificates, createCertificates } from '../../src/clusters/certificates/index.ts'
import { simulatedClock } from '../../src/clusters/clock/index.ts'
import { createHeatDriver } from '../../src/clusters/drivers/heat/driver.ts'
import { PretendedCloud } from '../../src/clusters/drivers/heat/fixture.ts'
import { doorBy } from '../../src/clusters/drivers/heat/inside/door.ts'
import type { SeenNode } from '../../src/clusters/drivers/heat/inside/inside.ts'
import { driverName } from '../../src/clusters/drivers/heat/inside/rights.ts'
import type { Progress } from '../../src/clusters/drivers/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../src/clusters/model/fixture.ts'
import { type Cluster, createMemoryStore, type NodeGroup } from '../../src/clusters/model/index.ts'
import { run } from '../../src/host/index.ts'
import { createKube, type Kube, KubeError, type KubeObject } from '../../src/kube/index.ts'
import { startTestApiServer, type TestApiServer } from './apiserver.ts'

const dir = await mkdtemp(join(tmpdir(), 'croque-inside-'))
const at = (name: string): string => join(dir, name)
const store = createMemoryStore()
const certificates: ClusterCertificates = createCertificates({ store, now: () => new Date() })
const template = templateSpecFixture({ externalNetworkId: 'public' })
const made: Cluster = await store.clusters.create(
  '00000000-0000-4000-8000-000000000001',
  clusterSpecFixture({ template }),
)
const { signal } = new AbortController()
let server: TestApiServer
let kube: Kube
let cluster: Cluster

beforeAll(async () => {
  server = await startTestApiServer({
    dir,
    certificates: async () => {
      const { cas } = await certificates.material(made)
      await writeFile(at('ca.crt'), cas.kubernetes.trusted)
      const wish = [
        '-subj',
        '/CN=kube-apiserver',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        at('server.key'),
      ]
      const { stdout } = await run('openssl', ['req', '-new', '-nodes', '-newkey', 'rsa:2048', ...wish])
      await writeFile(at('server.crt'), await certificates.sign(made, stdout))
      const { cert, key } = await certificates.admin(made)
      await writeFile(at('client.crt'), cert)
      await writeFile(at('client.key'), key)
    },
  })
  kube = createKube(server.access)
  cluster = { ...made, status: { apiAddress: server.access.server } }
})

afterAll(async () => {
  kube?.close()
  await server?.stop()
  await rm(dir, { recursive: true })
})

const group = '00000000-0000-4000-8000-00000000000b'
const door = doorBy(certificates)
const node = { apiVersion: 'v1', kind: 'Node' }
const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default' }

/** A kubelet comes, or says how it is. */
async function kubelet(name: string, labels: Readonly<Record<string, string>>, ready = 'True'): Promise<void> {
  await kube.apply({ ...node, metadata: { name, labels } })
  const moment = new Date().toISOString()
  const condition = {
    type: 'Ready',
    status: ready,
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastHeartbeatTime: moment,
    lastTransitionTime: moment,
  }
  await kube.patch({ ...node, name }, { status: { conditions: [condition] } }, { subresource: 'status' })
  await heartbeat(name, Date.now())
}

async function heartbeat(name: string, ms: number): Promise<void> {
  const renewTime = new Date(ms).toISOString().replace('Z', '000Z')
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
  }
  await kube.apply({ ...lease, spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime } }, { force: true })
}

async function start(name: string, nodeName: string, ownedBy?: string): Promise<void> {
  const owner = { apiVersion: 'apps/v1', kind: ownedBy, name: 'owner', uid: 'e9b1c1f2-0000-4000-8000-000000000000' }
  const metadata = { name, namespace: 'default', labels: { app: name } }
  await kube.create({
    ...pod,
    metadata: ownedBy === undefined ? metadata : { ...metadata, ownerReferences: [owner] },
    // No kubelet is there that would end it.
    spec: { nodeName, terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'none' }] },
  } as KubeObject)
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
  await kube.patch({ ...pod, name }, { status }, { subresource: 'status' })
}

const nodeNames = async (): Promise<readonly string[]> =>
  (await kube.list(node)).items.map(({ metadata }) => metadata.name)
const podNames = async (): Promise<readonly string[]> =>
  (await kube.list(pod, { namespace: 'default' })).items.map(({ metadata }) => metadata.name).sort()

/** As whoever the driver is inside. */
async function asDriver<Result>(work: (kube: Kube) => Promise<Result>): Promise<Result> {
  const { cert, key, ca } = await certificates.admin(cluster, { commonName: driverName, organizations: [] })
  const own = createKube({ server: server.access.server, ca, clientCert: cert, clientKey: key }, { retrySeconds: 0 })
  try {
    return await work(own)
  } finally {
    own.close()
  }
}

async function rulesIn(namespace: string): Promise<readonly string[]> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', metadata: { name: '' } }
  const { status } = await asDriver(async (own) => await own.create({ ...review, spec: { namespace } }))
  const { resourceRules } = status as {
    readonly resourceRules: readonly {
      readonly verbs: string[]
      readonly resources: string[]
      readonly apiGroups: string[]
    }[]
  }
  // What every user may do: ask who he is, and what he may do.
  return resourceRules
    .filter(({ apiGroups }) => !apiGroups.some((name) => /^(authentication|authorization)\.k8s\.io$/.test(name)))
    .flatMap(({ verbs, resources }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)))
    .sort()
}

const everywhere = ['create pods/eviction', 'delete nodes', 'list nodes', 'list pods', 'patch nodes']

test('a cluster that knows nothing of the driver is told what it may do, and that is no more than its calls', async () => {
  await kubelet('demo', {})
  expect(await rulesIn('kube-system')).toEqual([])
  expect((await door(cluster, signal, async (inside) => await inside.nodes())).map(({ name }) => name)).toEqual([
    'demo',
  ])
  expect(await rulesIn('kube-system')).toEqual(everywhere)
  expect(await rulesIn('kube-node-lease')).toEqual([...everywhere, 'list leases'].sort())
  const refused: readonly ((own: Kube) => Promise<unknown>)[] = [
    async (own: Kube) => await own.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace: 'kube-system' }),
    async (own: Kube) => await own.list({ apiVersion: 'v1', kind: 'ConfigMap' }),
    async (own: Kube) => await own.delete({ ...pod, name: 'any' }),
    async (own: Kube) => await own.patch({ ...node, name: 'demo' }, { status: {} }, { subresource: 'status' }),
    async (own: Kube) => await own.create({ ...node, metadata: { name: 'another' } }),
  ]
  for (const call of refused) {
    const error = await asDriver(call).catch((cause: unknown) => cause)
    expect(error instanceof KubeError && error.status).toBe(403)
  }
})

test('a tenant who takes the rights away is given them again', async () => {
  const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', name: driverName }
  await kube.delete(binding)
  await expect.poll(async () => await rulesIn('kube-system')).toEqual([])
  await door(cluster, signal, async (inside) => await inside.nodes())
  expect(await rulesIn('kube-system')).toEqual(everywhere)
  await kube.delete({ ...node, name: 'demo' })
})

/** The driver on pretended stacks, with a time of its own. */
function drive() {
  const clock = simulatedClock()
  const cloud = new PretendedCloud(clock)
  const driver = createHeatDriver({ ...cloud.options(async () => undefined), door })
  const groupOf = (uuid: string, changes: Parameters<typeof nodeGroupSpecFixture>[0]): NodeGroup => {
    return { uuid, resourceVersion: '1', uid: 'uid', spec: nodeGroupSpecFixture(changes), status: {} }
  }
  const wish = (nodeCount: number) => ({
    cluster,
    nodeGroups: [
      groupOf('00000000-0000-4000-8000-00000000000a', { name: 'default-master', role: 'master' }),
      groupOf(group, { nodeCount }),
    ],
    signal,
  })
  /** Calls until something else is waited for than stacks and nodes that come. */
  const settle = async (nodeCount: number): Promise<Progress> => {
    for (let calls = 0; calls < 60; calls += 1) {
      const progress = await driver.reconcile(wish(nodeCount))
      if (progress.state !== 'waiting' || progress.for.includes('drained')) return progress
      await clock.advance(progress.afterMs)
    }
    throw new Error('it waits for ever')
  }
  return { clock, cloud, settle, health: async (nodeCount: number) => await driver.health(wish(nodeCount)) }
}

const [master, first, second] = ['master-0', 'node-0', 'node-1'].map((name) => `demo-00000000-${name}`) as [
  string,
  string,
  string,
]
const ours = { 'magnum.openstack.org/nodegroup': group }

test('a node that leaves is drained as budgets allow it, and its Node goes after its server', async () => {
  const { settle, cloud, health } = drive()
  expect(await settle(2)).toMatchObject({ state: 'done' })
  for (const name of [master, first, second]) await kubelet(name, ours)
  // Of a server that is gone, and of somebody else.
  await kubelet('demo-00000000-node-7', ours)
  await kubelet('my-own', ours)
  await kubelet('demo-00000000-own', {})
  await start('agent', second, 'DaemonSet')
  await start('mirror', second, 'Node')
  await start('free', second, 'ReplicaSet')
  await start('guarded', second, 'StatefulSet')
  await start('elsewhere', first, 'ReplicaSet')
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'keep', namespace: 'default' },
  }
  await kube.create({ ...budget, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'guarded' } } } })
  const allow = async (disruptionsAllowed: number): Promise<void> => {
    const status = { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, observedGeneration: 1 }
    await kube.patch({ ...budget, name: 'keep', namespace: 'default' }, { status }, { subresource: 'status' })
  }
  await allow(0)

  const held = await settle(1)
  expect(held).toMatchObject({
    state: 'waiting',
    for: expect.stringMatching(
      new RegExp(
        `^node ${second} to be drained, for 5 minutes at most: Pod default/guarded may not be evicted: .*keep`,
      ),
    ) as string,
  })
  expect(await podNames()).toEqual(['agent', 'elsewhere', 'guarded', 'mirror'])
  const found = await kube.get({ ...node, name: second })
  expect(found?.['spec']).toMatchObject({ unschedulable: true })
  expect(cloud.look(cluster.uuid)?.servers).toHaveLength(3)

  await allow(1)
  // It has been asked to end; it is gone by the next look.
  await settle(1)
  expect(await settle(1)).toMatchObject({ state: 'done' })
  expect(await podNames()).toEqual(['agent', 'elsewhere', 'mirror'])
  expect(cloud.look(cluster.uuid)?.servers).toHaveLength(2)
  expect(await nodeNames()).toEqual([master, first, 'demo-00000000-own', 'my-own'].sort())
  expect(await health(1)).toMatchObject({ status: 'HEALTHY' })
})

test('health names who is silent, earlier than Kubernetes does, and whose server is gone', async () => {
  const { settle, cloud, health } = drive()
  await settle(2)
  for (const name of [master, first, second]) await kubelet(name, ours)
  expect(await health(2)).toMatchObject({ status: 'HEALTHY', reason: { api: 'ok', [`${second}.Ready`]: 'True' } })

  await heartbeat(second, Date.now() - 30_000)
  const silent = await health(2)
  expect(silent).toMatchObject({
    status: 'UNHEALTHY',
    reason: { [`${first}.Ready`]: 'True', [`${second}.Ready`]: 'Unknown' },
  })
  expect(silent.dead).toBeUndefined()

  cloud.kill(cluster.uuid, 1)
  expect(await health(2)).toMatchObject({
    reason: { [`${second}.server`]: 'its server is gone' },
    dead: [{ group, node: '1' }],
  })
})

test('nobody answers: health is unknown, and says why', async () => {
  const nowhere = { ...cluster, status: { apiAddress: 'https://127.0.0.1:1' } }
  await expect(
    door(nowhere, signal, async (inside): Promise<readonly SeenNode[]> => await inside.nodes()),
  ).rejects.toThrow('does not answer')
})
