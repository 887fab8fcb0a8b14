import { expect, test } from 'vitest'
import { clusterSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { Cluster, ClusterSpec } from '../../model/index.ts'
import { addressIn, clusterLayout, placementOf, podRangeOf } from './layout.ts'
import { groupStackName, serverName, stackName } from './names.ts'

const none = { bootVolumeSize: 0 }

const clusterOf = (changes: Partial<ClusterSpec> = {}): Cluster => ({
  uuid: '1f0e2d3c-0000-4000-8000-000000000001',
  resourceVersion: '1',
  uid: 'uid',
  spec: clusterSpecFixture({ template: templateSpecFixture({ externalNetworkId: 'public' }), ...changes }),
  status: {},
})

test.each([
  [{}, 3, '10.100.3.0/24'],
  [{}, 255, '10.100.255.0/24'],
  [{ flannel_network_cidr: '192.168.0.0/16', flannel_network_subnetlen: '26' }, 5, '192.168.1.64/26'],
  [{ calico_ipv4pool: '172.20.0.0/20' }, 15, '172.20.15.0/24'],
])('with labels %j node number %i has Pods in %s', (labels, slot, range) => {
  expect(podRangeOf(clusterOf({ labels }), { slot })).toBe(range)
})

test.each([
  [{}, 256, /room for 256 nodes/],
  [{ flannel_network_cidr: 'here' }, 0, /cannot be cut/],
  [{ flannel_network_cidr: '10.0.0.0/24', flannel_network_subnetlen: '24' }, 0, /cannot be cut/],
] as const)('labels %j leave no room for node number %i, which is told', (labels, slot, reason) => {
  expect(() => podRangeOf(clusterOf({ labels }), { slot })).toThrow(reason)
})

test('addresses are counted over the borders of bytes', () => {
  expect(addressIn('10.254.0.0/16', 10)).toBe('10.254.0.10')
  expect(addressIn('10.254.0.0/16', 300)).toBe('10.254.1.44')
  expect(addressIn('255.0.0.0/8', 1)).toBe('255.0.0.1')
})

test('a cluster stands on a network of its own, or on that it was given', () => {
  const dns = templateSpecFixture({ externalNetworkId: 'public', dnsNameserver: '192.0.2.1, 192.0.2.2' })
  expect(clusterLayout(clusterOf({ template: dns }), none).ground).toEqual({
    range: '10.0.0.0/24',
    nameServers: ['192.0.2.1', '192.0.2.2'],
    externalNetworkId: 'public',
  })
  const given = clusterOf({ fixedNetwork: 'net', fixedSubnet: 'sub' })
  expect(clusterLayout(given, none).ground).toEqual({ networkId: 'net', subnetId: 'sub' })
})

test.each([
  [{ template: templateSpecFixture() }, /no external_network_id/],
  [{ fixedNetwork: 'net' }, /fixed_network needs fixed_subnet/],
])('where there is nowhere to stand, that is told', (changes, reason) => {
  expect(() => clusterLayout(clusterOf(changes), none)).toThrow(reason)
})

test('labels say where nodes are put and who reaches the API', () => {
  const labels = {
    availability_zone: 'az1',
    boot_volume_size: '20',
    boot_volume_type: 'fast',
    server_group_policies: 'anti-affinity',
    master_lb_allowed_cidrs: '192.0.2.0/24; 198.51.100.0/24',
  }
  const cluster = clusterOf({ labels, publicKey: 'ssh-ed25519 AAAA', floatingIpEnabled: false })
  expect(placementOf(cluster, none)).toEqual({
    logins: true,
    floatingIps: false,
    availabilityZone: 'az1',
    spread: 'anti-affinity',
    bootVolume: { size: 20, type: 'fast' },
  })
  expect(clusterLayout(cluster, none).apiRanges).toEqual(['192.0.2.0/24', '198.51.100.0/24'])
})

test('names are host names, fit into certificates, and tell clusters and groups of one name apart', () => {
  const name = 'Longer_Name.of-a-cluster-that-goes-on'
  const cluster = clusterOf({ name })
  expect(stackName(cluster)).toBe('longer-name-of-a-clu-1f0e2d3c')
  const group = { uuid: 'abcd0000-0000-4000-8000-00000000000b', name: 'GPU nodes for everybody' }
  const longest = serverName(cluster, group, 9999)
  expect(longest).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
  expect(longest.length).toBeLessThanOrEqual(52)
  expect(serverName(clusterOf(), { uuid: 'x', name: 'default-master' }, 0)).toBe('demo-1f0e2d3c-master-0')
  const specOf = (named: string) => ({ uuid: group.uuid, spec: { name: named } as never })
  expect(groupStackName(clusterOf(), specOf('gpu'))).toBe('demo-1f0e2d3c-gpu-abcd')
})
