import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { KubeObject } from '../kube/index.ts'
import { loadCloud } from '../spec/index.ts'
import { knownServices, render, type Site } from './index.ts'

const site: Site = {
  images: Object.fromEntries(
    ['base', 'mariadb', 'rabbitmq', 'memcached', 'haproxy', 'ovn', 'openstack', 'compute'].map((name) => [
      name,
      `croque.local/${name}:test`,
    ]),
  ),
  virtType: 'qemu',
  datapath: 'netdev',
  gatewayNodePort: 30443,
}

function rendered(text?: string) {
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices: knownServices('2026.1') })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  return render(loaded.cloud, site).rendering
}

const document = (spec: string): string => `apiVersion: croque.dev/v1alpha1\nkind: Cloud\nspec:\n${spec}`
const objects = (text?: string): readonly KubeObject[] => rendered(text).units.flatMap((unit) => unit.objects)

interface Container {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy?: string
  readonly securityContext?: { readonly privileged?: boolean; readonly allowPrivilegeEscalation?: boolean }
}
interface PodSpec {
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly serviceAccountName: string
}

function podSpecs(all: readonly KubeObject[]): readonly { readonly owner: string; readonly pod: PodSpec }[] {
  return all.flatMap((object) => {
    const spec = object['spec'] as
      | { template?: { spec: PodSpec }; jobTemplate?: { spec: { template: { spec: PodSpec } } } }
      | undefined
    const pod = spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec
    return pod === undefined ? [] : [{ owner: `${object.kind}/${object.metadata.name}`, pod }]
  })
}

const containers = ({ pod }: { readonly pod: PodSpec }): readonly Container[] => [
  ...(pod.initContainers ?? []),
  ...pod.containers,
]

describe('the rendering', () => {
  test('of the default document, whole', async () => {
    const text = rendered().units.map(
      (unit) =>
        `# ${unit.id} after ${unit.needs.join(', ')}\n${unit.objects.map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('')}`,
    )
    await expect(text.join('')).toMatchFileSnapshot('./golden/default.yaml')
  })

  test('is the same every time', () => {
    expect(JSON.stringify(rendered())).toBe(JSON.stringify(rendered()))
  })

  test('needs only units that are there, in no circle', () => {
    const { units } = rendered()
    const done = new Set<string>()
    let left = [...units]
    while (left.length > 0) {
      const ready = left.filter(({ needs }) => needs.every((need) => done.has(need)))
      expect(ready, `stuck: ${left.map(({ id }) => id).join(', ')}`).not.toHaveLength(0)
      for (const { id } of ready) done.add(id)
      left = left.filter(({ id }) => !done.has(id))
    }
  })

  test('has every object once', () => {
    const keys = objects().map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`)
    expect(keys.length).toBe(new Set(keys).size)
  })

  test('gives every object the labels by which it is known as ours', () => {
    const { ownLabels } = rendered()
    for (const object of objects())
      expect(object.metadata.labels, `${object.kind}/${object.metadata.name}`).toMatchObject(ownLabels)
  })
})

describe('every container', () => {
  test.each(['IfNotPresent', 'Always', 'Never'])('pulls as the document says: %s', (policy) => {
    for (const pod of podSpecs(objects(document(`  images:\n    pullPolicy: ${policy}\n`)))) {
      for (const container of containers(pod))
        expect(container.imagePullPolicy, `${pod.owner}/${container.name}`).toBe(policy)
    }
  })

  test('has an image that the site knows', () => {
    const known = new Set(Object.values(site.images))
    for (const pod of podSpecs(objects()))
      for (const container of containers(pod)) expect(known, pod.owner).toContain(container.image)
  })

  test('is privileged only as a node agent, and else cannot become more than it is', () => {
    for (const pod of podSpecs(objects())) {
      for (const container of containers(pod)) {
        const { privileged, allowPrivilegeEscalation } = container.securityContext ?? {}
        if (privileged === true) expect(pod.owner).toMatch(/^DaemonSet\//)
        else expect(allowPrivilegeEscalation, `${pod.owner}/${container.name}`).toBe(false)
      }
    }
  })

  test('holds no token of the Kubernetes API unless it waits or rotates keys', () => {
    const holders = podSpecs(objects()).flatMap((pod) =>
      pod.pod.containers
        .filter((container) => JSON.stringify(container).includes('/var/run/secrets/croque'))
        .map(() => pod.owner),
    )
    expect(holders.sort()).toEqual(['CronJob/keystone-credential-rotate', 'CronJob/keystone-fernet-rotate'])
  })
})

describe('a task', () => {
  const jobs = (text?: string): readonly string[] =>
    objects(text)
      .filter(({ kind }) => kind === 'Job')
      .map(({ metadata }) => metadata.name)

  test('keeps its name while nothing that it runs changes', () => {
    expect(
      jobs(document('  services:\n    nova:\n      config:\n        nova.conf: {DEFAULT: {debug: true}}\n')).filter(
        (name) => !name.startsWith('nova-'),
      ),
    ).toEqual(jobs().filter((name) => !name.startsWith('nova-')))
  })

  test('gets a new name when its configuration changes', () => {
    const before = jobs().find((name) => name.startsWith('nova-db-sync'))
    const after = jobs(
      document('  services:\n    nova:\n      config:\n        nova.conf: {DEFAULT: {debug: true}}\n'),
    ).find((name) => name.startsWith('nova-db-sync'))
    expect(after).not.toBe(before)
  })
})

describe('overrides', () => {
  const novaConf = (spec: string, component: string): string => {
    const map = objects(document(spec)).find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === `nova-${component}`,
    )
    const data = map?.['data'] as Record<string, string> | undefined
    return data?.['nova.conf'] ?? ''
  }
  const service = '  services:\n    nova:\n      config:\n        nova.conf: {DEFAULT: {cpu_allocation_ratio: 2}}\n'

  test('of a service reach all its components', () => {
    expect(novaConf(service, 'scheduler')).toContain('cpu_allocation_ratio = 2')
    expect(novaConf(service, 'compute')).toContain('cpu_allocation_ratio = 2')
  })

  test('of a component win over those of the service, and those of a node role over both', () => {
    const component = `${service}      components:\n        compute:\n          config:\n            nova.conf: {DEFAULT: {cpu_allocation_ratio: 3}}\n`
    expect(novaConf(component, 'scheduler')).toContain('cpu_allocation_ratio = 2')
    expect(novaConf(component, 'compute')).toContain('cpu_allocation_ratio = 3')
    const role = `${component}  nodeRoles:\n    compute:\n      config:\n        nova:\n          nova.conf: {DEFAULT: {cpu_allocation_ratio: 4}}\n`
    expect(novaConf(role, 'compute')).toContain('cpu_allocation_ratio = 4')
  })

  test('take an option out with null, and read a secret one from its Secret', () => {
    expect(
      novaConf(
        '  services:\n    nova:\n      config:\n        nova.conf: {DEFAULT: {force_config_drive: null}}\n',
        'compute',
      ),
    ).not.toContain('force_config_drive')
    const text = document(
      '  services:\n    nova:\n      config:\n        nova.conf: {vnc: {auth_schemes: {secretRef: {name: mine, key: one}}}}\n',
    )
    const compute = podSpecs(objects(text)).find(({ owner }) => owner === 'DaemonSet/nova-compute')
    expect(JSON.stringify(compute?.pod)).toContain(
      '{"name":"OS_VNC__AUTH_SCHEMES","valueFrom":{"secretKeyRef":{"name":"mine","key":"one"}}}',
    )
  })
})
