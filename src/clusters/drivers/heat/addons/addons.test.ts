import { expect, test } from 'vitest'
import type { KubeObject, PolicyRule } from '../../../../kube/index.ts'
import { clusterSpecFixture, templateSpecFixture } from '../../../model/fixture.ts'
import { CloudRefusal } from '../cloud.ts'
import { filesWith } from '../orders.ts'
import {
  addOnsDirectory,
  addOnWarnings,
  broughtAddOns,
  broughtNetwork,
  hasAutoscaler,
  hasCinderCsi,
  hasCloudController,
  hasNetworkAddOn,
  nothingBrought,
} from './index.ts'

type Labels = Readonly<Record<string, string>>

const uuid = '10000000-0000-4000-8000-000000000000'
const mirrored = { container_infra_prefix: 'registry.test:5000/infra' }
const asked = {
  ...{ cloud_provider_enabled: 'true', cinder_csi_enabled: 'true', metrics_server_enabled: 'true' },
  ...{ kube_dashboard_enabled: 'true', monitoring_enabled: 'true', flannel_backend: 'vxlan' },
  auto_scaling_enabled: 'true',
}
const names = [
  ...['flannel', 'openstack-cloud-controller-manager', 'cinder-csi', 'cluster-autoscaler', 'metrics-server'],
  ...['headlamp', 'node-exporter', 'prometheus', 'grafana'],
]
const all = { ...mirrored, ...asked }
/** Connect Pods where a template names them, and then nobody else does. */
const drivers = ['calico', 'cilium']
const specOf = (labels: Labels, networkDriver = 'flannel') =>
  clusterSpecFixture({ labels, template: templateSpecFixture({ networkDriver }) })
const bring = (
  labels: Labels,
  about: Parameters<typeof broughtAddOns>[1] = { credential: 'nodes-1' },
  networkDriver?: string,
) => broughtAddOns({ uuid, spec: specOf(labels, networkDriver) }, about)

const fileOf = (name: string): string => `/etc/croque/add-ons/${name}.json`
const objectsIn = (text: string | undefined): readonly KubeObject[] =>
  (JSON.parse(text ?? '{"items":[]}') as { items: readonly KubeObject[] }).items
const objectsOf = (labels: Labels, name: string): readonly KubeObject[] => objectsIn(bring(labels).files[fileOf(name)])

test.each(names)('the objects of %s are as they were reviewed', async (name) => {
  const host = { name: 'cloud.test', address: '192.0.2.1' }
  const { files } = bring(all, { credential: 'nodes-1', balancers: true, host })
  await expect(files[fileOf(name)] ?? '').toMatchFileSnapshot(`golden/${name}.json`)
})

test.each(drivers)('the objects of %s are as they were reviewed', async (name) => {
  const text = bring(mirrored, {}, name).files[fileOf(name)] ?? ''
  await expect(text).toMatchFileSnapshot(`golden/${name}.json`)
})

test.each(['apply', 'draw'])('the script %s is as it was reviewed', async (name) => {
  await expect(bring(all).files[`/etc/croque/add-ons/${name}`] ?? '').toMatchFileSnapshot(`golden/${name}`)
})

interface Container {
  readonly name: string
  readonly image: string
  readonly securityContext: Readonly<Record<string, unknown>>
}

interface PodSpec {
  readonly containers: readonly Container[]
  readonly hostNetwork?: boolean
  readonly volumes?: readonly Readonly<Record<string, unknown>>[]
}

const everything = (): readonly KubeObject[] =>
  [bring(all), ...drivers.map((driver) => bring(mirrored, {}, driver))].flatMap(({ files }) =>
    Object.entries(files).flatMap(([path, text]) => (path.endsWith('.json') ? objectsIn(text) : [])),
  )
const podOf = ({ spec }: KubeObject): PodSpec | undefined =>
  (spec as { template?: { spec: PodSpec } } | undefined)?.template?.spec
const pods = (): readonly (readonly [name: string, pod: PodSpec])[] =>
  everything().flatMap((object) => {
    const pod = podOf(object)
    return pod === undefined ? [] : [[object.metadata.name, pod] as const]
  })

/** What is named is no more than that: a token of the plugin that the same Pod installs, or a ConfigMap that nobody here makes. */
const named = ['calico-cni-plugin', 'active-operator']

