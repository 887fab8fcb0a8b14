/** A Ceph on a directory and on a raw device of two nodes, and a cloud that uses it as one that somebody else operates. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { run } from '../../src/host/index.ts'
import { knownServices } from '../../src/render/index.ts'
import { failures, installation, resultOf } from './installation.ts'
import { patience } from './patience.ts'
import { somebodysCluster } from './somebody.ts'

const name = 'e2e-ceph'
const apiPort = 16627
const cluster = await somebodysCluster({ name, nodes: 2, apiPort })
const { at, kubectl, secret } = cluster
const [first, second] = [`${name}-1`, `${name}-2`] as const

const services = knownServices('2026.1').map((service) => service.name)
const withServices = (...wanted: readonly string[]): object =>
  Object.fromEntries(services.filter((each) => !wanted.includes(each)).map((each) => [each, { enabled: false }]))
const documentOf = (called: string, namespace: string, spec: object): string =>
  stringify({
    apiVersion: 'croque.dev/v1alpha1',
    kind: 'Cloud',
    metadata: { name: called },
    spec: {
      underlay: { type: 'kubeconfig', kubeconfig: at('admin'), namespace },
      images: cluster.images,
      endpoints: { port: 18627 },
      ...spec,
    },
  })

const theirs = installation('e2e-their-ceph', { api: apiPort, public: 18627 })
const cloud = installation('e2e-stored', { api: apiPort, public: 18627 })
let device = ''

const inMonitor = (...command: readonly string[]): string =>
  kubectl(['-n', 'storage', 'exec', 'ceph-mon-0', '--', ...command])

/** Names of the nodes that hold OSDs; names and states of the OSDs. */
function osdTree(): { readonly hosts: readonly string[]; readonly osds: readonly string[] } {
  const { nodes } = JSON.parse(inMonitor('ceph', 'osd', 'tree', '--connect-timeout', '5', '--format', 'json')) as {
    readonly nodes: readonly { readonly type: string; readonly name: string; readonly status?: string }[]
  }
  const named = (type: string): readonly string[] =>
    nodes.filter((node) => node.type === type).map(({ name, status = '' }) => `${name} ${status}`.trim())
  return { hosts: named('host').toSorted(), osds: named('osd').toSorted() }
}

const upOf = (one: typeof cloud): void => {
  const ran = one.withFile('up', '--output', 'json')
  expect(resultOf(ran).ok, failures(ran)).toBe(true)
}

beforeAll(async () => {
  await cluster.up()
  for (const namespace of ['storage', 'openstack']) cluster.giveNamespace(namespace)
  // A device that belongs to the cluster's own directory: taking the cluster away lets go of it.
  mkdirSync(join(cluster.stateDir, 'devices'), { recursive: true })
  const file = join(cluster.stateDir, 'devices', 'osd')
  await run('truncate', ['--size=6G', file])
  device = (await run('losetup', ['--find', '--show', file])).stdout.trim()
})

afterAll(async () => {
  if (process.env['CROQUE_TEST_KEEP'] !== undefined) return
  cloud.remove()
  theirs.remove()
  await cluster.down()
})

test('OSDs stand on a directory and on a raw device of nodes, and come back as what they were', async () => {
  const osds = { [first]: { directory: '/var/lib/osd', size: '6Gi' }, [second]: { device } }
  writeFileSync(
    theirs.document,
    documentOf('e2e-their-ceph', 'storage', { storage: { osds }, services: withServices('ceph') }),
  )
  const pushed = theirs.withFile('image', 'push', '--output', 'json')
  expect(resultOf(pushed).ok, failures(pushed)).toBe(true)
  for (const [node, roles] of [
    [first, 'control,storage'],
    [second, 'storage'],
  ] as const) {
    const labelled = theirs.withFile('node', 'label', node, roles)
    expect(labelled.code, labelled.stderr).toBe(0)
  }
  upOf(theirs)
  expect(osdTree().hosts).toEqual([first, second])
  expect(osdTree().osds).toEqual(['osd.0 up', 'osd.1 up'])
  expect((await run('head', ['-c', '22', device])).stdout).toBe('bluestore block device')
  expect(theirs.planned()).toEqual([])

  // A second start means the same OSDs.
  const pods = (): readonly string[] =>
    kubectl(['-n', 'storage', 'get', 'pods', '-o', 'jsonpath={.items[*].metadata.uid}']).trim().split(' ')
  const ended = pods()
  kubectl(['-n', 'storage', 'delete', 'pod', '--all', '--wait=false'])
  await expect.poll(() => pods().filter((uid) => ended.includes(uid)), patience).toEqual([])
  await expect.poll(() => osdTree().osds, patience).toEqual(['osd.0 up', 'osd.1 up'])
})

