/** The catalog from images that are not ours: the whole of it, and what every container of every Pod must keep to. */
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { catalog, sourceImages, users } from '../catalog/index.ts'
import type { KubeObject } from '../kube/index.ts'
import { loadCloud, releases } from '../spec/index.ts'
import { difference, wholeText } from './fixture.ts'
import { knownServices, render, type Site } from './index.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const built = ['base', 'mariadb', 'rabbitmq', 'memcached', 'haproxy', 'ovn', 'ceph', 'openstack', 'compute', 'croque']
const keys = [...built, ...sourceImages('kolla', catalog).map((name) => `kolla/${name}`)]

/** Every image is called as the catalog calls it. */
const plainly: Site = {
  images: Object.fromEntries(keys.map((key) => [key, key])),
  virtType: 'kvm',
  datapath: 'system',
}

/** Ceph, Cinder which needs it, and Magnum, which is croque's own program, have no images there. */
const withoutOurs = { ceph: { enabled: false }, cinder: { enabled: false }, magnum: { enabled: false } }
const sources = {
  build: { images: { source: 'build' } },
  registry: { images: { source: 'registry', registry: 'registry.example.org/cloud' } },
  kolla: { images: { source: 'kolla' }, services: withoutOurs, underlay: { type: 'kubeconfig' } },
} as const
type Source = keyof typeof sources

const loaded = (spec: object) =>
  loadCloud(stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec }), {
    file: 'cloud.yaml',
    knownServices,
  })

function rendered(source: Source, more: { readonly images?: object; readonly release?: string } = {}) {
  const { images, ...spec } = sources[source]
  const release = more.release ?? '2026.1'
  const cloud = loaded({ ...spec, release, images: { ...images, ...more.images } })
  if (!cloud.ok) throw new Error(JSON.stringify(cloud.diagnostics))
  const reference = (key: string): string =>
    source === 'build' ? `croque.local/${key}:${release}-test` : `r.example.org/${key}:test@${digest}`
  const site = {
    images: Object.fromEntries(keys.map((key) => [key, reference(key)])),
    virtType: 'kvm',
    datapath: 'system',
  } as const
  return render(cloud.cloud, site).rendering
}

interface Container {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly volumeMounts?: readonly { readonly mountPath: string; readonly subPath?: string }[]
  readonly securityContext?: {
    readonly privileged?: boolean
    readonly runAsUser?: number
    readonly runAsGroup?: number
    readonly allowPrivilegeEscalation?: boolean
    readonly capabilities?: { readonly drop: readonly string[]; readonly add?: readonly string[] }
  }
}
interface PodSpec {
  readonly imagePullSecrets?: readonly { readonly name: string }[]
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[]
}

const objectsOf = (rendering: ReturnType<typeof rendered>): readonly KubeObject[] =>
  rendering.units.flatMap((unit) => unit.objects)

function pods(source: Source, images: object = {}) {
  return objectsOf(rendered(source, { images })).flatMap((object) => {
    const spec = object['spec'] as
      | { template?: { spec: PodSpec }; jobTemplate?: { spec: { template: { spec: PodSpec } } } }
      | undefined
    const pod = spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec
    return pod === undefined ? [] : [{ owner: `${object.kind}/${object.metadata.name}`, pod }]
  })
}
const all = ({ pod }: { readonly pod: PodSpec }) => [...(pod.initContainers ?? []), ...pod.containers]

const names = Object.keys(sources) as Source[]
const uids = new Set<number>(Object.values(users))

test('the rendering from Kolla images, whole', async () => {
  await expect(wholeText(rendered('kolla').units)).toMatchFileSnapshot('./golden/kolla.yaml')
})

test.each(releases.slice(1))('the rendering of %s from Kolla images differs in these lines', async (release) => {
  const text = difference(rendered('kolla').units, rendered('kolla', { release }).units)
  await expect(text).toMatchFileSnapshot(`./golden/kolla-${release}.diff`)
})

