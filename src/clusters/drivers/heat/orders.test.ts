import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { type OrderedNode, ordersOf, revised } from './orders.ts'

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
  founds: false,
  api: { address: '10.0.0.2', port: 6443 },
  apiNames: ['192.0.2.10'],
  secrets: {},
  knowsKeystone: false,
}
const master: OrderedNode = {
  ...worker,
  name: 'demo-1f0e2d3c-master-0',
  role: 'master',
  founds: true,
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
  expect(server).toBe('https://10.0.0.2:6443')
  expect(commands.slice(-2).map(([, ...words]) => words)).toEqual([['hold', '10.0.0.2', '6443'], ['init']])
  expect(papers['apiserver']?.names).toEqual(
    expect.arrayContaining([
      '10.0.0.2',
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

test('a master that joins shows a certificate of its own, and its parts ask its own API server', () => {
  const { files, commands, papers } = ordersOf({ ...master, founds: false })
  expect(commands.at(-1)?.slice(1)).toEqual(['join'])
  expect(parse(files['/etc/croque/join.yaml'] ?? '')).toMatchObject({
    kind: 'JoinConfiguration',
    discovery: { file: { kubeConfigPath: '/etc/kubernetes/admin.conf' } },
    controlPlane: { localAPIEndpoint: { advertiseAddress: '10.0.0.5' } },
  })
  const serverOf = (name: string): unknown => ({ server: undefined, ...papers[name]?.place }).server
  expect(['kubelet', 'controller-manager', 'scheduler', 'admin'].map(serverOf)).toEqual([
    'https://10.0.0.5:6443',
    'https://10.0.0.5:6443',
    'https://10.0.0.5:6443',
    undefined,
  ])
})

test('what comes up later makes another revision, and the rest stays', () => {
  const told = ordersOf(master)
  const more = revised(told, { later: [['systemctl', 'stop', 'x']] })
  expect(more).toEqual({ ...told, later: [['systemctl', 'stop', 'x']], revision: expect.any(String) as string })
  expect(more.revision).not.toBe(told.revision)
  expect(revised(more, { later: [] }).revision).toBe(told.revision)
})

test('an API server asks about users of Keystone, where they are to be known', () => {
  const configOf = (node: OrderedNode) =>
    parseAllDocuments(ordersOf(node).files['/etc/croque/kubeadm.yaml'] ?? '')[1]?.toJS() as { apiServer?: unknown }
  expect(configOf(master)).not.toHaveProperty('apiServer')
  const knowing = { ...master, knowsKeystone: true }
  expect(configOf(knowing).apiServer).toEqual({
    extraArgs: [
      {
        name: 'authentication-token-webhook-config-file',
        value: '/etc/kubernetes/keystone/authentication.kubeconfig',
      },
      { name: 'authentication-token-webhook-version', value: 'v1' },
      { name: 'authentication-token-webhook-cache-ttl', value: '1m0s' },
      { name: 'authorization-config', value: '/etc/kubernetes/keystone/authorization.yaml' },
    ],
    extraVolumes: [
      expect.objectContaining({ hostPath: '/etc/kubernetes/keystone', mountPath: '/etc/kubernetes/keystone' }),
    ],
  })
  expect(ordersOf(knowing).files['/etc/kubernetes/keystone/authorization.yaml']).toContain('failurePolicy: NoOpinion')
  expect(ordersOf({ ...worker, knowsKeystone: true }).files).toEqual(ordersOf(worker).files)
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
