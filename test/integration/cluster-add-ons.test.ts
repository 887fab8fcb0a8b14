/** Add-ons of tenants' clusters, applied as a master applies them to a real API server: by their script, kubectl, and a field manager of their own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { broughtAddOns } from '../../src/clusters/drivers/heat/addons/index.ts'
import { clusterSpecFixture, templateSpecFixture } from '../../src/clusters/model/fixture.ts'
import { run } from '../../src/host/index.ts'
import { createKube, type Kube, KubeError, type KubeObject } from '../../src/kube/index.ts'
import { startTestApiServer, type TestApiServer } from './apiserver.ts'

const dir = await mkdtemp(join(tmpdir(), 'croque-add-ons-'))
const at = (path: string): string => join(dir, path)
let server: TestApiServer
let kube: Kube

const labels = {
  container_infra_prefix: 'registry.test/',
  cloud_provider_enabled: 'true',
  cinder_csi_enabled: 'true',
  metrics_server_enabled: 'true',
  flannel_backend: 'vxlan',
  kube_dashboard_enabled: 'true',
  monitoring_enabled: 'true',
  monitoring_storage_class_name: 'csi-cinder',
  auto_scaling_enabled: 'true',
}
/** Connect Pods in the place of flannel, which is among the others here. */
const drivers = ['calico', 'cilium']
const bring = (changes: Readonly<Record<string, string>> = {}, networkDriver = 'flannel') => {
  const template = templateSpecFixture({ networkDriver })
  const spec = clusterSpecFixture({ template, labels: { ...labels, ...changes } })
  const host = { name: 'cloud.test', address: '192.0.2.1' }
  return broughtAddOns({ uuid: '10000000-0000-4000-8000-000000000000', spec }, { credential: 'nodes-1', host })
}

beforeAll(async () => {
  server = await startTestApiServer({
    dir,
  })
  kube = createKube(server.access)
  await mkdir(at('etc/kubernetes/autoscaler'), { recursive: true })
  await writeFile(at('etc/kubernetes/cloud-config'), '[Global]\napplication-credential-secret = "hidden"\n')
  await writeFile(at('etc/kubernetes/cloud-ca.crt'), 'PEM\n')
  await writeFile(at('etc/kubernetes/autoscaler/cloud-config'), '[Global]\npassword = "hidden"\n')
  await writeFile(at('etc/kubernetes/autoscaler/ca.crt'), 'PEM\n')
  await run('cp', [at('kubeconfig'), at('etc/kubernetes/admin.conf')])
})

afterAll(async () => {
  kube?.close()
  await server?.stop()
  await rm(dir, { recursive: true })
})

/** Does what a master is told, with its files in another place. @returns all that was said */
async function obey({ files, commands }: ReturnType<typeof bring>): Promise<string> {
  const moved = (text: string): string => text.replaceAll('/etc/', `${at('etc')}/`)
  await mkdir(at('etc/croque/add-ons'), { recursive: true })
  for (const [path, text] of Object.entries(files))
    await writeFile(at(path), path.endsWith('.json') ? text : moved(text))
  const said: string[] = []
  for (const [program = '', ...words] of commands) {
    const env = { ...process.env, PATH: `${dir}:${process.env['PATH']}` } as Record<string, string>
    const { stdout, stderr, code } = await run(program, words.map(moved), { env, okCodes: [0, 1] })
    said.push(stdout, stderr, ...(code === 0 ? [] : [`exit ${code}`]))
  }
  return said.join('')
}

const objectsIn = ({ files }: ReturnType<typeof bring>): readonly KubeObject[] =>
  Object.entries(files).flatMap(([path, text]) =>
    path.endsWith('.json') ? (JSON.parse(text) as { items: readonly KubeObject[] }).items : [],
  )
const find = async ({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): Promise<KubeObject> => {
  const found = await kube.get({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) })
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}
/** But for claims, which an API server stores anew as they were. */
const versions = async (): Promise<readonly (string | undefined)[]> => {
  const steady = objectsIn(bring()).filter(({ kind }) => kind !== 'PersistentVolumeClaim')
  return await Promise.all(steady.map(async (object) => (await find(object)).metadata.resourceVersion))
}

