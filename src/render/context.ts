/** The facts of a document that the catalog works from. */
import type { CatalogContext, Exposure, OsdPlace } from '../catalog/index.ts'
import { type Cloud, sizePreset } from '../spec/index.ts'

/** What is known only where the cloud runs. */
export interface Site {
  /** Image name of the catalog -> reference that Pods use. */
  readonly images: Readonly<Record<string, string>>
  readonly virtType: 'kvm' | 'qemu'
  /** There are nodes for container guests. @default false */
  readonly lxc?: boolean
  /** Why there are none, where the machine decided that. */
  readonly whyNoLxc?: string
  readonly datapath: 'system' | 'netdev'
  /** Interface of the nodes for tunnels where Open vSwitch runs in user space; its alias is `address/length`. Absent: the node's own address. */
  readonly tunnelInterface?: string
  /** apiVersion by which the cluster serves TLSRoutes. @default `gateway.networking.k8s.io/v1` */
  readonly tlsRoute?: string
}

export const namespaceOf = ({ spec: { underlay } }: Cloud): string =>
  underlay.type === 'embedded' ? 'openstack' : underlay.namespace

function exposureOf(cloud: Cloud, site: Site): Exposure {
  const { endpoints, networks } = cloud.spec
  const { exposure, annotations, gateway, host } = endpoints
  switch (exposure) {
    case 'embedded':
      return { kind: 'externalIps', addresses: [networks.provider.gateway] }
    case 'LoadBalancer':
    case 'NodePort':
      return { kind: exposure, annotations }
    case 'HostNetwork':
      return { kind: exposure }
    case 'Gateway':
      return {
        kind: exposure,
        host,
        route: site.tlsRoute ?? 'gateway.networking.k8s.io/v1',
        gateway: {
          name: gateway?.name ?? '',
          namespace: gateway?.namespace ?? namespaceOf(cloud),
          ...(gateway?.listener === undefined ? {} : { listener: gateway.listener }),
        },
      }
  }
}

function storageOf({ external, osds, images, disks }: Cloud['spec']['storage']): CatalogContext['storage'] {
  return {
    ...(external === undefined ? {} : { externalSecret: external.secretRef.name }),
    osds: Object.fromEntries(Object.entries(osds).map(([node, said]) => [node, placeOf(said)])),
    images: images === 'block',
    disks: disks === 'block',
  }
}

function placeOf({ size, directory, device }: Cloud['spec']['storage']['osds'][string]): OsdPlace {
  if (device !== undefined) return { device }
  const gibibytes = Number.parseInt(size, 10)
  return directory === undefined ? { gibibytes } : { gibibytes, directory }
}

export function catalogContext(cloud: Cloud, site: Site): CatalogContext {
  const { spec, metadata } = cloud
  const { provider, dns, project } = spec.networks
  const { tls } = spec.endpoints
  const preset = sizePreset(spec.size)
  return {
    cloudName: metadata.name,
    release: spec.release,
    namespace: namespaceOf(cloud),
    region: spec.region,
    publicUrl: `https://${spec.endpoints.host}:${spec.endpoints.port}`,
    publicHost: spec.endpoints.host,
    publicPort: spec.endpoints.port,
    exposure: exposureOf(cloud, site),
    internalTls: spec.internalTls,
    workers: preset.workers,
    replicas: (service, component, most = preset.replicas) => {
      const settings = spec.services[service]
      return settings?.components[component]?.replicas ?? settings?.replicas ?? Math.min(preset.replicas, most)
    },
    provider: {
      physicalNetwork: provider.physicalNetwork,
      bridge: provider.bridge,
      cidr: provider.cidr,
      gateway: provider.gateway,
      prefixLength: Number(provider.cidr.split('/')[1]),
      floatingStart: provider.floatingRange.start,
      floatingEnd: provider.floatingRange.end,
      mtu: provider.mtu,
    },
    projectNetworkTypes: project.types,
    projectMtu: project.mtu,
    ...(tls.source === 'secret' && tls.secretRef !== undefined ? { tlsSecret: tls.secretRef.name } : {}),
    virtType: site.virtType,
    lxc: site.lxc === true && spec.images.source !== 'kolla',
    ...(site.whyNoLxc === undefined ? {} : { whyNoLxc: site.whyNoLxc }),
    datapath: site.datapath,
    ...(site.tunnelInterface === undefined ? {} : { tunnelInterface: site.tunnelInterface }),
    dnsServers: dns.servers,
    dnsDomain: dns.domain,
    storage: storageOf(spec.storage),
    content: spec.content.enabled,
    flavors: spec.content.flavors,
    volumes: spec.storage,
    privateCidr: spec.content.network.cidr,
  }
}
