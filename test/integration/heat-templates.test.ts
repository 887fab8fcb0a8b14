/** The templates of clusters, read by the Heat that clouds get: with each thing that changes what is in them. */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StackNode } from '../../src/clusters/drivers/heat/node-stacks.ts'
import { type ClusterStack, clusterStack, groupStack } from '../../src/clusters/drivers/heat/stack.ts'
import { ensureImages } from '../../src/images/index.ts'
import { type Containers, openContainers } from './containers.ts'

const repoDir = resolve(import.meta.dirname, '../..')
let containers: Containers

beforeAll(async () => {
  containers = await openContainers()
})
afterAll(async () => await containers?.remove())

const node = (index: number): StackNode => ({
  ...{ index, name: `demo-${index}`, imageId: 'image', flavorId: 'flavor' },
  ...{ userData: '#cloud-config', podRange: `10.100.${index}.0/24` },
})
const placement = { logins: true, floatingIps: true }
const plain: ClusterStack = {
  name: 'demo',
  engine: 'Kubernetes',
  ground: { range: '10.0.0.0/24', nameServers: ['192.0.2.53'], externalNetworkId: 'public' },
  externalNetworkId: 'public',
  apiOutside: true,
  apiPort: 6443,
  podRange: '10.100.0.0/16',
  routed: true,
  masters: [node(0)],
  workers: [node(1), node(4)],
  placement,
}
const data = { containerVolume: { size: 20, type: 'fast' }, etcdVolume: { size: 5, availabilityZone: 'az' } }
const placed = { ...placement, ...data, availabilityZone: 'az', spread: 'anti-affinity' }
const network = { networkId: 'network', subnetId: 'subnet', securityGroupId: 'group' }

const balancer = { algorithm: 'ROUND_ROBIN', isMonitored: true }

const stacks = {
  plain: clusterStack(plain),
  'without anything outside': clusterStack({
    ...plain,
    apiOutside: false,
    placement: { logins: false, floatingIps: false },
  }),
  'with volumes': clusterStack({ ...plain, placement: placed }),
  'all on volumes': clusterStack({ ...plain, placement: { ...placed, bootVolume: { size: 20 } } }),
  'behind a load balancer': clusterStack({ ...plain, balancer, apiRanges: ['192.0.2.0/24'] }),
  'behind one of OVN on a given network': clusterStack({
    ...{ ...plain, ground: network, balancer: { ...balancer, provider: 'ovn' } },
  }),
  'on a given network': clusterStack({ ...plain, ground: network }),
  'with an add-on that connects Pods': clusterStack({ ...plain, routed: false }),
  'of a further group': groupStack({
    ...{ name: 'demo: gpu', externalNetworkId: 'public', workers: [node(0)], network, placement: placed },
    routerId: 'router',
  }),
}

const inConfig = '/var/lib/kolla/config_files'

test('Heat finds nothing wrong with the stacks of clusters', async () => {
  const [archive] = await ensureImages({
    repoDir,
    cacheDir: process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque',
    release: '2026.1',
    names: ['openstack'],
    env: process.env as Record<string, string>,
    report: { step: async (_id, work) => await work(() => undefined) },
    signal: new AbortController().signal,
  })
  if (archive === undefined) throw new Error('there is no image openstack')
  const container = await containers.create(archive)
  const { stdout, stderr } = await container.start({
    env: { KOLLA_CONFIG_STRATEGY: 'COPY_ALWAYS' },
    files: {
      'config.json': { command: `python3 ${inConfig}/validate.py ${inConfig}/stacks.json`, config_files: [] },
      'validate.py': await readFile(join(import.meta.dirname, 'openstack/python/heat-templates.py'), 'utf8'),
      'stacks.json': { ...stacks, 'that is none': { ...stacks.plain, files: {} } },
    },
  })
  const said = stdout.trim().split('\n').at(-1) ?? ''
  expect(said.startsWith('{'), stderr).toBe(true)
  const { 'that is none': broken, ...rest } = JSON.parse(said) as Record<string, string>
  expect(rest).toEqual(Object.fromEntries(Object.keys(stacks).map((name) => [name, ''])))
  expect(broken).not.toBe('')
}, 600_000)