test('an API server takes all objects, twice the same, under a manager of their own', async () => {
  const said = await obey(bring())
  expect(said).not.toMatch(/exit|Warning|unknown field/)
  expect(said.match(/serverside-applied/g)).toHaveLength(objectsIn(bring()).length + 2)
  for (const object of objectsIn(bring()))
    expect((await find(object)).metadata.managedFields?.map(({ manager }) => manager)).toContain('croque-add-ons')
  const before = await versions()
  await obey(bring())
  expect(await versions()).toEqual(before)
})

test.each(drivers)('an API server takes all objects of %s, twice the same', async (driver) => {
  const brought = bring({}, driver)
  const network = {
    files: brought.files,
    commands: brought.commands.filter(([, , name]) => name === driver),
  }
  const objects = (
    JSON.parse(brought.files[`/etc/croque/add-ons/${driver}.json`] ?? '') as { items: readonly KubeObject[] }
  ).items
  const revisions = async (): Promise<readonly unknown[]> =>
    await Promise.all(objects.map(async (object) => (await find(object)).metadata.resourceVersion))
  const said = await obey(network)
  expect(said).not.toMatch(/exit|Warning|unknown field/)
  expect(said.match(/serverside-applied/g)).toHaveLength(objects.length)
  const before = await revisions()
  await obey(network)
  expect(await revisions()).toEqual(before)
})

test('what masters call the cloud with is in a Secret, and nobody was told', async () => {
  const said = await obey(bring())
  const filesOf = async (name: string): Promise<readonly string[]> => {
    const secret = await find({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'kube-system' } })
    return Object.keys(secret['data'] as object).sort()
  }
  expect(await filesOf('croque-cloud-config')).toEqual(['cloud-ca.crt', 'cloud-config'])
  expect(await filesOf('croque-autoscaler-cloud-config')).toEqual(['ca.crt', 'cloud-config'])
  expect(JSON.stringify(bring()) + said).not.toContain('hidden')
})

test('a password is drawn once, and nobody was told', async () => {
  const grafana = async (): Promise<string> => {
    const metadata = { name: 'grafana-admin', namespace: 'kube-system' }
    const { data } = (await find({ apiVersion: 'v1', kind: 'Secret', metadata })) as { data?: { password?: string } }
    return Buffer.from(data?.password ?? '', 'base64').toString()
  }
  const said = await obey(bring())
  const drawn = await grafana()
  expect(drawn).toMatch(/^[\w+/]{32}$/)
  expect(said).not.toContain(drawn)
  expect(await obey(bring())).not.toMatch(/exit/)
  expect(await grafana()).toBe(drawn)
  await kube.delete({ apiVersion: 'v1', kind: 'Secret', name: 'grafana-admin', namespace: 'kube-system' })
  await obey(bring())
  expect(await grafana()).not.toBe(drawn)
})

test('what is another is changed, also where somebody else wrote', async () => {
  const isIt = ({ kind, metadata }: KubeObject): boolean =>
    kind === 'DaemonSet' && metadata.name === 'openstack-cloud-controller-manager'
  const before = objectsIn(bring()).find(isIt) as KubeObject
  await kube.patch(
    { apiVersion: 'apps/v1', kind: 'DaemonSet', name: before.metadata.name, namespace: 'kube-system' },
    { spec: { template: { spec: { dnsPolicy: 'ClusterFirst' } } } },
  )
  expect(await obey(bring({ cloud_provider_tag: 'v1.35.0' }))).not.toMatch(/exit/)
  expect(await find(before)).toMatchObject({
    spec: {
      template: { spec: { dnsPolicy: 'Default', containers: [{ image: expect.stringMatching(/:v1\.35\.0$/) }] } },
    },
  })
})

const may = async (account: string, ...words: readonly string[]): Promise<boolean> => {
  const who = ['--as', `system:serviceaccount:kube-system:${account}`]
  const { code } = await run(server.kubectl, ['--kubeconfig', at('kubeconfig'), 'auth', 'can-i', ...words, ...who], {
    okCodes: [0, 1],
  })
  return code === 0
}

