import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { clusterSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { ClusterTemplateSpec } from '../../model/index.ts'
import { nodeSettings } from './node-settings.ts'
import { type OrderedNode, ordersOf } from './orders.ts'

/** Of a cluster with these labels, and a template that says this. */
function settingsOf(
  labels: Readonly<Record<string, string>> = {},
  said: Partial<ClusterTemplateSpec> = {},
): OrderedNode['settings'] {
  const template = templateSpecFixture({ externalNetworkId: 'public', ...said })
  return nodeSettings({ spec: clusterSpecFixture({ labels, template }) }, { labels, near: ['10.0.0.7', '10.0.0.5'] })
}

const worker: OrderedNode = {
  clusterName: 'demo',
  name: 'demo-1f0e2d3c-node-0',
  role: 'worker',
  group: 'group-uuid',
  address: '10.0.0.7',
  podRange: '10.100.1.0/24',
  labels: { disk: 'fast' },
  taints: [
    { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
    { key: 'bare', effect: 'NoExecute' },
  ],
  ranges: { pods: '10.100.0.0/16', services: '10.254.0.0/16', dnsDomain: 'cluster.local' },
  kubernetesVersion: 'v1.35.4',
  api: { address: '10.0.0.5', port: 6443 },
  apiNames: ['192.0.2.10'],
  settings: settingsOf(),
}
const master: OrderedNode = {
  ...worker,
  name: 'demo-1f0e2d3c-master-0',
  role: 'master',
  address: '10.0.0.5',
  taints: [],
  labels: {},
}

test('a worker starts its kubelet with its labels and taints, and asks for no more than a kubelet has', () => {
  const { files, commands, papers } = ordersOf(worker)
  expect(commands.at(-1)).toEqual(['systemctl', 'enable', '--now', 'kubelet.service'])
  expect(files['/var/lib/kubelet/kubeadm-flags.env']).toBe(
    'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.7 --node-labels=magnum.openstack.org/nodegroup=group-uuid,magnum.openstack.org/role=worker,disk=fast --register-with-taints=gpu=yes:NoSchedule,bare=:NoExecute"\n',
  )
  expect(Object.keys(papers)).toEqual(['kubelet', 'kubelet-server'])
  const kubelet = parse(files['/var/lib/kubelet/config.yaml'] ?? '') as Record<string, unknown>
  expect(kubelet).toMatchObject({ clusterDNS: ['10.254.0.10'], rotateCertificates: false })
})

test('a master makes a control plane by kubeadm, under every name and address it is reached by', () => {
  const { files, commands, papers, server } = ordersOf(master)
  expect(server).toBe('https://10.0.0.5:6443')
  expect(commands.at(-1)).toEqual(expect.arrayContaining(['kubeadm', 'init', '/etc/croque/kubeadm.yaml']))
  expect(papers['apiserver']?.names).toEqual(
    expect.arrayContaining([
      '10.0.0.5',
      '192.0.2.10',
      '10.254.0.1',
      'kubernetes.default.svc.cluster.local',
      'localhost',
    ]),
  )
  const kinds = parseAllDocuments(files['/etc/croque/kubeadm.yaml'] ?? '').map((document) => document.get('kind'))
  expect(kinds).toEqual(['InitConfiguration', 'ClusterConfiguration', 'KubeletConfiguration', 'KubeProxyConfiguration'])
})

test('Pods have addresses of their node, and are the node to the world outside', () => {
  const { files } = ordersOf(worker)
  const cni = JSON.parse(files['/etc/cni/net.d/10-pods.conflist'] ?? '') as { plugins: [{ ipam: { ranges: unknown } }] }
  expect(cni.plugins[0].ipam.ranges).toEqual([[{ subnet: '10.100.1.0/24' }]])
  expect(files['/etc/croque/pods.nft']).toContain('ip saddr 10.100.1.0/24 ip daddr != 10.100.0.0/16 masquerade')
})

test('the same for the same: what a node was told is not told again', () => {
  expect(ordersOf(worker)).toEqual(ordersOf({ ...worker }))
})
