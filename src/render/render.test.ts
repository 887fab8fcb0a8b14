import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { KubeObject } from '../kube/index.ts'
import { loadCloud, releases } from '../spec/index.ts'
import { difference, wholeText } from './fixture.ts'
import { knownServices, render, type Site } from './index.ts'

const site: Site = {
  images: Object.fromEntries(
    ['base', 'mariadb', 'rabbitmq', 'memcached', 'haproxy', 'ovn', 'ceph', 'openstack', 'compute', 'croque'].map(
      (name) => [name, `croque.local/${name}:test`],
    ),
  ),
  virtType: 'qemu',
  datapath: 'netdev',
  tunnelInterface: 'tun0',
}

function both(text?: string, at: Site = site) {
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  return render(loaded.cloud, at)
}

const rendered = (text?: string) => both(text).rendering

const document = (spec: string): string => `apiVersion: croque.dev/v1alpha1\nkind: Cloud\nspec:\n${spec}`
const whole = (spec: unknown): string => stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
const objects = (text?: string): readonly KubeObject[] => rendered(text).units.flatMap((unit) => unit.objects)

/** Files of a ConfigMap. */
function filesOf(all: readonly KubeObject[], name: string): Readonly<Record<string, string>> {
  const map = all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)
  return (map?.['data'] ?? {}) as Readonly<Record<string, string>>
}

