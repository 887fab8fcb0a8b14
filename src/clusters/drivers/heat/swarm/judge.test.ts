import { expect, test } from 'vitest'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../../model/fixture.ts'
import type { ClusterSpec, ClusterTemplateSpec } from '../../../model/index.ts'
import { judge } from '../judge.ts'

const specOf = (changes: Partial<ClusterSpec> = {}, said: Partial<ClusterTemplateSpec> = {}): ClusterSpec =>
  clusterSpecFixture({
    template: templateSpecFixture({ coe: 'swarm-mode', networkDriver: 'docker', externalNetworkId: 'public', ...said }),
    ...changes,
  })
const around = { image: { dockerVersion: '26.1.5' }, defaults: { bootVolumeSize: 0 } }
const own = { master_lb_floating_ip_enabled: 'false' }

test.each<[string, ClusterSpec, RegExp]>([
  ['without TLS', specOf({}, { tlsDisabled: true }), /tls_disabled is not served/],
  ['with a volume for etcd', specOf({ labels: { etcd_volume_size: '1' } }), /a swarm has no etcd/],
  ['that nobody could let nodes into', specOf({ labels: own }), /needs a floating IP/],
  ['with networks of no range', specOf({ labels: { flannel_network_cidr: 'here' } }), /cannot be cut/],
  ['with a proxy that is none', specOf({}, { httpProxy: 'proxy' }), /http_proxy takes a URL/],
])('a swarm %s is refused before anything is made', (_, spec, reason) => {
  expect(judge(spec, around).refusal).toMatch(reason)
})

test('it is taken, also on a network that we reach without floating IPs', () => {
  expect(judge(specOf(), around)).toEqual({ warnings: [] })
  expect(judge(specOf({ labels: own, fixedNetwork: 'net', fixedSubnet: 'subnet' }), around)).toEqual({ warnings: [] })
})

test('images are of one engine', () => {
  const kubernetes = specOf({}, { coe: 'kubernetes', networkDriver: 'flannel' })
  const refusal = (spec: ClusterSpec, image: object) => judge(spec, { ...around, image }).refusal
  expect(refusal(specOf(), { kubeVersion: 'v1.35.4' })).toMatch(/no property docker_version.*node-image import swarm/)
  expect(refusal(kubernetes, { dockerVersion: '26.1.5' })).toMatch(/no property kube_version/)
  // What an image does not say is found out later.
  expect(refusal(kubernetes, {})).toBeUndefined()
})

test('taints are refused, for Docker would not keep anything away', () => {
  const group = nodeGroupSpecFixture({ nodeTaints: [{ key: 'gpu', effect: 'NoSchedule' }] })
  expect(judge(specOf(), { ...around, group }).refusal).toMatch(/node_taints is not served/)
})

test('a driver for volumes has no effect', () => {
  const { warnings } = judge(specOf({}, { volumeDriver: 'rexray' }), around)
  expect(warnings).toEqual([expect.stringMatching(/^Option volume_driver has no effect: .* no plugin of Docker\.$/)])
})
