/** What differs on a cluster of somebody else. */
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { KubeObject } from '../kube/index.ts'
import { loadCloud } from '../spec/index.ts'
import { adminObjects, adminRules, knownServices, nodeRoles, render, type Site } from './index.ts'

const site: Site = { images: {}, virtType: 'qemu', datapath: 'netdev' }

function rendered(endpoints: object = {}, underlay: object = {}) {
  const spec = { underlay: { type: 'kubeconfig', ...underlay }, endpoints }
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  return render(loaded.cloud, site).rendering
}

const objects = (...args: Parameters<typeof rendered>): readonly KubeObject[] =>
  rendered(...args).units.flatMap((unit) => unit.objects)

const gateway = (all: readonly KubeObject[], kind: string): KubeObject | undefined =>
  all.find((object) => object.kind === kind && object.metadata.name === 'gateway-proxy')

test('all lies in the namespace of the document, but for the namespace itself, priorities and kinds', () => {
  const all = objects({}, { namespace: 'ours' })
  const outside = all.filter(({ metadata }) => metadata.namespace !== 'ours').map(({ kind }) => kind)
  expect([...new Set(outside)]).toEqual(['Namespace', 'PriorityClass', 'CustomResourceDefinition'])
})

test('claims ask for the class of storage that is named', () => {
  const classes = (all: readonly KubeObject[]) =>
    all
      .filter(({ kind }) => kind === 'PersistentVolumeClaim')
      .map(({ spec }) => (spec as { storageClassName?: string }).storageClassName)
  expect(new Set(classes(objects({}, { storageClass: 'fast' })))).toEqual(new Set(['fast']))
  expect(new Set(classes(objects()))).toEqual(new Set([undefined]))
})

test.each([
  ['NodePort', {}],
  ['LoadBalancer', { annotations: { 'example.org/pool': 'public' } }],
] as const)('%s is a Service that asks for no port of its own', (exposure, rest) => {
  const service = gateway(objects({ exposure, ...rest }), 'Service')
  expect(service).toMatchObject({ metadata: rest, spec: { type: exposure } })
  expect(JSON.stringify(service)).not.toMatch(/nodePort|externalIPs/)
})

test('without a choice it is NodePort', () => {
  expect(gateway(objects(), 'Service')).toMatchObject({ spec: { type: 'NodePort' } })
})

test('HostNetwork listens at the nodes, at one port only, and services let requests of nodes in', () => {
  const all = objects({ exposure: 'HostNetwork' })
  expect(gateway(all, 'Service')).toMatchObject({ spec: { type: 'ClusterIP' } })
  expect(gateway(all, 'Deployment')).toMatchObject({
    spec: { strategy: { type: 'Recreate' }, template: { spec: { hostNetwork: true } } },
  })
  const config = gateway(all, 'ConfigMap')?.['data'] as Readonly<Record<string, string>>
  expect(JSON.stringify(config)).not.toContain('bind :8080')
  const policy = all.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'keystone-api')
  expect(policy).toMatchObject({ spec: { ingress: [expect.not.objectContaining({ from: expect.anything() })] } })
})

test('Gateway hangs a route that passes TLS through on the Gateway that is named', () => {
  const endpoints = { exposure: 'Gateway', host: 'cloud.example.org', gateway: { name: 'public', listener: 'tls' } }
  const all = objects(endpoints)
  expect(gateway(all, 'TLSRoute')).toMatchObject({
    spec: {
      parentRefs: [{ name: 'public', namespace: 'openstack', sectionName: 'tls' }],
      hostnames: ['cloud.example.org'],
      rules: [{ backendRefs: [{ name: 'gateway-proxy', port: 8443 }] }],
    },
  })
  expect(adminRules(rendered(endpoints)).namespaced).toContainEqual(
    expect.objectContaining({ apiGroups: ['gateway.networking.k8s.io'], resources: ['tlsroutes'] }),
  )
})

test('the rules of whoever runs croque name what is rendered, and hold no wildcard', () => {
  const all = adminObjects(rendered({}, { namespace: 'ours' }), 'cloud')
  expect(all.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`)).toEqual([
    'Namespace  ours',
    'ClusterRole  croque-cloud',
    'Role ours croque-cloud',
  ])
  expect(JSON.stringify(all)).not.toContain('"*"')
})

test('every role that Pods are bound to needs a node', () => {
  expect(nodeRoles(rendered())).toEqual(['compute', 'control', 'network', 'storage'])
})

test('nodes are left in the reverse order of services: guests end before the switch that they hang on', () => {
  const spec = { underlay: { type: 'kubeconfig' }, networks: { provider: { bridge: 'br-out' } } }
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const { leaveNode } = render(loaded.cloud, site)
  expect(leaveNode).toContain('BRIDGE=br-out')
  expect(leaveNode.indexOf('croque-guests')).toBeLessThan(leaveNode.indexOf('ip link delete'))
})

test('whoever runs croque may see who uses the kinds that it defines, and empty its namespace of them', () => {
  const { cluster, namespaced } = adminRules(rendered({}, { namespace: 'ours' }))
  const resources = expect.arrayContaining(['clusters', 'nodegroups'])
  expect(cluster).toContainEqual({ apiGroups: ['croque.dev'], resources, verbs: ['list'] })
  expect(namespaced).toContainEqual({ apiGroups: ['croque.dev'], resources, verbs: ['list', 'patch', 'delete'] })
  expect(cluster).toContainEqual({
    apiGroups: ['apiextensions.k8s.io'],
    resources: ['customresourcedefinitions'],
    resourceNames: expect.arrayContaining(['clusters.croque.dev']),
    verbs: ['get', 'patch', 'delete'],
  })
})

test('a kind that is defined carries the labels of the cloud, and stands in the first unit', () => {
  const [first] = rendered().units
  const kinds = objects().filter(({ kind }) => kind === 'CustomResourceDefinition')
  expect(kinds.map(({ metadata }) => metadata.labels?.['croque.dev/cloud'])).toEqual(kinds.map(() => 'cloud'))
  expect(first?.objects).toEqual(expect.arrayContaining([...kinds]))
  expect(kinds.length).toBeGreaterThan(0)
})