test.each<[string, readonly string[], boolean]>([
  ['openstack-cloud-controller-manager', ['delete', 'nodes'], true],
  ['openstack-cloud-controller-manager', ['update', 'leases/cloud-controller-manager', '-n', 'kube-system'], true],
  ['openstack-cloud-controller-manager', ['update', 'leases/kube-scheduler', '-n', 'kube-system'], false],
  ['openstack-cloud-controller-manager', ['get', 'secrets', '-n', 'kube-system'], false],
  ['openstack-cloud-controller-manager', ['create', 'pods', '-n', 'kube-system'], false],
  ['csi-cinder-controller', ['create', 'persistentvolumes'], true],
  ['csi-cinder-controller', ['patch', 'volumeattachments.storage.k8s.io', '--subresource=status'], true],
  ['csi-cinder-controller', ['get', 'secrets', '-n', 'kube-system'], false],
  ['csi-cinder-controller', ['patch', 'nodes'], false],
  ['csi-cinder-node', ['get', 'nodes'], false],
  ['cluster-autoscaler', ['update', 'nodes'], true],
  ['cluster-autoscaler', ['create', 'pods', '--subresource=eviction', '-n', 'default'], true],
  ['cluster-autoscaler', ['update', 'leases/cluster-autoscaler', '-n', 'kube-system'], true],
  ['cluster-autoscaler', ['delete', 'nodes'], false],
  ['cluster-autoscaler', ['delete', 'pods', '-n', 'default'], false],
  ['cluster-autoscaler', ['get', 'secrets', '-n', 'kube-system'], false],
  ['cluster-autoscaler', ['create', 'configmaps', '-n', 'kube-system'], false],
  ['metrics-server', ['get', 'nodes', '--subresource=metrics'], true],
  ['metrics-server', ['get', 'configmap/extension-apiserver-authentication', '-n', 'kube-system'], true],
  ['metrics-server', ['get', 'secrets', '-n', 'kube-system'], false],
  ['metrics-server', ['get', 'nodes', '--subresource=proxy'], false],
  ['prometheus', ['list', 'nodes'], true],
  ['prometheus', ['get', 'nodes', '--subresource=metrics'], true],
  ['prometheus', ['get', 'nodes', '--subresource=proxy'], false],
  ['prometheus', ['list', 'pods'], false],
  ['flannel', ['patch', 'nodes', '--subresource=status'], true],
  ['flannel', ['patch', 'nodes'], false],
  ['flannel', ['get', 'pods', '-n', 'kube-system'], false],
  ['calico-crds', ['create', 'customresourcedefinitions.apiextensions.k8s.io'], true],
  ['calico-crds', ['delete', 'customresourcedefinitions.apiextensions.k8s.io'], false],
  ['calico-crds', ['list', 'configmaps/active-operator', '-n', 'calico-system'], true],
  ['calico-crds', ['list', 'configmaps', '-n', 'kube-system'], false],
  ['calico-node', ['create', 'serviceaccounts/calico-cni-plugin', '--subresource=token', '-n', 'kube-system'], true],
  ['calico-node', ['create', 'serviceaccounts/calico-cni-plugin', '--subresource=token', '-n', 'default'], false],
  ['calico-node', ['create', 'serviceaccounts/headlamp', '--subresource=token', '-n', 'kube-system'], false],
  ['calico-node', ['get', 'secrets', '-n', 'kube-system'], false],
  ['calico-node', ['patch', 'nodes'], false],
  ['calico-cni-plugin', ['patch', 'pods', '--subresource=status', '-n', 'default'], true],
  ['calico-cni-plugin', ['list', 'pods', '-n', 'default'], false],
  ['calico-kube-controllers', ['list', 'nodes'], true],
  ['calico-kube-controllers', ['delete', 'customresourcedefinitions.apiextensions.k8s.io'], false],
  ['calico-kube-controllers', ['update', 'services', '--subresource=status', '-n', 'default'], false],
  ['cilium', ['list', 'networkpolicies.networking.k8s.io'], true],
  ['cilium', ['get', 'secrets', '-n', 'kube-system'], false],
  ['cilium', ['patch', 'nodes', '--subresource=status'], false],
  ['cilium', ['create', 'customresourcedefinitions.apiextensions.k8s.io'], false],
  ['cilium-operator', ['create', 'customresourcedefinitions.apiextensions.k8s.io'], true],
  ['cilium-operator', ['update', 'customresourcedefinitions.apiextensions.k8s.io/ciliumnodes.cilium.io'], true],
  ['cilium-operator', ['update', 'customresourcedefinitions.apiextensions.k8s.io/others.test'], false],
  ['cilium-operator', ['delete', 'pods', '-n', 'kube-system'], false],
  ['cilium-operator', ['get', 'secrets', '-n', 'kube-system'], false],
  ['cilium-operator', ['update', 'leases/kube-scheduler', '-n', 'kube-system'], false],
  ['headlamp', ['list', 'namespaces'], false],
  ['headlamp', ['get', 'configmap/kubeadm-config', '-n', 'kube-system'], false],
  ['node-exporter', ['list', 'nodes'], false],
  ['grafana', ['get', 'secret/grafana-admin', '-n', 'kube-system'], false],
])('%s and %j: %s', async (account, words, isAllowed) => {
  expect(await may(account, ...words)).toBe(isAllowed)
})

