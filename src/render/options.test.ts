/** Every option that the catalog writes exists in the release: what nothing reads misleads whoever reads the file. */
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { catalog } from '../catalog/index.ts'
import type { KubeObject } from '../kube/index.ts'
import { checkOptions, optionList, parseIni } from '../oslo/index.ts'
import { loadCloud, type Release, releases } from '../spec/index.ts'
import { knownServices, render, type Site } from './index.ts'

const images = ['base', 'mariadb', 'rabbitmq', 'memcached', 'haproxy', 'ovn', 'ceph', 'openstack', 'compute', 'croque']
const imageNames = Object.fromEntries(images.map((name) => [name, `croque.local/${name}:test`]))
const sites: readonly Site[] = [
  { images: imageNames, virtType: 'qemu', datapath: 'netdev', tunnelInterface: 'tun0' },
  { images: imageNames, virtType: 'kvm', datapath: 'system', lxc: true },
]
const lists: ReadonlyMap<string, string> = new Map(catalog.flatMap(({ optionLists }) => Object.entries(optionLists)))

function objectsOf(spec: object, site: Site): readonly KubeObject[] {
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  return render(loaded.cloud, site).rendering.units.flatMap(({ objects }) => objects)
}

const filesOf = (objects: readonly KubeObject[]): readonly (readonly [string, string])[] =>
  objects
    .filter(({ kind }) => kind === 'ConfigMap')
    .flatMap((object) => Object.entries((object['data'] ?? {}) as Readonly<Record<string, string>>))

/** `nova.conf: [api] auth_strategy` */
function strangers(release: Release, file: string, text: string): readonly string[] {
  const list = optionList(release, lists.get(file) ?? '')
  if (list === undefined) return []
  const read = file.endsWith('.yaml') ? parse(text) : parseIni(text)
  return checkOptions(read, list).map(({ section, option }) => `${file}: [${section}] ${option ?? ''}`)
}

const cases = releases.flatMap((release) =>
  sites.flatMap((site) =>
    ['tiny', 'small', 'ha'].flatMap((size) =>
      [true, false].map(
        (enabled) =>
          [
            release,
            site.datapath,
            size,
            enabled ? 'with TLS and' : 'without TLS and',
            site,
            { release, size, content: { enabled }, internalTls: enabled },
          ] as const,
      ),
    ),
  ),
)

test.each(cases)('the files of a cloud: %s, %s, %s, %s content', (release, _datapath, _size, _content, site, spec) => {
  const files = filesOf(objectsOf(spec, site))
  expect([...new Set(files.flatMap(([file, text]) => strangers(release, file, text)))]).toEqual([])
  // Every list is of a file that is there.
  expect([...lists.keys()].filter((name) => !files.some(([file]) => file === name))).toEqual([])
})

interface PodSpec {
  readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[]
  readonly containers: readonly { readonly env?: readonly { readonly name: string }[] }[]
}

/** Pods of workloads and Jobs. */
const podsOf = (objects: readonly KubeObject[]): readonly PodSpec[] =>
  objects.flatMap((object) => {
    const spec = object['spec'] as
      | { template?: { spec?: PodSpec }; jobTemplate?: { spec: { template: { spec: PodSpec } } } }
      | undefined
    return spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec ?? []
  })

/** `OS_<SECTION>__<OPTION>`, as oslo.config reads it, that none of the Pod's files knows. */
function strangeVariables(release: Release, pod: PodSpec, objects: readonly KubeObject[]): readonly string[] {
  const maps = new Set(pod.volumes?.map(({ configMap }) => configMap?.name))
  const files = filesOf(objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && maps.has(metadata.name)))
  const known = files.map(([file]) => optionList(release, lists.get(file) ?? '')).filter((list) => list !== undefined)
  return pod.containers
    .flatMap(({ env = [] }) => env)
    .flatMap(({ name }) => {
      const [, group = '', option = ''] = /^OS_(\w+?)__(\w+)$/.exec(name) ?? []
      const isKnown = known.some((list) => {
        const section = Object.keys(list).find((key) => key.toUpperCase() === group)
        return section !== undefined && checkOptions({ [section]: { [option.toLowerCase()]: '' } }, list).length === 0
      })
      return group === '' || isKnown ? [] : [name]
    })
}

const both = releases.flatMap((release) => sites.map((site) => [release, site.datapath, site] as const))

test.each(both)('the variables of containers: %s, %s', (release, _datapath, site) => {
  const objects = objectsOf({ release, internalTls: true }, site)
  const pods = podsOf(objects)
  expect([...new Set(pods.flatMap((pod) => strangeVariables(release, pod, objects)))]).toEqual([])
  expect(pods.length).toBeGreaterThan(20)
})

test.each([
  ['2026.1', true],
  ['2025.1', false],
])('a document is judged by the options of its release: %s', (release, ok) => {
  const config = { 'ml2_conf.ini': { ml2: { project_network_types: 'geneve' } } }
  const spec = { release, services: { neutron: { config } } }
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  expect(loadCloud(text, { file: 'cloud.yaml', knownServices }).ok).toBe(ok)
})
