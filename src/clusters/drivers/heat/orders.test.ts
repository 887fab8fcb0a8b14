import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { clusterSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { ClusterTemplateSpec } from '../../model/index.ts'
import type { OrderedNode } from './node-files.ts'
import { nodeSettings } from './node-settings.ts'
import { ordersOf, revised } from './orders.ts'
import { overlayOf } from './pods.ts'

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
  founds: false,
  api: { address: '10.0.0.2', port: 6443 },
  apiNames: ['192.0.2.10'],
  secrets: {},
  knowsKeystone: false,
  settings: settingsOf(),
  volumes: {},
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

const ended = (node: OrderedNode, name: string): unknown =>
  parseAllDocuments(ordersOf(node).files['/etc/croque/kubeadm.yaml'] ?? '')
    .find((document) => document.get('kind') === name)
    ?.toJSON()

test('flags of labels come to the programs that they are for, after those of the driver', () => {
  const settings = settingsOf({
    kubelet_options: '--max-pods=50 --v 2',
    kubeapi_options: '--max-requests-inflight=100 --enable-admission-plugins=PodNodeSelector',
    admission_control_list: 'AlwaysPullImages,NodeRestriction',
    kubecontroller_options: '--terminated-pod-gc-threshold=10',
    kubescheduler_options: '--profiling',
    kubeproxy_options: '--proxy-mode=iptables --nodeport-addresses=10.0.0.0/24',
    kubelet_tls_cipher_suites: 'TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384',
  })
  expect(ordersOf({ ...worker, settings }).files['/var/lib/kubelet/kubeadm-flags.env']).toMatch(
    /--max-pods=50 --v=2"\n$/,
  )
  expect(ended({ ...master, settings }, 'ClusterConfiguration')).toMatchObject({
    apiServer: {
      extraArgs: [
        { name: 'max-requests-inflight', value: '100' },
        { name: 'enable-admission-plugins', value: 'NodeRestriction,AlwaysPullImages,PodNodeSelector' },
      ],
    },
    controllerManager: {
      extraArgs: [
        { name: 'allocate-node-cidrs', value: 'false' },
        { name: 'terminated-pod-gc-threshold', value: '10' },
      ],
    },
    scheduler: { extraArgs: [{ name: 'profiling', value: 'true' }] },
  })
  expect(ended({ ...master, settings }, 'KubeProxyConfiguration')).toMatchObject({
    mode: 'iptables',
    nodePortAddresses: ['10.0.0.0/24'],
  })
  expect(ended({ ...master, settings }, 'KubeletConfiguration')).toMatchObject({
    tlsCipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'],
  })
  expect(ended({ ...master, settings }, 'InitConfiguration')).toMatchObject({
    nodeRegistration: { kubeletExtraArgs: expect.arrayContaining([{ name: 'v', value: '2' }]) as unknown },
  })
})

test('an API server writes who did what, and takes tokens of another issuer, as labels say', () => {
  const settings = settingsOf({
    audit_log_enabled: 'true',
    audit_log_max_size: '10',
    oidc_issuer_url: 'https://issuer.test',
    oidc_client_id: 'y',
    oidc_groups_claim: 'groups',
    api_server_cert_sans: 'api.test,198.51.100.7',
  })
  const { files, papers } = ordersOf({ ...master, settings })
  expect(files['/etc/kubernetes/audit-policy.yaml']).toContain('level: Metadata')
  expect(papers['apiserver']?.names).toEqual(expect.arrayContaining(['api.test', '198.51.100.7']))
  expect(ended({ ...master, settings }, 'ClusterConfiguration')).toMatchObject({
    apiServer: {
      extraArgs: [
        { name: 'oidc-issuer-url', value: 'https://issuer.test' },
        { name: 'oidc-client-id', value: 'y' },
        { name: 'oidc-groups-claim', value: 'groups' },
        { name: 'audit-policy-file', value: '/etc/kubernetes/audit-policy.yaml' },
        { name: 'audit-log-path', value: '/var/log/kubernetes/audit.log' },
        { name: 'audit-log-maxage', value: '30' },
        { name: 'audit-log-maxbackup', value: '10' },
        { name: 'audit-log-maxsize', value: '10' },
      ],
      extraVolumes: [{ name: 'audit-policy' }, { name: 'audit-log' }],
    },
  })
  expect(ordersOf({ ...worker, settings }).files).not.toHaveProperty(['/etc/kubernetes/audit-policy.yaml'])
  // Without quotes Go reads true.
  expect(files['/etc/croque/kubeadm.yaml']).toContain('value: "y"')
})

test('containerd and the kubelet go out by a proxy, and to the cluster itself without', () => {
  const settings = settingsOf({}, { httpProxy: 'http://u:p%40x@proxy.test:3128', noProxy: 'intern.test,10.9.0.0/16' })
  const { files, commands } = ordersOf({ ...worker, settings })
  const text = files['/etc/systemd/system/containerd.service.d/20-proxy.conf'] ?? ''
  expect(files['/etc/systemd/system/kubelet.service.d/20-proxy.conf']).toBe(text)
  expect(text).toContain('Environment="HTTP_PROXY=http://u:p%%40x@proxy.test:3128"\n')
  expect(text).not.toContain('HTTPS_PROXY')
  const [, except = ''] = /NO_PROXY=([^"]*)"/.exec(text) ?? []
  expect(except.split(',')).toEqual([
    ...['intern.test', '10.9.0.0/16', '10.0.0.7', '10.0.0.5', 'localhost', '127.0.0.1', '169.254.169.254'],
    ...['.svc', '.cluster.local', '10.100.0.0/16', '10.254.0.0/16', '10.0.0.0/24'],
  ])
  const words = commands.map((command) => command.join(' '))
  expect(words.indexOf('systemctl restart containerd.service')).toBe(words.indexOf('systemctl daemon-reload') + 1)
})

test('what is on a volume of its own moves there before anything runs from it', () => {
  const volumes = { containers: '/var/lib/containerd', etcd: '/var/lib/etcd' }
  const words = ordersOf({ ...master, volumes }).commands.map((command) => command.join(' '))
  expect(words.slice(0, 4)).toEqual([
    'systemctl stop containerd.service',
    '/usr/lib/croque/node-volumes containers=/var/lib/containerd etcd=/var/lib/etcd',
    'systemctl daemon-reload',
    'systemctl restart containerd.service',
  ])
})

test('registries are asked as they are to be asked', () => {
  const settings = settingsOf(
    { container_infra_prefix: 'mirror.test:5000/infra/' },
    { insecureRegistry: 'http://registry.test:5000, mirror.test:5000' },
  )
  const { files } = ordersOf({ ...worker, settings })
  expect(files['/etc/containerd/certs.d/registry.test:5000/hosts.toml']).toBe(`server = "http://registry.test:5000"

[host."https://registry.test:5000"]
  capabilities = ["pull","resolve","push"]
  skip_verify = true
`)
  expect(files['/etc/containerd/certs.d/registry.k8s.io/hosts.toml']).toBe(`server = "https://registry.k8s.io"

[host."https://mirror.test:5000/v2/infra"]
  capabilities = ["pull","resolve"]
  skip_verify = true
  override_path = true

[host."http://mirror.test:5000/v2/infra"]
  capabilities = ["pull","resolve"]
  override_path = true
`)
})

test.each<[string, Readonly<Record<string, string>>, Partial<ClusterTemplateSpec>, RegExp]>([
  ['no flag', { kubelet_options: 'max-pods=50' }, {}, /kubelet_options takes flags .* and not max-pods=50/],
  ['a flag in quotes', { kubeapi_options: '--v="2"' }, {}, /kubeapi_options takes flags .* not --v="2"/],
  ['a value too many', { kubelet_options: '--v 2 3' }, {}, /kubelet_options takes flags .* not 3/],
  ["the driver's own", { kubelet_options: '--node-ip=10.0.0.1' }, {}, /--node-ip is set by the driver/],
  [
    "the driver's own, by its beginning",
    { kubeapi_options: '--etcd-servers=x' },
    {},
    /--etcd-servers is set by the driver/,
  ],
  ['unknown to kube-proxy', { kubeproxy_options: '--cleanup' }, {}, /--cleanup cannot be set; there are --proxy-mode/],
  [
    'gone from Kubernetes',
    { admission_control_list: 'PodSecurityPolicy' },
    {},
    /no admission plugin PodSecurityPolicy/,
  ],
  ['half an issuer', { oidc_issuer_url: 'https://issuer.test' }, {}, /oidc_issuer_url needs oidc_client_id/],
  ['no name', { api_server_cert_sans: 'a b,*' }, {}, /api_server_cert_sans takes .* not \*/],
  ['no proxy', {}, { httpProxy: 'proxy:3128' }, /http_proxy takes a URL .* not "proxy:3128"/],
  ['not without a proxy', {}, { httpsProxy: 'http://p.test', noProxy: 'a"b' }, /no_proxy takes host names/],
  ['no registry', {}, { insecureRegistry: '10.0.0.0/8' }, /insecure_registry takes .* not 10.0.0.0\/8/],
  ['no place of images', { container_infra_prefix: 'a b/c' }, {}, /container_infra_prefix takes .* not "a b\/c"/],
])('what is %s is refused', (_, labels, said, message) => {
  expect(() => settingsOf(labels, said)).toThrow(message)
})

test('on a network that was given Pods share one domain, over a vxlan that needs no other to be known', () => {
  const { files } = ordersOf({ ...worker, overlay: { id: 5, group: '239.0.0.5' } })
  expect(files).not.toHaveProperty(['/etc/cni/net.d/10-pods.conflist'])
  const cni = JSON.parse(files['/etc/croque/pods.conflist'] ?? '') as { plugins: [{ ipam: { ranges: unknown } }] }
  expect(cni.plugins[0].ipam.ranges).toEqual([
    [{ subnet: '10.100.0.0/16', rangeStart: '10.100.1.2', rangeEnd: '10.100.1.254', gateway: '10.100.1.1' }],
  ])
  expect(files['/etc/systemd/system/croque-pods.service']).toContain('ExecStart=/bin/sh /etc/croque/pods-network')
})

test('clusters have vxlans of their own', () => {
  const [one, other] = [
    overlayOf('1f0e2d3c-0000-4000-8000-000000000001'),
    overlayOf('1f0e2e3c-0000-4000-8000-000000000001'),
  ]
  expect(one).toEqual({ id: 0x1f_0e_2e, group: '239.31.14.46' })
  expect(other.id).not.toBe(one.id)
  expect(overlayOf('ffffffff-0000-4000-8000-000000000001').id).toBeLessThan(2 ** 24)
})

test('where an add-on connects Pods nodes have no plugin of ours, and whoever makes the cluster brings it', () => {
  const network = {
    files: { '/etc/croque/add-ons/flannel.json': '{}' },
    commands: [['/bin/sh', 'apply', 'flannel', 'x']],
  }
  const [first, second, other] = [{ founds: true }, { founds: false }, worker].map((more) =>
    ordersOf({ ...master, network, ...more }),
  )
  for (const orders of [first, second, other]) {
    expect(Object.keys(orders?.files ?? {}).filter((path) => /cni|pods-network/.test(path))).toEqual([])
    expect(orders?.files['/etc/croque/pods.nft']).toContain(
      'ip saddr 10.100.0.0/16 ip daddr != 10.100.0.0/16 masquerade',
    )
  }
  expect(first?.commands.slice(-2)).toEqual([['/usr/lib/croque/control-plane', 'init'], ...network.commands])
  expect(first?.files).toMatchObject(network.files)
  expect(JSON.stringify([second, other])).not.toContain('flannel')
  const [, cluster] = parseAllDocuments(first?.files['/etc/croque/kubeadm.yaml'] ?? '').map(
    (each) => each.toJSON() as object,
  )
  expect(cluster).toMatchObject({ controllerManager: { extraArgs: [{ name: 'node-cidr-mask-size', value: '24' }] } })
})
