/** A program of ours reads YAML: the document lays its options over it as over any INI file, and values keep their types. */
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../clusters/index.ts'
import type { KubeObject } from '../kube/index.ts'
import { loadCloud } from '../spec/index.ts'
import { knownServices, render } from './index.ts'

const load = (spec: object) =>
  loadCloud(stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec }), {
    file: 'cloud.yaml',
    knownServices,
  })

function objects(spec: object): readonly KubeObject[] {
  const loaded = load(spec)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const { units } = render(loaded.cloud, { images: {}, virtType: 'qemu', datapath: 'netdev' }).rendering
  return units.flatMap((unit) => unit.objects).filter(({ metadata }) => metadata.name === 'magnum-api')
}

const filesOf = (all: readonly KubeObject[]) =>
  all.find(({ kind }) => kind === 'ConfigMap')?.['data'] as Readonly<Record<string, string>>

const deploymentOf = (all: readonly KubeObject[]) => all.find(({ kind }) => kind === 'Deployment')

const magnum = (said: object) => ({ services: { magnum: said } })

test('options of the document come through with their types, those from a Secret by the environment', () => {
  const config = {
    quotas: { max_clusters_per_project: 5 },
    drivers: { enabled: ['heat'] },
    oslo_policy: { enforce_scope: false },
    keystone_authtoken: { password: { secretRef: { name: 'mine', key: 'word' } }, region_name: null },
  }
  const all = objects(magnum({ config: { 'magnum.yaml': config } }))
  const read = parse(filesOf(all)['magnum.yaml'] ?? '')
  expect(read).toMatchObject({
    quotas: { max_clusters_per_project: 5 },
    drivers: { enabled: ['heat'] },
    oslo_policy: { enforce_scope: false },
  })
  expect(read.keystone_authtoken).not.toHaveProperty('region_name')
  expect(JSON.stringify(deploymentOf(all))).toContain('{"name":"mine","key":"word"}')
})

test('rules of the document are a policy file that the program is told of', () => {
  const all = objects(magnum({ policy: { 'cluster:create': 'role:admin' } }))
  expect(parse(filesOf(all)['policy.yaml'] ?? '')).toEqual({ 'cluster:create': 'role:admin' })
  expect(JSON.stringify(deploymentOf(all))).toContain('"OS_OSLO_POLICY__POLICY_FILE"')
})

test('notifications go to the message queue of the cloud when one option says so', () => {
  const said = magnum({ config: { 'magnum.yaml': { notifications: { driver: 'messagingv2' } } } })
  const config = loadConfig(filesOf(objects({ ...said, internalTls: true }))['magnum.yaml'] ?? '', {})
  expect(config.notifications).toMatchObject({
    driver: 'messagingv2',
    hosts: ['rabbitmq-server:5671'],
    username: 'magnum',
    vhost: 'magnum',
    cafile: '/etc/croque/tls/ca.crt',
  })
  expect(loadConfig(filesOf(objects({}))['magnum.yaml'] ?? '', {}).notifications.driver).toBe('noop')
})

test('an option that the program does not know is refused', () => {
  const refused = load(magnum({ config: { 'magnum.yaml': { quotas: { max_cluster_per_project: 1 } } } }))
  expect(refused.ok ? [] : refused.diagnostics.map(({ message }) => message)).toEqual([
    expect.stringContaining('max_cluster_per_project'),
  ])
})

test.each([
  ['a small cloud', {}, 1],
  ['a cloud for many', { size: 'ha' }, 2],
  ['internal TLS', { internalTls: true }, 1],
] as const)('of %s the program reads what is written', (_case, spec, replicas) => {
  const all = objects(spec)
  const config = loadConfig(filesOf(all)['magnum.yaml'] ?? '', {})
  expect(config.api.tls_cert_file).toBe('internalTls' in spec ? '/etc/croque/tls/tls.crt' : undefined)
  const deployment = deploymentOf(all)
  expect(deployment).toMatchObject({ spec: { replicas } })
  // The operators' listener is plain, for the kubelet alone.
  const schemes = [...JSON.stringify(deployment).matchAll(/"port":(\d+),"scheme":"(\w+)"/g)].map(([, ...pair]) => pair)
  expect(schemes).toEqual(Array.from({ length: 3 }, () => ['9512', 'HTTP']))
})
