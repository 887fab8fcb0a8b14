import { expect, test } from 'vitest'
import { clusterSpecFixture, templateSpecFixture } from '../../../model/fixture.ts'
import type { ClusterTemplateSpec } from '../../../model/index.ts'
import { clusterLayout } from '../layout.ts'
import { clusterStack } from '../stack.ts'
import { type SwarmNode, swarmOrdersOf } from './orders.ts'
import { swarmSettings } from './settings.ts'

const clusterOf = (said: Partial<ClusterTemplateSpec> = {}) => {
  const template = templateSpecFixture({
    coe: 'swarm-mode',
    networkDriver: 'docker',
    externalNetworkId: 'public',
    ...said,
  })
  return { spec: clusterSpecFixture({ template }) }
}

const worker: SwarmNode = {
  name: 'demo-1f0e2d3c-node-0',
  role: 'worker',
  group: 'group-uuid',
  address: '10.0.0.7',
  dockerVersion: '26.1.5',
  labels: { disk: 'fast' },
  founds: false,
  api: { address: '10.0.0.2', port: 2376 },
  apiNames: ['192.0.2.10'],
  settings: swarmSettings(clusterOf(), []),
  volumes: {},
}
const manager: SwarmNode = {
  ...worker,
  name: 'demo-1f0e2d3c-master-0',
  role: 'master',
  address: '10.0.0.5',
  founds: true,
}

const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

test.each([
  ['swarm-manager', manager],
  ['swarm-worker', worker],
])('the orders of a %s are as they were reviewed', async (name, node) => {
  await expect(text(swarmOrdersOf(node))).toMatchFileSnapshot(`golden/${name}.json`)
})

test('the stack of a swarm is as it was reviewed', async () => {
  const node = {
    index: 0,
    name: 'demo-node-0',
    imageId: 'image',
    flavorId: 'flavor',
    userData: '',
    podRange: '10.100.0.0/16',
  }
  const layout = clusterLayout(clusterOf(), { bootVolumeSize: 0 })
  const { template, files } = clusterStack({ ...layout, routed: false, masters: [node], workers: [node] })
  const parsed = Object.entries(files).map(([file, said]) => [file, JSON.parse(said) as unknown])
  await expect(text({ template, ...Object.fromEntries(parsed) })).toMatchFileSnapshot('golden/swarm-stack.json')
})

test('a manager that joins gets the token of managers, and nobody asks for a certificate of a client', () => {
  const joins = { ...manager, founds: false }
  expect(swarmOrdersOf(joins)).toMatchObject({ secrets: { 'swarm-manager': '1' } })
  expect(swarmOrdersOf(joins).commands.at(-1)).toEqual(['/usr/lib/croque/control-plane', 'join'])
  const purposes = [manager, joins, worker].flatMap((node) => Object.values(swarmOrdersOf(node).papers))
  expect(new Set(purposes.flatMap((paper) => paper.purposes))).toEqual(new Set(['serverAuth']))
})

test('proxies, insecure registries and a volume are for Docker', () => {
  const cluster = clusterOf({ httpProxy: 'http://proxy.test:3128', insecureRegistry: 'registry.test:5000' })
  const settings = swarmSettings(cluster, ['10.0.0.7'])
  const { files, commands } = swarmOrdersOf({ ...worker, settings, volumes: { containers: '/var/lib/docker' } })
  expect(JSON.parse(files['/etc/docker/daemon.json'] ?? '')).toMatchObject({
    'insecure-registries': ['registry.test:5000'],
  })
  expect(files['/etc/systemd/system/docker.service.d/20-proxy.conf']).toContain('HTTP_PROXY=http://proxy.test:3128')
  expect(commands.slice(0, 2)).toEqual([
    ['systemctl', 'stop', 'docker.socket', 'docker.service', 'containerd.service'],
    ['/usr/lib/croque/node-volumes', 'containers=/var/lib/docker'],
  ])
})