interface Container {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy?: string
  readonly env?: readonly { readonly name: string }[]
  readonly securityContext?: {
    readonly privileged?: boolean
    readonly allowPrivilegeEscalation?: boolean
    readonly runAsUser?: number
    readonly runAsNonRoot?: boolean
  }
}
interface PodSpec {
  readonly imagePullSecrets?: readonly { readonly name: string }[]
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly serviceAccountName: string
  readonly securityContext?: { readonly runAsUser?: number; readonly runAsNonRoot?: boolean }
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
    await expect(wholeText(rendered().units)).toMatchFileSnapshot('./golden/default.yaml')
  })

  test.each(releases.slice(1))('of %s differs from the default in these lines', async (release) => {
    const text = difference(rendered().units, rendered(whole({ release })).units)
    await expect(text).toMatchFileSnapshot(`./golden/${release}.diff`)
  })

  test('is the same every time', () => {
    expect(JSON.stringify(rendered())).toBe(JSON.stringify(rendered()))
  })

  test.each([
    ['by default', {}],
    ['without first content', { content: { enabled: false } }],
    ['without images', { services: { glance: { enabled: false } } }],
    ['without servers', { services: { nova: { enabled: false } } }],
  ])('needs only units that are there, in no circle: %s', (_case, spec) => {
    const { units } = rendered(whole(spec))
    const done = new Set<string>()
    let left = [...units]
    while (left.length > 0) {
      const ready = left.filter(({ needs }) => needs.every((need) => done.has(need)))
      expect(ready, `stuck: ${left.map(({ id }) => id).join(', ')}`).not.toHaveLength(0)
      for (const { id } of ready) done.add(id)
      left = left.filter(({ id }) => !done.has(id))
    }
  })

  test('with any one service left out: needs only units that are there, or the document is refused', () => {
    const names = knownServices('2026.1').map(({ name }) => name)
    const refused = names.filter((name) => {
      const text = whole({ services: { [name]: { enabled: false } } })
      const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
      if (!loaded.ok) return true
      const { units } = render(loaded.cloud, site).rendering
      const there = new Set(units.map(({ id }) => id))
      expect(units.flatMap(({ needs }) => needs.filter((need) => !there.has(need)))).toEqual([])
      return false
    })
    expect(refused).toEqual(['mariadb', 'rabbitmq', 'memcached', 'keystone', 'placement', 'ovn', 'neutron', 'ceph'])
  })

  test('leaves out only the steps that cannot be done', () => {
    const ids = (spec: unknown) => rendered(whole(spec)).units.map(({ id }) => id)
    const gone = ids({}).filter((id) => !ids({ content: { enabled: false } }).includes(id))
    expect(gone.filter((id) => !id.startsWith('content/'))).toEqual(['verify/image', 'verify/network', 'verify/server'])
    const { rendering, steps } = both(whole({ content: { enabled: false } }))
    expect([...steps.keys()].sort()).toEqual(rendering.units.flatMap(({ action }) => action?.name ?? []).sort())
  })

  test('has every object once', () => {
    const keys = objects().map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`)
    expect(keys.length).toBe(new Set(keys).size)
  })

  test('asks for no node port and no address by its number: the API server may keep what a killed client asked for', () => {
    const services = objects().filter(({ kind }) => kind === 'Service')
    const specs = services.map(({ spec }) => spec as { clusterIP?: string; type?: string; ports: object[] })
    expect(specs.flatMap(({ ports }) => ports).filter((port) => 'nodePort' in port)).toEqual([])
    expect(specs.filter(({ type = 'ClusterIP' }) => type !== 'ClusterIP')).toEqual([])
    expect(specs.map(({ clusterIP }) => clusterIP ?? 'None').filter((address) => address !== 'None')).toEqual([])
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

  test('of a registry is pulled by its digest, with the secrets of the document and as it says', () => {
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
    const images = Object.fromEntries(
      Object.keys(site.images).map((name) => [name, `registry.example.org/cloud/${name}:2026.1-abc@${digest}`]),
    )
    const spec = `  images:
    source: registry
    registry: registry.example.org/cloud
    pullPolicy: Always
    pullSecrets: [one, two]
  services:
    neutron: {pullPolicy: Never}
  nodes:
    cloud-1: {config: {nova: {nova.conf: {DEFAULT: {debug: true}}}}}
`
    const { units } = both(document(spec), { ...site, images }).rendering
    const pods = podSpecs(units.flatMap((unit) => unit.objects))
    expect(new Set(pods.map(({ owner }) => owner.split('/')[0]))).toEqual(
      new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']),
    )
    const referenced = new Set<string>()
    for (const { owner, pod } of pods) {
      expect(pod.imagePullSecrets, owner).toEqual([{ name: 'one' }, { name: 'two' }])
      for (const container of containers({ pod })) {
        referenced.add(container.image)
        expect(container.image, `${owner}/${container.name}`).toMatch(
          /^registry\.example\.org\/cloud\/[a-z]+:2026\.1-abc@sha256:[0-9a-f]{64}$/,
        )
        const policy = owner.includes('/neutron-') ? 'Never' : 'Always'
        expect(container.imagePullPolicy, `${owner}/${container.name}`).toBe(policy)
      }
    }
    expect([...referenced].toSorted()).toEqual(Object.values(images).toSorted())
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

  test('runs as root only where the kubelet lets it', () => {
    const osds = '  storage:\n    osds: {cloud-1: {directory: /var/lib/osd}}\n'
    const roots = [undefined, document(osds)].flatMap((text) =>
      podSpecs(objects(text)).flatMap(({ owner, pod }) =>
        containers({ pod })
          .map(({ name, securityContext }) => ({ name, ...pod.securityContext, ...securityContext }))
          .filter(({ runAsUser }) => runAsUser === 0)
          .map(({ name, runAsNonRoot = false }) => `${owner}/${name} ${runAsNonRoot ? 'is refused' : 'runs'}`),
      ),
    )
    expect(roots).toContain('StatefulSet/ceph-osd-cloud-1/owner runs')
    expect(roots.filter((line) => line.endsWith('refused'))).toEqual([])
  })

  test('holds no token of the Kubernetes API unless it waits, rotates keys or keeps its state there', () => {
    const holders = podSpecs(objects()).flatMap((pod) =>
      pod.pod.containers
        .filter((container) => JSON.stringify(container).includes('/var/run/secrets/croque'))
        .map(() => pod.owner),
    )
    expect(holders.sort()).toEqual([
      'CronJob/keystone-credential-rotate',
      'CronJob/keystone-fernet-rotate',
      'Deployment/magnum-api',
    ])
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
    expect(variable(objects(text), 'DaemonSet/nova-compute', 'OS_VNC__AUTH_SCHEMES')).toEqual(fromSecret('mine'))
    expect(variable(objects(text), 'DaemonSet/nova-libvirt', 'OS_VNC__AUTH_SCHEMES')).toBeUndefined()
  })
})

const fromSecret = (name: string) => ({ valueFrom: { secretKeyRef: { name, key: 'one' } } })

/** What a variable of the main container is set to. */
function variable(all: readonly KubeObject[], owner: string, name: string): object | undefined {
  const [main] = podSpecs(all).find((pod) => pod.owner === owner)?.pod.containers ?? []
  const { name: _, ...value } = main?.env?.find((entry) => entry.name === name) ?? { name }
  return Object.keys(value).length === 0 ? undefined : value
}

describe('an option from a Secret', () => {
  const secretIn = (name: string) => ({ 'nova.conf': { vnc: { auth_schemes: { secretRef: { name, key: 'one' } } } } })
  const plain = (value: string | null) => ({ 'nova.conf': { vnc: { auth_schemes: value } } })
  const compute = (spec: unknown) => {
    const all = objects(whole(spec))
    return {
      variable: variable(all, 'DaemonSet/nova-compute', 'OS_VNC__AUTH_SCHEMES'),
      line: /^auth_schemes = (.*)$/m.exec(filesOf(all, 'nova-compute')['nova.conf'] ?? '')?.[1],
    }
  }

  test.each([
    ['of a role', { nodeRoles: { compute: { config: { nova: secretIn('role') } } } }, 'role', undefined],
    [
      'of a role wins over the one of a service',
      {
        services: { nova: { config: secretIn('service') } },
        nodeRoles: { compute: { config: { nova: secretIn('role') } } },
      },
      'role',
      undefined,
    ],
    [
      'wins over a weaker plain value',
      { services: { nova: { config: plain('none'), components: { compute: { config: secretIn('component') } } } } },
      'component',
      undefined,
    ],
    [
      'gives way to a stronger plain value',
      { services: { nova: { config: secretIn('service'), components: { compute: { config: plain('none') } } } } },
      undefined,
      'none',
    ],
    [
      'gives way to a stronger null',
      { services: { nova: { config: secretIn('service'), components: { compute: { config: plain(null) } } } } },
      undefined,
      undefined,
    ],
  ])('%s', (_case, spec, secret, line) => {
    expect(compute(spec)).toEqual({ variable: secret === undefined ? undefined : fromSecret(secret), line })
  })

  test('and any other word of the document win over a variable of the catalog', () => {
    const text = whole({ services: { nova: { config: { 'nova.conf': { DEFAULT: { my_ip: '10.0.0.9' } } } } } })
    expect(variable(objects(), 'DaemonSet/nova-compute', 'OS_DEFAULT__MY_IP')).toBeDefined()
    expect(variable(objects(text), 'DaemonSet/nova-compute', 'OS_DEFAULT__MY_IP')).toBeUndefined()
    expect(variable(objects(text), 'DaemonSet/nova-compute', 'OS_DEFAULT__HOST')).toBeDefined()
  })
})

describe('settings for one node', () => {
  const settings = (option: string, value: unknown) => ({ nova: { 'nova.conf': { DEFAULT: { [option]: value } } } })
  const spec = {
    underlay: { nodes: 3 },
    services: { nova: { components: { compute: { config: settings('cpu_allocation_ratio', 3).nova } } } },
    nodeRoles: { compute: { config: settings('cpu_allocation_ratio', 4) } },
    nodes: {
      'cloud-2': { config: settings('cpu_allocation_ratio', 5) },
      'cloud-3': { config: settings('my_ip', { secretRef: { name: 'mine', key: 'one' } }) },
    },
  }
  interface DaemonSet extends KubeObject {
    readonly spec: {
      readonly selector: { readonly matchLabels: Record<string, string> }
      readonly template: {
        readonly metadata: { readonly labels: Record<string, string> }
        readonly spec: {
          readonly affinity: {
            readonly nodeAffinity: {
              readonly requiredDuringSchedulingIgnoredDuringExecution: {
                readonly nodeSelectorTerms: readonly { readonly matchExpressions: readonly object[] }[]
              }
            }
          }
        }
      }
    }
  }
  const sets = (all: readonly KubeObject[]): readonly DaemonSet[] =>
    all.filter((object): object is DaemonSet => object.kind === 'DaemonSet')
  const find = (name: string): DaemonSet => {
    const found = sets(objects(whole(spec))).find(({ metadata }) => metadata.name === name)
    if (found === undefined) throw new Error(`no DaemonSet ${name}`)
    return found
  }
  const nodesOf = (set: DaemonSet): readonly object[] =>
    set.spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.flatMap(
      ({ matchExpressions }) => matchExpressions.filter((each) => JSON.stringify(each).includes('hostname')),
    )

  test('make a DaemonSet more of what reads the file, and of nothing else', () => {
    const names = (all: readonly KubeObject[]) => sets(all).map(({ metadata }) => metadata.name)
    const more = names(objects(whole(spec))).filter((name) => !names(objects()).includes(name))
    expect(more).toEqual(['nova-compute-cloud-2', 'nova-compute-cloud-3'])
  })

  test('win over everything, and leave the others as they are', () => {
    const all = objects(whole(spec))
    const ratio = (name: string) => /^cpu_allocation_ratio = (.*)$/m.exec(filesOf(all, name)['nova.conf'] ?? '')?.[1]
    expect(['nova-compute', 'nova-compute-cloud-2', 'nova-compute-cloud-3'].map(ratio)).toEqual(['4', '5', '4'])
    expect(variable(all, 'DaemonSet/nova-compute-cloud-3', 'OS_DEFAULT__MY_IP')).toEqual(fromSecret('mine'))
    expect(variable(all, 'DaemonSet/nova-compute', 'OS_DEFAULT__MY_IP')).toEqual(
      variable(objects(), 'DaemonSet/nova-compute', 'OS_DEFAULT__MY_IP'),
    )
  })

  test('send each Pod to its node, with its own configuration', () => {
    const key = 'kubernetes.io/hostname'
    expect(nodesOf(find('nova-compute'))).toEqual([{ key, operator: 'NotIn', values: ['cloud-2', 'cloud-3'] }])
    expect(nodesOf(find('nova-compute-cloud-2'))).toEqual([{ key, operator: 'In', values: ['cloud-2'] }])
    expect(nodesOf(find('nova-libvirt'))).toEqual([])
    expect(JSON.stringify(find('nova-compute-cloud-2'))).toContain('"configMap":{"name":"nova-compute-cloud-2"')
  })

  test('leave the selector of the general one alone, and never select Pods of another node', () => {
    const before = sets(objects()).find(({ metadata }) => metadata.name === 'nova-compute')
    expect(find('nova-compute').spec.selector).toEqual(before?.spec.selector)
    const own = find('nova-compute-cloud-2')
    const selects = (labels: Record<string, string>): boolean =>
      Object.entries(own.spec.selector.matchLabels).every(([label, value]) => labels[label] === value)
    expect(selects(own.spec.template.metadata.labels)).toBe(true)
    expect(selects(find('nova-compute').spec.template.metadata.labels)).toBe(false)
    expect(selects(find('nova-compute-cloud-3').spec.template.metadata.labels)).toBe(false)
    // Waits, Services and needs on the same node go by this one.
    expect(own.spec.template.metadata.labels).toMatchObject({ 'croque.dev/component': 'nova.compute' })
  })

  test('that say nothing change nothing', () => {
    const empty = { nodes: { 'cloud-1': { config: { nova: { 'nova.conf': { DEFAULT: {} } } } } } }
    expect(objects(whole(empty))).toEqual(objects())
  })
})

/** As Neutron computes it: type_tunnel.py takes the IP header from the smaller MTU, type_geneve.py its own header from that. */
function neutronMtu(spec: unknown): number {
  const text = Object.values(filesOf(objects(whole(spec)), 'neutron-api')).join('\n')
  const option = (name: string): number => Number(new RegExp(`^${name} = (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  const path = option('path_mtu')
  const physical = option('global_physnet_mtu')
  return (path > 0 ? Math.min(path, physical) : physical) - 20 - option('max_header_size')
}

describe('project networks', () => {
  const networks = (provider: number, project?: number) => ({
    networks: { provider: { mtu: provider }, ...(project === undefined ? {} : { project: { mtu: project } }) },
  })

  test.each([
    ['by default fill what the underlay carries', {}, 1442],
    ['stay within the provider network', networks(1400), 1342],
    ['stay within the underlay when the provider network carries more', networks(9000), 1442],
    ['get the number that the document says', networks(1500, 1400), 1400],
    ['get it beside a large provider network', networks(9000, 1300), 1300],
    ['get the largest number that is allowed', networks(1500, 1442), 1442],
  ])('%s', (_case, spec, mtu) => {
    expect(neutronMtu(spec)).toBe(mtu)
  })
})

describe('a certificate of the user', () => {
  const tls = { endpoints: { tls: { source: 'secret', secretRef: { name: 'public-cert' } } } }

  test('is what the gateway serves, and none is generated', () => {
    const { units } = rendered(whole(tls))
    const secrets = units.flatMap((unit) => unit.secrets.map(({ name }) => name))
    const before = rendered().units.flatMap((unit) => unit.secrets.map(({ name }) => name))
    expect(before.filter((name) => !secrets.includes(name))).toEqual(['croque-ca', 'gateway-tls'])
    const gateway = podSpecs(objects(whole(tls))).find(({ owner }) => owner === 'Deployment/gateway-proxy')
    expect(gateway?.pod).toMatchObject({
      volumes: expect.arrayContaining([{ name: 'tls', secret: { secretName: 'public-cert', defaultMode: 0o440 } }]),
    })
  })
})

test('a role of nodes means where a component was put', () => {
  const text = whole({
    services: { nova: { components: { scheduler: { placement: 'network' } } } },
    nodeRoles: { network: { config: { nova: { 'nova.conf': { DEFAULT: { debug: true } } } } } },
  })
  expect(filesOf(objects(text), 'nova-scheduler')['nova.conf']).toContain('debug = true')
})

describe('a StatefulSet whose Pods differ', () => {
  const spec = (replicas: number, size = 'tiny'): readonly KubeObject[] =>
    objects(document(`  size: ${size}\n  services:\n    ceph: {replicas: ${replicas}}\n`))
  const named = (all: readonly KubeObject[], kind: string, name: string): KubeObject | undefined =>
    all.find((object) => object.kind === kind && object.metadata.name === name)

  test('has an address for each, and an odd number of those that vote', () => {
    const services = (all: readonly KubeObject[]) =>
      all
        .filter(({ kind, metadata }) => kind === 'Service' && /^ceph-mon-\d$/.test(metadata.name))
        .map(({ metadata, spec: service }) => [metadata.name, service])
    expect(services(spec(2))).toEqual([
      [
        'ceph-mon-0',
        {
          type: 'ClusterIP',
          selector: { 'statefulset.kubernetes.io/pod-name': 'ceph-mon-0' },
          ports: [{ name: 'msgr2', port: 3300, targetPort: 3300, protocol: 'TCP' }],
          publishNotReadyAddresses: true,
        },
      ],
    ])
    expect(services(spec(3)).map(([name]) => name)).toEqual(['ceph-mon-0', 'ceph-mon-1', 'ceph-mon-2'])
    expect(named(spec(3), 'StatefulSet', 'ceph-osd')?.['spec']).toMatchObject({ replicas: 3 })
  })

  test('has a claim for each, made by its controller', () => {
    const all = spec(3)
    expect(
      all.some(({ kind, metadata }) => kind === 'PersistentVolumeClaim' && metadata.name.startsWith('ceph-')),
    ).toBe(false)
    expect(named(all, 'StatefulSet', 'ceph-osd')?.['spec']).toMatchObject({
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    })
  })
})

describe('without block storage', () => {
  test('nothing of a cloud needs it', () => {
    const text = document('  services:\n    ceph: {enabled: false}\n    cinder: {enabled: false}\n')
    const said = objects(text).filter((object) => /ceph[-/]/.test(JSON.stringify(object)))
    expect(said.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([])
  })
})