test('a cloud keeps images, volumes and backups on a Ceph of somebody else, known by a Secret', async () => {
  // One cluster has room for one cloud, as names of the whole cluster are given once; the Pods that are there keep their priority.
  kubectl(['delete', 'priorityclass', 'croque-infrastructure', 'croque-node-agent', 'croque-service'])
  for (const pool of ['images', 'volumes', 'backups']) {
    inMonitor('ceph', 'osd', 'pool', 'create', pool, '8')
    inMonitor('rbd', 'pool', 'init', pool)
  }
  const keyring = (name: string, ...pools: readonly string[]): string => {
    const osd = pools.map((pool) => `profile rbd pool=${pool}`).join(', ')
    return inMonitor('ceph', 'auth', 'get-or-create', `client.${name}`, 'mon', 'profile rbd', 'osd', osd)
  }
  secret('openstack', 'my-ceph', 'Opaque', {
    'ceph.conf': inMonitor('ceph', 'config', 'generate-minimal-conf'),
    'ceph.client.glance.keyring': keyring('glance', 'images'),
    'ceph.client.cinder.keyring': keyring('cinder', 'volumes', 'images'),
    'ceph.client.cinder-backup.keyring': keyring('cinder-backup', 'backups', 'volumes'),
  })
  const wanted = ['ceph', 'cinder', 'gateway', 'glance', 'keystone', 'mariadb', 'memcached', 'rabbitmq', 'toolbox']
  writeFileSync(
    cloud.document,
    documentOf('e2e-stored', 'openstack', {
      storage: { images: 'block', external: { secretRef: { name: 'my-ceph' } } },
      services: withServices(...wanted),
    }),
  )
  const pushed = cloud.withFile('image', 'push', '--output', 'json')
  expect(resultOf(pushed).ok, failures(pushed)).toBe(true)
  upOf(cloud)
  expect(cloud.planned()).toEqual([])

  const [image] = cloud.openstack('image', 'list') as [{ readonly ID: string; readonly Name: string }]
  expect(inMonitor('rbd', 'ls', 'images')).toContain(image.ID)
  const { id } = cloud.openstack('volume', 'create', '--size', '1', '--image', image.Name, 'from-image') as {
    readonly id: string
  }
  /** Its status, and why when it failed. */
  const shown = (kind: string): string => {
    const { status, fail_reason: why = '' } = cloud.openstack('volume', ...kind.split(' ')) as {
      readonly status: string
      readonly fail_reason?: string | null
    }
    return `${status} ${why ?? ''}`.trim()
  }
  const until = (kind: string, wantedStatus: string): Promise<void> =>
    expect.poll(() => shown(kind), patience).toBe(wantedStatus)
  await until('show from-image', 'available')
  expect(inMonitor('rbd', 'ls', 'volumes')).toContain(`volume-${id}`)
  cloud.openstack('volume', 'backup', 'create', '--name', 'kept', 'from-image')
  await until('backup show kept', 'available')
  expect(inMonitor('rbd', 'ls', 'backups').trim()).not.toBe('')
  for (const args of [
    ['backup', 'delete', 'kept'],
    ['delete', 'from-image'],
  ])
    expect(cloud.run('openstack', 'volume', ...args).code).toBe(0)
  await expect
    .poll(() => `${inMonitor('rbd', 'ls', 'volumes')}${inMonitor('rbd', 'ls', 'backups')}`.trim(), patience)
    .toBe('')
})
