import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import type { CroqueEvent } from '../../engine/index.ts'
import { CroqueError } from '../../errors/index.ts'
import type { ClusterNodeGroup, ContainerCluster } from '../../openstack/index.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { listText, showText } from './look.ts'
import { findCluster } from './scene.ts'
import { told } from './told.ts'
import { watch } from './watch.ts'
import { wayTo } from './way.ts'
import { labelsOf } from './words.ts'

const cluster = (more: Partial<ContainerCluster> = {}): ContainerCluster => ({
  id: '11111111-2222-3333-4444-555555555555',
  name: 'demo',
  project: 'home',
  status: 'CREATE_IN_PROGRESS',
  reason: undefined,
  health: undefined,
  healthReason: {},
  templateId: 'template',
  masterCount: 1,
  nodeCount: 1,
  apiAddress: undefined,
  keypair: undefined,
  labels: {},
  createdAt: undefined,
  ...more,
})
const group = (more: Partial<ClusterNodeGroup> = {}): ClusterNodeGroup => ({
  id: 'group',
  name: 'default-worker',
  role: 'worker',
  nodeCount: 1,
  status: 'CREATE_IN_PROGRESS',
  reason: undefined,
  addresses: [],
  ...more,
})
const there = cluster({
  status: 'CREATE_COMPLETE',
  apiAddress: 'https://172.24.4.20:6443',
  health: 'UNHEALTHY',
  healthReason: { api: 'ok', 'demo-master-0.Ready': 'True', 'demo-node-0.Ready': 'False' },
  labels: { a: 'b' },
})

test.each<[string, Parameters<typeof told>[0], readonly object[]]>([
  [
    'what is waited for, in the words of the API',
    { cluster: cluster({ reason: 'Waiting for node demo-0: it starts' }), nodeGroups: [group()] },
    [
      { unit: 'demo/cluster', state: 'waiting', reason: 'node demo-0: it starts' },
      { unit: 'demo/default-worker', state: 'running', message: '1 node' },
    ],
  ],
  [
    'what is tried again',
    { cluster: cluster({ reason: 'Hindered, and tried again: no answer' }), nodeGroups: [] },
    [{ unit: 'demo/cluster', state: 'running', message: 'Hindered, and tried again: no answer' }],
  ],
  [
    'that nobody has begun',
    { cluster: cluster(), nodeGroups: [] },
    [{ unit: 'demo/cluster', state: 'waiting', reason: 'the driver to begin' }],
  ],
  [
    'addresses and nodes that are there',
    { cluster: there, nodeGroups: [group({ status: 'CREATE_COMPLETE', addresses: ['172.24.4.21'] })] },
    [
      { unit: 'demo/cluster', state: 'done' },
      { unit: 'demo/default-worker', state: 'done', message: '1 node, 172.24.4.21' },
      { unit: 'demo/demo-master-0', state: 'done' },
      { unit: 'demo/demo-node-0', state: 'waiting', reason: 'its kubelet: Ready is False' },
    ],
  ],
  [
    'what failed and why',
    {
      cluster: cluster({ status: 'CREATE_FAILED', reason: 'quota: cores 20 of 20 used' }),
      nodeGroups: [group({ status: 'CREATE_FAILED', reason: 'no server' })],
    },
    [
      { unit: 'demo/cluster', state: 'failed', problem: { what: 'CREATE_FAILED: quota: cores 20 of 20 used' } },
      { unit: 'demo/default-worker', state: 'failed', problem: { what: 'CREATE_FAILED: no server' } },
    ],
  ],
])('tells %s', (_case, seen, events) => {
  expect(told(seen)).toMatchObject(events)
})

/** Watches a cluster that is like this at one look after the other; undefined: it is gone. Errors are thrown. */
async function watched(
  looks: readonly (ContainerCluster | CroqueError | undefined)[],
  signal = new AbortController().signal,
) {
  const events: CroqueEvent[] = []
  let look = 0
  const clusters = {
    get: async () => {
      const found = looks[Math.min(look++, looks.length - 1)]
      if (found instanceof CroqueError) throw found
      return found
    },
    nodeGroups: async () => [group()],
  }
  const context = { signal, emit: (event: CroqueEvent) => void events.push(event) }
  const end = watch({ context, clusters, id: 'id', name: 'demo', pauseMs: 1 })
  return { end, events }
}

test('watching ends when the cluster is at rest, and says nothing twice', async () => {
  const { end, events } = await watched([cluster(), cluster(), cluster({ reason: 'x' }), there])
  expect(await end).toBe(there)
  const ofCluster = events.filter((event) => event.type === 'unit' && event.unit === 'demo/cluster')
  expect(ofCluster).toHaveLength(3)
})

test('watching goes on while nobody answers, and ends when nobody does for long', async () => {
  const away = new CroqueError('openstack-unreachable', { what: 'nobody' })
  const { end, events } = await watched([cluster(), away, away, there])
  expect(await end).toBe(there)
  expect(events.map((event) => (event.type === 'unit' && event.state === 'waiting' ? event.reason : ''))).toContain(
    'the API of clusters to answer',
  )
  await expect((await watched(Array.from({ length: 30 }, () => away))).end).rejects.toBe(away)
  const refused = new CroqueError('openstack-call-failed', { what: 'no' })
  await expect((await watched([refused])).end).rejects.toBe(refused)
})