test.each<[string, RegExp | undefined]>([
  ['metrics-server', undefined],
  ['csi-cinder-controller', undefined],
  ['headlamp', undefined],
  ['prometheus', undefined],
  ['grafana', undefined],
  ['calico-kube-controllers', undefined],
  // It looks at all of its node.
  [
    'node-exporter',
    /violates PodSecurity "restricted:latest": host namespaces .*, hostPort .*, restricted volume types /,
  ],
  // They work while there is no network of Pods.
  // This one answers probes on loopback alone.
  [
    'cilium-operator',
    /violates PodSecurity "restricted:latest": host namespaces \(hostNetwork=true\), probe or lifecycle host \(\S+ "cilium-operator" uses probe or lifecycle host "127\.0\.0\.1"\)$/,
  ],
  [
    'openstack-cloud-controller-manager',
    /violates PodSecurity "restricted:latest": host namespaces \(hostNetwork=true\)$/,
  ],
])('Kubernetes itself finds the Pod of %s as confined as a Pod can be', async (name, exception) => {
  const metadata = { name: 'strict', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } }
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata })
  const [object] = [bring(), ...drivers.map((driver) => bring({}, driver))]
    .flatMap(objectsIn)
    .filter(({ kind, metadata: own }) => own.name === name && /Deploy|Daemon/.test(kind))
  if (object === undefined) throw new Error(`no ${name}`)
  const { spec } = (object['spec'] as { template: { spec: Readonly<Record<string, unknown>> } }).template
  // Priorities of the system are for the system's namespace.
  const { priorityClassName: _, ...plain } = spec
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: name.slice(0, 30), namespace: 'strict' }, spec: plain }
  const refusal = await kube.create(pod, { dryRun: true }).then(
    () => undefined,
    (error: unknown) => (error instanceof KubeError ? error.why : String(error)),
  )
  if (exception === undefined) expect(refusal).toBeUndefined()
  else expect(refusal).toMatch(exception)
})

test('what an API server refuses is said with the name of the add-on', async () => {
  const { files, commands } = bring()
  const path = '/etc/croque/add-ons/metrics-server.json'
  const wrong = (files[path] ?? '').replace('"replicas"', '"replikas"')
  const said = await obey({
    files: { ...files, [path]: wrong },
    commands: commands.filter(([, , name]) => name === 'metrics-server'),
  })
  expect(said).toMatch(/replikas[\s\S]*add-on metrics-server could not be applied\nexit 1$/)
})

test('a master without the credential says so, and takes nothing away', async () => {
  await rm(at('etc/kubernetes/cloud-config'))
  const { files, commands } = bring()
  expect(await obey({ files, commands: commands.filter(([, , name]) => name === 'credential') })).toMatch(
    /cloud-config[\s\S]*add-on credential could not be applied\nexit 1$/,
  )
  const secret = { apiVersion: 'v1', kind: 'Secret', name: 'croque-cloud-config', namespace: 'kube-system' }
  expect(Object.keys((await kube.get(secret))?.['data'] as object)).toHaveLength(2)
})

test('a kubelet knows the flag that makes it wait for a cloud controller', async () => {
  const { stdout } = await run(join(server.programs, 'kubelet'), ['--help'])
  expect(stdout).toMatch(/--cloud-provider string .*external/)
})
