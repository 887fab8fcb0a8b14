/** Fills in what depends on other fields, so that whoever gets a {@link Cloud} finds nothing missing. */
import { contains, formatAddress, parseAddress, parseCidr } from './address.ts'
import type { CheckedCloud, CheckedSpec } from './cloud.ts'
import { largestProjectMtu } from './mtu.ts'

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

type Exposure = NonNullable<CheckedSpec['endpoints']['exposure']>
type Provider = CheckedSpec['networks']['provider']
type Project = CheckedSpec['networks']['project']
type ServiceSettings = CheckedSpec['services'][string]

interface ResolvedSpec extends Omit<CheckedSpec, 'networks' | 'endpoints' | 'services' | 'storage'> {
  networks: Omit<CheckedSpec['networks'], 'provider' | 'project' | 'dns'> & {
    provider: Provider & { gateway: string; floatingRange: { start: string; end: string } }
    project: Omit<Project, 'mtu'> & { mtu: number }
    dns: CheckedSpec['networks']['dns'] & { servers: string[] }
  }
  endpoints: CheckedSpec['endpoints'] & { host: string; exposure: Exposure }
  storage: CheckedSpec['storage'] & { default: string }
  /** Every service of the catalog, those that the document does not name included. */
  services: Record<string, ServiceSettings>
}

/** A loaded Cloud document: valid, complete and deeply readonly. Durations are seconds, quantities Kubernetes texts. */
export type Cloud = DeepReadonly<Omit<CheckedCloud, 'spec'> & { spec: ResolvedSpec }>
export type CloudSpec = Cloud['spec']
export type ServiceSpec = CloudSpec['services'][string]
export type ComponentSpec = ServiceSpec['components'][string]

export function resolveCloud(checked: CheckedCloud, serviceNames: readonly string[]): Cloud {
  const { spec, metadata } = checked
  const services = Object.fromEntries(
    serviceNames.map((name) => [
      name,
      spec.services[name] ?? { enabled: true, config: {}, policy: {}, components: {} },
    ]),
  )
  const provider = resolveProvider(spec.networks.provider)
  const { dns } = spec.networks
  const embedded = spec.underlay.type === 'embedded'
  return freeze({
    ...checked,
    spec: {
      ...spec,
      endpoints: {
        ...spec.endpoints,
        host: spec.endpoints.host ?? `${metadata.name}.croque.local`,
        exposure: spec.endpoints.exposure ?? (embedded ? 'embedded' : 'NodePort'),
      },
      networks: {
        ...spec.networks,
        provider,
        project: resolveProject(spec.networks),
        dns: { ...dns, servers: dns.servers ?? (embedded ? [provider.gateway] : []) },
      },
      storage: { ...spec.storage, default: spec.storage.default ?? Object.keys(spec.storage.backends)[0] ?? '' },
      services: { ...spec.services, ...services },
    },
  })
}

function resolveProject({ project, provider }: CheckedSpec['networks']): Cloud['spec']['networks']['project'] {
  return { ...project, mtu: project.mtu === 'auto' ? largestProjectMtu(provider.mtu) : project.mtu }
}

function resolveProvider(provider: Provider): Cloud['spec']['networks']['provider'] {
  const network = parseCidr(provider.cidr)
  if (network === undefined) throw new TypeError(`not a network: ${provider.cidr}`)
  const gateway = provider.gateway ?? formatAddress(network.first + 1)
  return { ...provider, gateway, floatingRange: provider.floatingRange ?? defaultRange(network, gateway) }
}

/** Leaves room at both ends for addresses given by hand; a network of fewer than 32 addresses is used whole but for its gateway. */
function defaultRange(network: { first: number; last: number }, gateway: string) {
  const roomy = network.last - network.first >= 31
  const start = network.first + (roomy ? 10 : 1)
  const end = network.last - (roomy ? 5 : 1)
  const taken = parseAddress(gateway)
  if (taken === undefined || !contains({ first: start, last: end }, taken)) return range(start, end)
  return taken - start > end - taken ? range(start, taken - 1) : range(taken + 1, end)
}

const range = (start: number, end: number) => ({ start: formatAddress(start), end: formatAddress(end) })

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}
