/** What the document's checks need to know of the catalog. */
import {
  type CatalogContext,
  catalog,
  everyBackend,
  type ServiceDefinition,
  type ServiceParts,
  type Work,
} from '../catalog/index.ts'
import { optionList } from '../oslo/index.ts'
import { policyRules } from '../policy/index.ts'
import type { KnownService, OptionList, Release } from '../spec/index.ts'
import { needId } from './needs.ts'
import { optionFiles } from './settings.ts'

/** A context for asking which components and files there are: of the document neither depends on more than the release. */
const anyContext: CatalogContext = {
  cloudName: 'cloud',
  release: '2026.1',
  namespace: 'openstack',
  region: 'RegionOne',
  publicUrl: 'https://cloud.invalid:8443',
  publicHost: 'cloud.invalid',
  publicPort: 8443,
  exposure: { kind: 'externalIps', addresses: [] },
  internalTls: false,
  workers: 1,
  replicas: () => 1,
  provider: {
    physicalNetwork: 'physnet1',
    bridge: 'br-ex',
    cidr: '172.24.4.0/24',
    gateway: '172.24.4.1',
    prefixLength: 24,
    floatingStart: '172.24.4.10',
    floatingEnd: '172.24.4.250',
    mtu: 1500,
  },
  projectNetworkTypes: ['geneve'],
  projectMtu: 1442,
  virtType: 'qemu',
  lxc: true,
  datapath: 'netdev',
  dnsServers: [],
  dnsDomain: 'openstack.internal',
  storage: { osds: {}, images: false, disks: false },
  content: false,
  flavors: {},
  volumes: everyBackend,
  privateCidr: '10.20.0.0/24',
}

const noVolumes = { default: '', backends: {} }

/** Services, components and configuration files of a release. The option lists are read from disk only when a document asks for one. */
export function knownServices(release: Release): readonly KnownService[] {
  const context = { ...anyContext, release, declared: [] }
  return catalog.map((definition) => {
    const parts = definition.build(context)
    // Three: what counts votes takes odd numbers only.
    const tripled = definition.build({ ...context, replicas: () => 3 })
    const fixed = parts.components.filter(
      ({ kind, replicas }, index) => kind !== 'daemonset' && tripled.components[index]?.replicas === replicas,
    )
    return {
      name: definition.name,
      components: parts.components.map(({ name }) => name),
      files: lazyLists(release, definition.optionLists),
      get policyRules() {
        return policyRules(release, definition.name)
      },
      // What a kind of volumes needs is for the rules of these.
      get needs() {
        const parts = definition.build({ ...context, volumes: noVolumes })
        return neededServices(parts, secretOwners()).filter((name) => name !== definition.name)
      },
      singletons: fixed.map(({ name }) => name),
      lacking: lackingSources(definition),
      perNode: Object.fromEntries(
        parts.components
          .filter(({ kind }) => kind === 'daemonset')
          .map(({ name, files }) => [name, optionFiles(files).filter((file) => file in definition.optionLists)]),
      ),
    }
  })
}

const lackingSources = ({ images }: ServiceDefinition): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(images).flatMap(([source, said]) => ('none' in said ? [[source, said.none]] : [])))

/** Secret -> the service that declares it. */
function secretOwners(): ReadonlyMap<string, string> {
  return new Map(
    catalog.flatMap(({ name, declares }) =>
      Object.keys(declares(anyContext).secrets ?? {}).map((secret) => [secret, name] as const),
    ),
  )
}

/** Services of what its containers wait for, and those whose Secrets they read: a Pod does not start without them. */
function neededServices(
  { components, tasks = [] }: ServiceParts,
  owners: ReadonlyMap<string, string>,
): readonly string[] {
  const works: readonly Work[] = [...components, ...tasks]
  const waited = works.flatMap(({ needs }) => needs).map((need) => needId(need).split('/')[0])
  const read = works.flatMap(secretsOf).map((secret) => owners.get(secret))
  const needed = new Set([...waited, ...read])
  return catalog.map(({ name }) => name).filter((name) => needed.has(name))
}

const secretsOf = ({ env = {}, volumes = [] }: Work): readonly string[] => [
  ...Object.values(env).flatMap((value) => (typeof value === 'object' && 'secret' in value ? value.secret : [])),
  ...volumes.flatMap((volume) => (volume.kind === 'secret' ? volume.secret : [])),
]

function lazyLists(
  release: string,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, OptionList | undefined>> {
  const files = {}
  for (const [file, list] of Object.entries(names)) {
    Object.defineProperty(files, file, { enumerable: true, get: () => optionList(release, list) })
  }
  return files
}