test('nobody may do everything with anything, or read a Secret, and nobody is told one', () => {
  const rules = everything().flatMap(({ rules: given = [] }) => given as readonly PolicyRule[])
  expect(rules.length).toBeGreaterThan(10)
  for (const { verbs, resources, apiGroups, resourceNames = [] } of rules) {
    const words = [...verbs, ...apiGroups, ...resources].filter((word) =>
      /^(\*|secrets|configmaps|serviceaccounts\/.*|impersonate|escalate|bind)$/.test(word),
    )
    if (!resourceNames.some((name) => named.includes(name))) expect(words).toEqual([])
    if (resources.includes('serviceaccounts')) expect(verbs).toEqual(['list', 'watch'])
  }
  expect(everything().map(({ kind }) => kind)).not.toContain('Secret')
})

test('three containers alone are more than their own process: what mounts volumes on a node, and what connects Pods in its kernel', () => {
  const open = pods().flatMap(([name, { containers }]) =>
    containers
      .filter(({ securityContext }) => securityContext['allowPrivilegeEscalation'] !== false)
      .map((container) => `${name}/${container.name}`),
  )
  expect(open).toEqual(['csi-cinder-node/cinder-csi-plugin', 'calico-node/calico-node', 'cilium/cilium-agent'])
})

test('credential and login are with those on masters that call the cloud by them, and nowhere else', () => {
  const holders = pods().filter(([, { volumes = [] }]) => JSON.stringify(volumes).includes('croque-cloud-config'))
  expect(holders.map(([name]) => name)).toEqual(['openstack-cloud-controller-manager', 'csi-cinder-controller'])
  const scalers = pods().filter(([, { volumes = [] }]) => JSON.stringify(volumes).includes('croque-autoscaler'))
  expect(scalers.map(([name]) => name)).toEqual(['cluster-autoscaler'])
  for (const [, pod] of [...holders, ...scalers])
    expect(pod).toMatchObject({ nodeSelector: { 'node-role.kubernetes.io/control-plane': '' } })
})

test.each<[string, string, string]>([
  ['mirror.test/infra/', 'mirror.test/infra/csi-attacher:v4.10.0', 'as Magnum names them'],
  ['mirror.test/infra', 'mirror.test/infra/csi-attacher:v4.10.0', 'a slash is meant'],
  ['http://mirror.test:5000/', 'mirror.test:5000/csi-attacher:v4.10.0', 'a scheme is no part of a name'],
  [
    'registry.k8s.io/',
    'registry.k8s.io/sig-storage/csi-attacher:v4.10.0',
    'the upstream has them under their own names',
  ],
])('with the prefix %s an image is %s: %s', (prefix, image) => {
  const pod = objectsOf({ ...all, container_infra_prefix: prefix }, 'cinder-csi').flatMap(
    (object) => podOf(object) ?? [],
  )
  expect(pod.flatMap(({ containers }) => containers.map((each) => each.image))).toContain(image)
})

test('labels name versions and what the StorageClass is like', () => {
  const labels = {
    ...all,
    cinder_csi_plugin_tag: 'v1.34.1',
    csi_cinder_reclaim_policy: 'Delete',
    csi_cinder_availability_zone: 'az1',
    csi_cinder_allow_volume_expansion: 'false',
    metrics_server_chart_tag: 'v3.12.2',
  }
  const objects = objectsOf(labels, 'cinder-csi')
  expect(JSON.stringify(objects)).toContain('infra/cinder-csi-plugin:v1.34.1"')
  expect(objects.find(({ kind }) => kind === 'StorageClass')).toMatchObject({
    reclaimPolicy: 'Delete',
    allowVolumeExpansion: false,
    parameters: { availability: 'az1' },
  })
  expect(JSON.stringify(objectsOf(labels, 'metrics-server'))).toContain('infra/metrics-server:v0.7.2"')
})

test('labels of Magnum say how monitoring is', () => {
  const objects = (labels: Labels): readonly KubeObject[] => objectsOf({ ...all, ...labels }, 'prometheus')
  const [usual, said] = [
    objects({}),
    objects({
      ...{ monitoring_retention_days: '7', monitoring_retention_size: '5', monitoring_interval_seconds: '60' },
      ...{ monitoring_storage_class_name: 'csi-cinder', prometheus_tag: 'v3.12.0' },
    }),
  ].map((each) => JSON.stringify(each))
  for (const words of ['time=14d', 'size=14GB', 'scrape_interval: 30s', '"emptyDir":{}', 'infra/prometheus:v3.13.2'])
    expect(usual).toContain(words)
  for (const words of ['time=7d', 'size=5GB', 'scrape_interval: 60s', '"storage":"6Gi"', 'infra/prometheus:v3.12.0'])
    expect(said).toContain(words)
  expect(said).not.toContain('emptyDir')
})