describe.each(names)('every container from source %s', (source) => {
  test('is pulled as and with what the document says, by a pinned name', () => {
    const walked = pods(source, { pullPolicy: 'Always', pullSecrets: ['one', 'two'] })
    expect(new Set(walked.map(({ owner }) => owner.split('/')[0]))).toEqual(
      new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']),
    )
    const form =
      source === 'build' ? /^croque\.local\/[a-z]+:[\w.-]+$/ : /^[\w.:/-]+\/[a-z-]+:[\w.-]+@sha256:[0-9a-f]{64}$/
    for (const { owner, pod } of walked) {
      expect(pod.imagePullSecrets, owner).toEqual([{ name: 'one' }, { name: 'two' }])
      for (const container of all({ pod })) {
        expect(container.image, `${owner}/${container.name}`).toMatch(form)
        expect(container.image.includes('/kolla/'), `${owner}/${container.name}`).toBe(source === 'kolla')
        expect(container.imagePullPolicy, `${owner}/${container.name}`).toBe('Always')
      }
    }
  })

  test('has the user of its image, by number', () => {
    for (const { owner, pod } of pods(source))
      for (const { name, securityContext: { runAsUser = -1, runAsGroup } = {} } of all({ pod })) {
        expect(name === 'wait' ? [42400] : [...uids], `${owner}/${name}`).toContain(runAsUser)
        if (pod.containers.some((main) => main.name === name)) expect(runAsGroup, owner).toBe(runAsUser)
      }
  })

  test('is started by the contract alone', () => {
    const maps = new Map(
      objectsOf(rendered(source))
        .filter(({ kind }) => kind === 'ConfigMap')
        .map(({ metadata, ...object }) => [metadata.name, object['data'] as Readonly<Record<string, string>>]),
    )
    for (const { owner, pod } of pods(source)) {
      const [main] = pod.containers
      expect([main?.command, main?.args], owner).toEqual([['kolla_start'], undefined])
      expect(main?.env, owner).toContainEqual({ name: 'KOLLA_CONFIG_STRATEGY', value: 'COPY_ALWAYS' })
      const map = pod.volumes.find(({ name }) => name === 'config')?.configMap?.name ?? ''
      const config = JSON.parse(maps.get(map)?.['config.json'] ?? '{}')
      // It is split at every space, and quotes mean nothing: what a shell is to run stands in a file.
      expect(config.command, owner).toMatch(/^[^\s'"]+( [^\s'"]+)*$/)
      for (const entry of config.config_files ?? []) {
        expect(Object.keys(entry).toSorted(), owner).toEqual(['dest', 'owner', 'perm', 'source'])
        expect(maps.get(map), owner).toHaveProperty([entry.source.split('/').at(-1)])
        expect(users, owner).toHaveProperty(entry.owner)
      }
      const init = (pod.initContainers ?? []).map(({ name }) => name)
      expect(
        ['owner', 'wait'].filter((name) => init.includes(name)),
        owner,
      ).toEqual(init)
    }
  })
})

describe('from Kolla images', () => {
  test('nothing names a path or a program of ours', () => {
    const text = JSON.stringify(rendered('kolla'))
    expect(text).not.toContain('/var/lib/openstack')
    expect(text).not.toContain('"command":["croque-wait"')
  })

  test('a container may become root for the start script, and for nothing more than that does', () => {
    for (const { owner, pod } of pods('kolla')) {
      for (const { securityContext, volumeMounts = [] } of pod.containers) {
        if (securityContext?.privileged === true) continue
        expect(securityContext, owner).toMatchObject({
          allowPrivilegeEscalation: true,
          capabilities: { drop: ['ALL'], add: ['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'] },
        })
        // What is copied cannot be a mount: the start script removes it first.
        expect(
          volumeMounts.filter(({ subPath }) => subPath !== undefined),
          owner,
        ).toEqual([])
      }
      for (const init of pod.initContainers ?? [])
        expect(init.securityContext?.allowPrivilegeEscalation, owner).toBe(false)
    }
  })

  test('what waits has its program from a ConfigMap, in the image that the Pod pulls anyway', () => {
    const programs = objectsOf(rendered('kolla')).find(({ metadata }) => metadata.name === 'croque-programs')
    expect(programs?.['data']).toHaveProperty('croque-wait', expect.stringContaining('#!/usr/bin/python3'))
    const waiting = pods('kolla').filter(({ pod }) => pod.initContainers?.some(({ name }) => name === 'wait'))
    expect(waiting).not.toHaveLength(0)
    for (const { owner, pod } of waiting) {
      const wait = pod.initContainers?.find(({ name }) => name === 'wait')
      expect(wait?.command?.slice(0, 3), owner).toEqual(['python3', '-IS', '/var/lib/croque/programs/croque-wait'])
      expect(wait?.image, owner).toBe(pod.containers[0]?.image)
      expect(
        pod.volumes.map(({ configMap }) => configMap?.name),
        owner,
      ).toContain('croque-programs')
    }
  })

  test('every service says for each of its components and tasks which image it is, or why there is none', () => {
    const { services: _, ...spec } = sources.kolla
    const cloud = loaded({ ...spec, images: { source: 'build' } })
    if (!cloud.ok) throw new Error(JSON.stringify(cloud.diagnostics))
    const ids = render(cloud.cloud, plainly)
      .rendering.units.filter(({ kind }) => kind === 'component' || kind === 'task')
      .map(({ id }) => id.split('/'))
    for (const [service = '', work = ''] of ids) {
      const said = catalog.find(({ name }) => name === service)?.images.kolla ?? { none: 'nothing said' }
      if ('works' in said) expect(said.works, `${service}/${work}`).toHaveProperty([work])
      else expect(said.none).toMatch(/Kolla/)
    }
    for (const { name, images } of catalog)
      if ('works' in images.kolla)
        for (const work of Object.keys(images.kolla.works)) expect(ids, name).toContainEqual([name, work])
  })

  test.each([
    ['not named', '', 6, 'spec.images.source'],
    ['named', '  services:\n    ceph: {replicas: 1}\n', 8, 'spec.services.ceph'],
  ])('a service without images is refused at its line: %s', (_case, services, line, path) => {
    const text = `apiVersion: croque.dev/v1alpha1\nkind: Cloud\nspec:\n  underlay: {type: kubeconfig}\n  images:\n    source: kolla\n${services}`
    const refused = loadCloud(text, { file: 'cloud.yaml', knownServices })
    const said = refused.ok ? [] : refused.diagnostics.filter(({ message }) => !message.includes('magnum'))
    expect(said).toMatchObject([
      {
        file: 'cloud.yaml',
        line,
        path,
        message: expect.stringMatching(
          /no ceph from source: kolla .*spec\.storage\.external, or set enabled: false for ceph$/,
        ),
      },
    ])
  })

  test('an external Ceph is as good as one of ours', () => {
    const { services: _, ...spec } = sources.kolla
    const services = { magnum: { enabled: false } }
    const cloud = loaded({ ...spec, services, storage: { external: { secretRef: { name: 'my-ceph' } } } })
    if (!cloud.ok) throw new Error(JSON.stringify(cloud.diagnostics))
    const text = JSON.stringify(render(cloud.cloud, plainly).rendering)
    expect(text).toContain('"image":"kolla/cinder-volume"')
    expect(text).not.toContain('"image":"ceph"')
  })

  test('Rocky calls the user of guests otherwise', () => {
    const script = (distro: string): string => {
      const map = objectsOf(rendered('kolla', { images: { distro } })).find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'nova-libvirt',
      )
      return (map?.['data'] as Record<string, string> | undefined)?.['libvirt.sh'] ?? ''
    }
    expect(script('rocky')).toContain('chown -R qemu:qemu')
    expect(script('ubuntu')).toContain('chown -R libvirt-qemu:libvirt-qemu')
  })
})
