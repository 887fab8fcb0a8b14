import { expect, test } from 'vitest'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { ClusterSpec, ClusterTemplateSpec } from '../../model/index.ts'
import { judge } from './judge.ts'

const specOf = (changes: Partial<ClusterSpec> = {}, said: Partial<ClusterTemplateSpec> = {}): ClusterSpec =>
  clusterSpecFixture({
    template: templateSpecFixture({ externalNetworkId: 'public', networkDriver: 'flannel', ...said }),
    ...changes,
  })
const defaults = { bootVolumeSize: 0 }
const image = {}

test.each<[string, ClusterSpec, RegExp]>([
  ['a network without its subnet', specOf({ fixedNetwork: 'net' }), /fixed_network needs fixed_subnet/],
  ['no room for Pods', specOf({ labels: { flannel_network_cidr: 'here' } }), /cannot be cut/],
  ['a flag that is none', specOf({ labels: { kubelet_options: 'x' } }), /kubelet_options takes flags/],
  ['no TLS', specOf({}, { tlsDisabled: true }), /tls_disabled is not served/],
])('%s is refused before anything is made', (_, spec, reason) => {
  expect(judge(spec, { image, defaults }).refusal).toMatch(reason)
})

test.each([
  ['boot_volume_size', specOf({ labels: { boot_volume_size: '1' } })],
  ['docker_volume_size', specOf({ dockerVolumeSize: 1 })],
  ['etcd_volume_size', specOf({ labels: { etcd_volume_size: '1' } })],
])('%s is refused for container guests, and taken for others', (name, spec) => {
  expect(judge(spec, { image: { hypervisor: 'lxc' }, defaults }).refusal).toContain(`${name} asks for a volume`)
  expect(judge(spec, { image: {}, defaults })).toEqual({ warnings: [] })
})

test('a cluster whose nodes can have no volumes gets no Cinder CSI', () => {
  const spec = specOf({ labels: { cinder_csi_enabled: 'true', container_infra_prefix: 'registry.test/' } })
  expect(judge(spec, { image: { hypervisor: 'lxc' }, defaults }).refusal).toContain(
    'cinder_csi_enabled asks for a volume',
  )
  expect(judge(spec, { image, defaults })).toEqual({ warnings: [] })
  // Nobody says where its image is: it is not installed anyhow.
  const nowhere = specOf({ labels: { cinder_csi_enabled: 'true' } })
  expect(judge(nowhere, { image: { hypervisor: 'lxc' }, defaults }).refusal).toBeUndefined()
})

test.each([
  ['calico', false],
  ['cilium', true],
])('network_driver %s is installed where images are; refused for container guests: %s', (networkDriver, isRefused) => {
  const specWith = (labels: Readonly<Record<string, string>>) => specOf({ labels }, { networkDriver })
  const mirrored = specWith({ container_infra_prefix: 'registry.test/' })
  expect(judge(mirrored, { image, defaults })).toEqual({ warnings: [] })
  const { refusal = '' } = judge(mirrored, { image: { hypervisor: 'lxc' }, defaults })
  expect(/loads programs .*img_hv_type=lxc/.test(refusal)).toBe(isRefused)
  // It is not installed anyhow.
  expect(judge(specWith({}), { image: { hypervisor: 'lxc' }, defaults })).toEqual({
    warnings: [expect.stringMatching(/^Option network_driver has no effect: .* nobody enforces a NetworkPolicy/)],
  })
})

test('container guests are not told apart by an autoscaler, so there is none', () => {
  const mirrored = { container_infra_prefix: 'registry.test/' }
  const nowhere = { auto_scaling_enabled: 'true', cloud_provider_enabled: 'true' }
  const labels = { ...nowhere, ...mirrored }
  const guests = { image: { hypervisor: 'lxc' }, defaults } as const
  expect(judge(specOf({ labels }), guests).refusal).toMatch(/^auto_scaling_enabled needs nodes whose system UUID/)
  expect(judge(specOf({ labels }), { image, defaults })).toEqual({ warnings: [] })
  expect(judge(specOf({ labels: nowhere }), guests).refusal).toBeUndefined()
})

test('an add-on that could not be applied is refused before anything is made', () => {
  const labels = {
    metrics_server_enabled: 'true',
    cinder_csi_enabled: 'true',
    container_infra_prefix: 'registry.test/',
  }
  expect(judge(specOf({ labels: { ...labels, csi_resizer_tag: 'a b' } }), { image, defaults }).refusal).toMatch(
    /csi_resizer_tag takes a tag of an image/,
  )
})

test('a credential for a cloud provider that nobody installs is said to be just that', () => {
  const warnings = (labels: Readonly<Record<string, string>>) => judge(specOf({ labels }), { image, defaults }).warnings
  expect(warnings({ cloud_provider_enabled: 'true' })).toEqual([expect.stringMatching(/the credential only/)])
  expect(warnings({ cloud_provider_enabled: 'true', container_infra_prefix: 'registry.test/' })).toEqual([])
})

test('the type of a volume that is not there is told to mean nothing', () => {
  expect(judge(specOf({ labels: { docker_volume_type: 'fast' } }), { image, defaults }).warnings).toEqual([
    'Label "docker_volume_type" has no effect without docker_volume_size.',
  ])
})

test('container guests have no volumes: the hypervisor of the image says so', () => {
  const labels = { boot_volume_size: '10' }
  expect(judge(specOf({ labels }), { image: { hypervisor: 'lxc' }, defaults }).refusal).toMatch(/img_hv_type=lxc/)
  expect(judge(specOf({ labels }), { image: { hypervisor: 'qemu' }, defaults })).toEqual({ warnings: [] })
  expect(judge(specOf(), { image: { hypervisor: 'lxc' }, defaults: { bootVolumeSize: 5 } }).refusal).toMatch(/lxc/)
  const group = nodeGroupSpecFixture({ labels })
  expect(judge(specOf(), { image: { hypervisor: 'lxc' }, defaults, group }).refusal).toMatch(/img_hv_type=lxc/)
})

test.each([
  ['v1.34.4', 'v1.35.4', ['Label "kube_tag" says v1.34.4, and the image has v1.35.4, which is what the nodes run.']],
  ['v1.35.4', 'v1.35.4', []],
  ['v1.35', 'v1.35.4', []],
  ['v1.35.4', undefined, []],
])('kube_tag=%s with an image that has %s', (tag, kubeVersion, warnings) => {
  const versioned = kubeVersion === undefined ? {} : { kubeVersion }
  expect(judge(specOf({ labels: { kube_tag: tag } }), { image: versioned, defaults })).toEqual({ warnings })
})