test('watching ends when the cluster is gone', async () => {
  expect(await (await watched([cluster({ status: 'DELETE_IN_PROGRESS' }), undefined])).end).toBeUndefined()
})

test('a failure is told with its reason', async () => {
  const { end } = await watched([cluster({ status: 'UPDATE_FAILED', reason: 'no server' })])
  await expect(end).rejects.toMatchObject({ code: 'cluster-failed', why: 'no server' })
})

test('Ctrl-C ends the watching, and says that the cluster goes on', async () => {
  const controller = new AbortController()
  const { end, events } = await watched([cluster()], controller.signal)
  await vi.waitFor(() => expect(events).not.toHaveLength(0))
  controller.abort(new CroqueError('interrupted', { what: 'Interrupted by SIGINT' }))
  await expect(end).rejects.toMatchObject({ code: 'interrupted', message: expect.stringContaining('goes on') })
})

describe('of several clusters', () => {
  const mine = cluster({ id: 'mine' })
  const theirs = cluster({ id: 'theirs', project: 'other' })
  const others = cluster({ id: 'others', project: 'third' })
  const found = async (all: readonly ContainerCluster[], given: string) =>
    await findCluster({ infra: { clusters: { list: async () => all } }, project: async () => 'home' }, given)

  test.each([
    ['the own one comes before that of somebody else', [theirs, mine], 'demo', mine],
    ['that of somebody else is found where there is no other', [theirs], 'demo', theirs],
    ['an id is found whosever it is', [theirs, mine], 'theirs', theirs],
  ] as const)('%s', async (_case, all, given, expected) => {
    expect(await found(all, given)).toBe(expected)
  })

  test.each([
    ['two of somebody else are told by their ids', [theirs, others], 'demo', 'argument-invalid', /theirs, others/],
    ['a wrong name is told the nearest', [mine], 'dema', 'cluster-unknown', /demo/],
  ] as const)('%s', async (_case, all, given, code, next) => {
    await expect(found(all, given)).rejects.toMatchObject({ code, next: expect.stringMatching(next) })
  })
})

test('lists and shows', () => {
  expect(listText([there])).toMatchInlineSnapshot(`
    "NAME  STATUS           HEALTH     MASTERS  NODES  API                       ID
    demo  CREATE_COMPLETE  UNHEALTHY  1        1      https://172.24.4.20:6443  11111111-2222-3333-4444-555555555555
    "
  `)
  expect(showText({ cluster: there, nodeGroups: [group({ addresses: ['172.24.4.21'] })] })).toMatchInlineSnapshot(`
    "name      demo
    id        11111111-2222-3333-4444-555555555555
    status    CREATE_COMPLETE
    health    UNHEALTHY
    API       https://172.24.4.20:6443
    template  template
    labels    a=b

    NODE GROUP      ROLE    NODES  STATUS              ADDRESSES
    default-worker  worker  1      CREATE_IN_PROGRESS  172.24.4.21

    NODE           STATE
    demo-master-0  Ready
    demo-node-0    Ready is False
    "
  `)
})

const leading = (lead: (name: string, target: string) => Promise<number>) => {
  const never = async (): Promise<never> => {
    throw new Error('not asked for')
  }
  const local = { lead, endLead: never, importImages: never, forward: never, hostNames: never }
  return { installation: { underlay: { local } as never } }
}

test('a kubeconfig goes by a port of this machine where the networks of the cloud are on it', async () => {
  const asked: string[] = []
  const scene = leading(async (...given) => {
    asked.push(...given)
    return 40001
  })
  const way = await wayTo(scene, there)
  expect(asked).toEqual([`cluster-${there.id}`, '172.24.4.20:6443'])
  const text = kubeconfigText({ name: 'demo', way, ca: 'CA', certificate: 'CERTIFICATE', key: 'KEY' })
  expect(text).toContain('leads to https://172.24.4.20:6443')
  expect(parse(text)).toMatchObject({
    clusters: [{ cluster: { server: 'https://127.0.0.1:40001', 'tls-server-name': '172.24.4.20' } }],
    'current-context': 'demo',
  })
})

test('elsewhere it goes straight to the cluster', async () => {
  const way = await wayTo({ installation: { underlay: {} as never } }, there)
  const text = kubeconfigText({ name: 'demo', way, ca: 'CA', certificate: 'CERTIFICATE', key: 'KEY' })
  expect(text).not.toContain('tls-server-name')
  expect(parse(text)).toMatchObject({ clusters: [{ cluster: { server: 'https://172.24.4.20:6443' } }] })
})

test('there is no way to a cluster without an address', async () => {
  await expect(wayTo({ installation: { underlay: {} as never } }, cluster())).rejects.toMatchObject({
    code: 'cluster-not-ready',
  })
})

test.each([
  [['a=b', 'c=d=e'], { a: 'b', c: 'd=e' }],
  [['a=b,c=d'], { a: 'b', c: 'd' }],
  [['a=10.0.0.0/8,fd00::/8'], { a: '10.0.0.0/8,fd00::/8' }],
  [['a='], { a: '' }],
])('labels %j', (given, labels) => {
  expect(labelsOf(given)).toEqual(labels)
})

test('a label without a value is refused', () => {
  expect(() => labelsOf(['alone'])).toThrow(CroqueError)
})