test('with the upstream for a prefix every image has its own name, also where it is in another registry', () => {
  const { files } = bring({ ...all, container_infra_prefix: 'registry.k8s.io' })
  const images = Object.values(files).flatMap((text) =>
    [...text.matchAll(/"image": "([^"]*):[^:"]*"/g)].map(([, name]) => name),
  )
  expect([...new Set(images)].filter((image) => !image?.startsWith('registry.k8s.io/'))).toEqual([
    'ghcr.io/flannel-io/flannel-cni-plugin',
    'ghcr.io/flannel-io/flannel',
    'ghcr.io/headlamp-k8s/headlamp',
    'quay.io/prometheus/node-exporter',
    'quay.io/prometheus/prometheus',
    'docker.io/grafana/grafana',
  ])
})

test('who looks at a cluster on its web page may do what their token may: the page itself may do nothing', () => {
  const kinds = objectsOf(all, 'headlamp').map(({ kind }) => kind)
  expect(kinds).toEqual(['ServiceAccount', 'Service', 'Deployment'])
})

test('what connects Pods is brought by whoever makes the cluster, in the words in which it is kept', () => {
  const network = broughtNetwork({ uuid, spec: specOf(all) })
  const { files, commands } = bring(all)
  expect(network.commands.map(([, , name]) => name)).toEqual(['flannel'])
  expect(commands).toEqual(expect.arrayContaining([...network.commands]))
  expect(files).toMatchObject(network.files)
  expect(broughtNetwork({ uuid, spec: specOf({ ...mirrored, metrics_server_enabled: 'true' }) })).toEqual(
    nothingBrought,
  )
})

test.each<[string, Labels, string, boolean]>([
  ['flannel, and its backend', all, 'flannel', true],
  ['no backend, as before there was one', { ...mirrored, flannel_tag: 'v0.28.9' }, 'flannel', false],
  ['another backend', { ...mirrored, flannel_backend: 'host-gw' }, 'flannel', false],
  ['another driver', all, 'calico', false],
  ['no registry', { flannel_backend: 'vxlan' }, 'flannel', false],
])('flannel connects Pods where somebody says %s', (_, labels, networkDriver, isThere) => {
  const spec = specOf(labels, networkDriver)
  const names = broughtNetwork({ uuid, spec }).commands.map(([, , name]) => name)
  expect(names.includes('flannel')).toBe(isThere)
  const isTold = addOnWarnings(spec).some((each) => each.startsWith('Label "flannel_backend" has no effect but with'))
  // Without a registry the table of labels says so.
  expect(isTold).toBe(
    !isThere && labels['flannel_backend'] !== undefined && labels['container_infra_prefix'] !== undefined,
  )
})

test.each<[string, Labels, string, readonly string[]]>([
  ['cilium and a registry', mirrored, 'cilium', ['cilium']],
  ['cilium beside a backend of flannel', { ...mirrored, flannel_backend: 'vxlan' }, 'cilium', ['cilium']],
  ['cilium alone', { cilium_tag: 'v1.20.1' }, 'cilium', []],
  ['calico and a registry', mirrored, 'calico', ['calico']],
  ['calico alone', { calico_tag: 'v3.32.0' }, 'calico', []],
  ['nothing, and its tag', { ...mirrored, cilium_tag: 'v1.20.1' }, 'flannel', []],
])('what connects Pods where somebody says %s', (_, labels, networkDriver, names) => {
  const spec = specOf(labels, networkDriver)
  expect(hasNetworkAddOn(spec)).toBe(names.length > 0)
  expect(broughtNetwork({ uuid, spec }).commands.map(([, , name]) => name)).toEqual(names)
})

test.each([
  ['calico_tag', 'calico'],
  ['calico_ipv4pool_ipip', 'calico'],
  ['cilium_tag', 'cilium'],
])('%s says what network_driver %s has, and nothing elsewhere', (label, driver) => {
  const told = `Label "${label}" has no effect without network_driver ${driver}.`
  const labels = { ...mirrored, [label]: 'v9.9.9' }
  expect(addOnWarnings(specOf(labels))).toEqual([told])
  expect(addOnWarnings(specOf(labels, driver))).toEqual([])
})

const objectsWith = (labels: Labels, driver: string): readonly KubeObject[] =>
  objectsIn(bring(labels, {}, driver).files[fileOf(driver)])

