import { expect, test } from 'vitest'
import type { ClusterTemplateSpec } from '../model/index.ts'
import { made } from './fixture.ts'
import { type ClusterRequest, Refusal } from './index.ts'

test('what the request does not say is the template, and both default groups have it', () => {
  const template = {
    keypairId: 'key',
    dockerVolumeSize: 5,
    fixedNetwork: 'net',
    fixedSubnet: 'sub',
    labels: { kube_tag: 'v1.34.2' },
  }
  const { cluster, groups } = made({ nodeCount: 2 }, template)
  expect(cluster.spec).toMatchObject({
    keypair: 'key',
    flavorId: 'm1.small',
    masterFlavorId: 'm1.medium',
    dockerVolumeSize: 5,
    fixedNetwork: 'net',
    fixedSubnet: 'sub',
    floatingIpEnabled: true,
    masterLbEnabled: false,
    createTimeout: 60,
    labels: { kube_tag: 'v1.34.2' },
    ownLabels: {},
    warnings: [],
  })
  expect(groups.map(({ spec }) => [spec.name, spec.role, spec.nodeCount, spec.flavorId, spec.isDefault])).toEqual([
    ['default-master', 'master', 1, 'm1.medium', true],
    ['default-worker', 'worker', 2, 'm1.small', true],
  ])
  expect(groups.every(({ spec }) => spec.dockerVolumeSize === 5 && spec.labels['kube_tag'] === 'v1.34.2')).toBe(true)
})

test('what the request says stands, also when it is false', () => {
  const request = {
    keypair: 'mine',
    flavorId: 'big',
    dockerVolumeSize: 9,
    floatingIpEnabled: false,
    masterLbEnabled: true,
    masterCount: 3,
  }
  const { cluster, groups } = made(request, { keypairId: 'key', dockerVolumeSize: 5, masterLbEnabled: false })
  expect(cluster.spec).toMatchObject({
    keypair: 'mine',
    flavorId: 'big',
    dockerVolumeSize: 9,
    floatingIpEnabled: false,
    masterLbEnabled: true,
  })
  expect(groups[0]?.spec.nodeCount).toBe(3)
})

test('the labels min_node_count and max_node_count bound the default workers', () => {
  const { groups } = made({ labels: { min_node_count: '2', max_node_count: '4' }, nodeCount: 3 })
  expect(groups.map(({ spec }) => spec.minNodeCount)).toEqual([0, 2])
  expect(groups.map(({ spec }) => spec.maxNodeCount)).toEqual([undefined, 4])
})

test('labels that nothing reads are told', () => {
  const { cluster } = made({ labels: { colour: 'blue' } })
  expect(cluster.spec.warnings).toEqual(['Label "colour" is unknown and has no effect.'])
})

test.each<[string, Partial<ClusterRequest>, Partial<ClusterTemplateSpec>, string]>([
  ['an even number of masters', { masterCount: 2 }, { masterLbEnabled: true }, 'size cannot be an even number'],
  ['masters without a load balancer', { masterCount: 3 }, {}, 'master_count must be 1'],
  [
    'a small volume for devicemapper',
    { dockerVolumeSize: 2 },
    { dockerStorageDriver: 'devicemapper' },
    'docker volume size 2 GB',
  ],
  ['no volume for devicemapper', {}, { dockerStorageDriver: 'devicemapper' }, 'docker volume size None GB'],
  ['more nodes than a label says', { labels: { max_node_count: '2' }, nodeCount: 3 }, {}, 'max_node_count (2)'],
  ['a size that is no number', { labels: { boot_volume_size: 'big' } }, {}, 'a whole number'],
])('%s is refused', (_, request, template, message) => {
  expect(() => made(request, template)).toThrow(Refusal)
  expect(() => made(request, template)).toThrow(message)
})
