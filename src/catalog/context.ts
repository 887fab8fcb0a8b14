/** What the catalog is told of a document and of where the cloud runs. */
import type { Declarations, Exposure } from './model.ts'

/** OpenStack releases. What differs between them is a table of a service, `Readonly<Record<Release, …>>`, so that the next release asks for its line. */
export type Release = '2025.1' | '2026.1'

/** The volume type by which users choose a backend, and the limits of its volumes. */
interface VolumeTyped {
  readonly volumeType: {
    readonly name?: string | undefined
    readonly public: boolean
    readonly extraSpecs: Readonly<Record<string, string>>
  }
  readonly qos?: { readonly consumer: string; readonly specs: Readonly<Record<string, string>> } | undefined
}

/** What volumes of one kind stand on, as the document says it. */
export type VolumeBackend = VolumeTyped &
  (
    | { readonly type: 'ceph' }
    | { readonly type: 'lvm'; readonly group: string }
    | {
        readonly type: 'nfs'
        readonly server?: string | undefined
        readonly path?: string | undefined
        readonly mountOptions?: string | undefined
        /** Of the one node, in place of a server. */
        readonly directory?: string | undefined
      }
  )

export interface Volumes {
  /** Name of the backend for volumes without a type. */
  readonly default: string
  readonly backends: Readonly<Record<string, VolumeBackend>>
}

/** A file of that size, on a claim or in a directory of the node; or a device of the node. */
export type OsdPlace = { readonly gibibytes: number; readonly directory?: string } | { readonly device: string }

/** Plain facts of the document that the catalog needs; made once by `render/`. */
export interface CatalogContext {
  readonly cloudName: string
  readonly release: Release
  readonly namespace: string
  readonly region: string
  /** `https://cloud.croque.local:8443` */
  readonly publicUrl: string
  readonly publicHost: string
  readonly publicPort: number
  /** How the public APIs are reached from outside. */
  readonly exposure: Exposure
  /** The cloud's own traffic is encrypted; see `tls.ts`. */
  readonly internalTls: boolean
  /** Workers of an API or RPC service. */
  readonly workers: number
  /** What the document says of it, else what its size does; of that no more than `most`. */
  readonly replicas: (service: string, component: string, most?: number) => number
  readonly provider: {
    readonly physicalNetwork: string
    readonly bridge: string
    readonly cidr: string
    readonly gateway: string
    readonly prefixLength: number
    readonly floatingStart: string
    readonly floatingEnd: string
    readonly mtu: number
  }
  readonly projectNetworkTypes: readonly string[]
  /** MTU of project networks; tunnels of that size fit into the network below. */
  readonly projectMtu: number
  /** The user's Secret with the certificate of the public APIs; absent: one is generated. */
  readonly tlsSecret?: string
  /** Of the guests of compute nodes; those of nodes for container guests are `lxc`. */
  readonly virtType: 'kvm' | 'qemu'
  /** The cloud has nodes for container guests. */
  readonly lxc: boolean
  /** Why it has none, and what to do, without a full stop at its end; where that is not the user's wish. */
  readonly whyNoLxc?: string
  /** `netdev` (userspace) where the kernel lacks the openvswitch module. */
  readonly datapath: 'system' | 'netdev'
  /** Interface of the nodes that carries tunnels between userspace datapaths; its alias tells the address. Absent: tunnels go by the node's own address. */
  readonly tunnelInterface?: string
  /** Name servers that guests are told; empty: none. */
  readonly dnsServers: readonly string[]
  readonly dnsDomain: string
  readonly storage: {
    /** The user's Secret with `ceph.conf` and keyrings of a Ceph of somebody else; absent: it is ours. */
    readonly externalSecret?: string
    /** Where its disks stand, by node; empty: each on a claim. */
    readonly osds: Readonly<Record<string, OsdPlace>>
    /** Whether new images stand on it. */
    readonly images: boolean
    /** Whether disks of new servers stand on it. */
    readonly disks: boolean
  }
  readonly content: boolean
  readonly flavors: Readonly<Record<string, { readonly vcpus: number; readonly memory: number; readonly disk: number }>>
  /** Where volumes stand. */
  readonly volumes: Volumes
  /** Subnet of the first project network. */
  readonly privateCidr: string
}

/**
 * Hosts on which nodes of tenants' clusters run at native speed, by the property `img_hv_type` of their images; undefined where there are
 * none. Emulated, a node takes many minutes: an image for such ones is everybody's own to bring.
 */
export function nodeHosts({
  lxc,
  virtType,
}: Pick<CatalogContext, 'virtType'> & { readonly lxc?: boolean }): 'lxc' | 'qemu' | undefined {
  if (lxc === true) return 'lxc'
  return virtType === 'kvm' ? 'qemu' : undefined
}

export interface BuildContext extends CatalogContext {
  readonly declared: readonly { readonly service: string; readonly declarations: Declarations }[]
}