test.each<[string, Labels, readonly string[]]>([
  ['cilium', { cilium_tag: 'v1.19.4' }, ['cilium:v1.19.4', 'operator-generic:v1.19.4']],
  ['calico', { calico_tag: 'v3.31.7' }, ['operator:v1.40.15', 'node:v3.31.7', 'kube-controllers:v3.31.7']],
  ['calico', { calico_tag: 'latest' }, ['operator:v1.42.4', 'node:latest', 'kube-controllers:latest']],
])('the images of %s with %j go together, under their last names', (driver, labels, names) => {
  const images = objectsWith({ ...mirrored, ...labels }, driver).flatMap((object) =>
    (podOf(object)?.containers ?? []).map(({ image }) => image),
  )
  expect(images).toEqual(names.map((name) => `registry.test:5000/infra/${name}`))
})

test.each([
  ['calico', /^quay\.io\/(calico|tigera)\//],
  ['cilium', /^quay\.io\/cilium\//],
])('with the upstream for a prefix images of %s have their own names', (driver, form) => {
  const text = JSON.stringify(objectsWith({ container_infra_prefix: 'registry.k8s.io/' }, driver))
  const images = [...text.matchAll(/"image":"([^"]*)"/g)].map(([, image]) => image)
  expect(images.length).toBeGreaterThan(2)
  expect(images.filter((image) => !form.test(image ?? ''))).toEqual([])
})

test.each([
  [undefined, ['vxlan', 'Never', 'Always']],
  ['Off', ['vxlan', 'Never', 'Always']],
  ['CrossSubnet', ['vxlan', 'Never', 'Always']],
  ['always', ['bird', 'Always', 'Never']],
])('Pods of calico with calico_ipv4pool_ipip=%s are wrapped up on the way to other nodes', (said, settings) => {
  const labels = {
    ...mirrored,
    calico_ipv4pool: '10.9.0.0/16',
    ...(said === undefined ? {} : { calico_ipv4pool_ipip: said }),
  }
  const text = JSON.stringify(objectsWith(labels, 'calico').find(({ kind }) => kind === 'DaemonSet'))
  const value = (name: string): string | undefined => new RegExp(`"${name}","value":"([^"]*)"`).exec(text)?.[1]
  const names = ['CALICO_NETWORKING_BACKEND', 'CALICO_IPV4POOL_IPIP', 'CALICO_IPV4POOL_VXLAN']
  expect(names.map(value)).toEqual(settings)
  expect(value('CALICO_IPV4POOL_CIDR')).toBe('10.9.0.0/16')
  expect(text.includes('-bird-live')).toBe(settings[0] === 'bird')
})

test('kinds of another version of Calico are made by another Job, and no manifest has one', () => {
  const jobs = ['v3.31.6', 'v3.31.7', 'v3.32.1'].map(
    (tag) => objectsWith({ ...mirrored, calico_tag: tag }, 'calico').find(({ kind }) => kind === 'Job')?.metadata.name,
  )
  expect(jobs[0]).toBe(jobs[1])
  expect(jobs[2]).not.toBe(jobs[1])
  expect(everything().map(({ kind }) => kind)).not.toContain('CustomResourceDefinition')
})

test('the password of Grafana is drawn where nobody reads along', () => {
  const { files, commands } = bring(all)
  expect(commands).toContainEqual(['/bin/sh', '/etc/croque/add-ons/draw', 'grafana-admin'])
  expect(Object.keys(bring({ ...mirrored, metrics_server_enabled: 'true' }).files)).not.toContain(
    '/etc/croque/add-ons/draw',
  )
  expect(JSON.stringify(bring({ ...all, grafana_admin_passwd: 'hunter2' }))).toBe(JSON.stringify({ files, commands }))
})

test.each<[string, string]>([
  ['cloud_provider_tag', 'v1 --privileged'],
  ['csi_attacher_tag', ''],
  ['cloud_provider_tag', 'v1.23.1'],
  ['cinder_csi_plugin_tag', 'v1.31.9'],
  ['csi_cinder_reclaim_policy', 'Recycle'],
  ['csi_cinder_volume_binding_mode', 'Never'],
  ['csi_cinder_fstype', 'zfs'],
  ['kube_dashboard_version', 'v0.40.0'],
  ['prometheus_tag', 'v1.8.2'],
  ['autoscaler_tag', 'v1.18.1'],
  ['flannel_tag', 'v0.15.1'],
  ['monitoring_retention_days', '0'],
])('%s=%s is refused', (label, value) => {
  expect(() => bring({ ...all, [label]: value })).toThrow(CloudRefusal)
})

test.each([
  ['calico', 'v3.30.7'],
  ['calico', 'v3.33.0'],
  ['calico', 'v4.32.0'],
  ['cilium', 'v1.18.9'],
])('%s_tag=%s is refused', (driver, tag) => {
  expect(() => bring({ ...mirrored, [`${driver}_tag`]: tag }, {}, driver)).toThrow(CloudRefusal)
})

test.each<[string, string]>([
  ['cloud_provider_tag', 'v1.28.0'],
  ['cinder_csi_plugin_tag', 'v1.32.0'],
  ['cinder_csi_plugin_tag', 'latest'],
])('%s=%s is taken', (label, value) => {
  expect(JSON.stringify(bring({ ...all, [label]: value }).files)).toContain(`:${value}`)
})

test('what was applied is applied again when it is another, or the credential is, and only then', () => {
  const { commands } = bring(all)
  expect(commands.map(([, , name]) => name)).toEqual(['credential', 'autoscaler-login', 'grafana-admin', ...names])
  expect(bring(all).commands).toEqual(commands)
  const changed = (labels: Labels, credential = 'nodes-1') =>
    bring(labels, { credential }).commands.flatMap((command, nth) =>
      command.join(' ') === commands[nth]?.join(' ') ? [] : [command[2]],
    )
  expect(changed({ ...all, cloud_provider_tag: 'v1.35.0' })).toEqual(['openstack-cloud-controller-manager'])
  // Programs read it when they start.
  const callers = ['openstack-cloud-controller-manager', 'cinder-csi', 'cluster-autoscaler']
  expect(changed(all, 'nodes-2')).toEqual(['credential', 'autoscaler-login', ...callers])
})

test('metrics-server alone needs no credential', () => {
  const { commands } = bring({ ...mirrored, metrics_server_enabled: 'true' }, {})
  expect(commands.map(([, , name]) => name)).toEqual(['metrics-server'])
})

test.each<[string, Labels]>([
  ['nobody asks', mirrored],
  ['nobody says where images are', asked],
  ['nobody says so, though it is usual', { ...mirrored, cloud_provider_enabled: '' }],
])('nothing is brought where %s', (_, labels) => {
  expect(bring(labels)).toEqual(nothingBrought)
  expect(hasCloudController(specOf(labels))).toBe(false)
})

test('files of add-ons come and go, and others stay', () => {
  const files = { '/etc/croque/kubeadm.yaml': 'x', [fileOf('old')]: 'y' }
  expect(filesWith(files, addOnsDirectory, nothingBrought.files)).toEqual({ '/etc/croque/kubeadm.yaml': 'x' })
  const { files: brought } = bring({ ...mirrored, metrics_server_enabled: 'true' })
  expect(Object.keys(filesWith(files, addOnsDirectory, brought))).toEqual([
    '/etc/croque/kubeadm.yaml',
    '/etc/croque/add-ons/apply',
    fileOf('metrics-server'),
  ])
})

test.each<[string, Labels, readonly (RegExp | string)[]]>([
  [
    'no registry',
    { cloud_provider_enabled: 'true' },
    [/^Label "cloud_provider_enabled" gives masters the credential only/],
  ],
  ['no label', {}, []],
  ['everything', all, []],
  [
    'no credential',
    { ...all, cloud_provider_enabled: 'false' },
    [
      /^Label "cinder_csi_enabled" has no effect with cloud_provider_enabled=false/,
      /^Label "auto_scaling_enabled" has no effect without cloud_provider_enabled=true/,
    ],
  ],
  [
    'an autoscaler that would know no node',
    { ...mirrored, auto_scaling_enabled: 'true' },
    [/^Label "auto_scaling_enabled" has no effect without cloud_provider_enabled=true/],
  ],
  [
    'a chart of years ago',
    { ...all, metrics_server_chart_tag: 'v3.7.0' },
    [/names a chart that is not known .*: metrics-server v0.8.1 is installed\.$/],
  ],
  [
    'a version of the dashboard that was',
    { ...all, kube_dashboard_version: 'v2.0.0' },
    [/names a version of Kubernetes Dashboard, which is archived: headlamp v0.45.0 is installed\.$/],
  ],
  ['that chart, and no metrics-server', { ...mirrored, metrics_server_chart_tag: 'v3.7.0' }, []],
])('what is said of add-ons with %s', (_, labels, warnings) => {
  expect(addOnWarnings(specOf(labels))).toEqual(warnings.map((each) => expect.stringMatching(each) as string))
})

test('without a credential no Pod waits for a volume, and no node for a controller', () => {
  const without = specOf({ ...all, cloud_provider_enabled: 'false' })
  const has = (spec: ReturnType<typeof specOf>) => [hasCinderCsi(spec), hasCloudController(spec), hasAutoscaler(spec)]
  expect(has(without)).toEqual([false, false, false])
  expect(has(specOf(all))).toEqual([true, true, true])
})
