/**
 * The catalog's words: what a service declares about itself. Data only; `render/` turns it into Kubernetes objects and
 * nothing outside a service's own folder names that service.
 */
import type { NodeDuty, Step } from './content.ts'
import type { BuildContext, CatalogContext } from './context.ts'
import type { Declarations } from './declarations.ts'
import type { ServiceImages, SourceName } from './source.ts'
import type { UserName } from './users.ts'

export type * from './context.ts'
export type * from './declarations.ts'

/** `compute-lxc`: a node of container guests. Nova has one kind of guest a node, so none has both of the compute roles. */
export type Role = 'control' | 'compute' | 'compute-lxc' | 'network' | 'storage'

/** Names of the images of `images/`; which reference a name has is decided by the image source. */
export type ImageName =
  | 'base'
  | 'mariadb'
  | 'rabbitmq'
  | 'memcached'
  | 'haproxy'
  | 'ovn'
  | 'ceph'
  | 'openstack'
  | 'compute'
  | 'croque'

/** An image of another source, by the name that it has there. */
export type SourceImage = `${SourceName}/${string}`

/** An oslo.config or other INI file: sections of options; a list is a multi-valued option. */
export type Ini = Readonly<Record<string, Readonly<Record<string, IniValue>>>>
export type IniValue = string | number | boolean | readonly (string | number | boolean)[]

/** A file that a container finds in place. `ini` and `yaml` files take the document's `config` overrides by their base name. */
export type FileSpec = { readonly mode?: string } & (
  | { readonly ini: Ini }
  /** The same model as YAML, for programs of ours: values keep their types. */
  | { readonly yaml: Ini }
  | { readonly text: string }
)

/** A literal (may use `$(NAME)` of an earlier variable), a key of a Secret of ours, or a field of the Pod. */
export type EnvValue = string | { readonly secret: string; readonly key: string } | { readonly field: string }

/** What must be there before a container starts. `component` means: has a ready endpoint, or (`sameNode`) a ready Pod on this node. */
export type Need = { readonly task: string } | { readonly component: string; readonly sameNode?: boolean }

export type VolumeSpec =
  | {
      readonly kind: 'claim'
      readonly name: string
      readonly mountPath: string
      readonly size: string
      /** Each Pod of a StatefulSet has one of its own, which outlives it. */
      readonly perReplica?: boolean
    }
  | {
      readonly kind: 'host'
      readonly name: string
      readonly path: string
      readonly mountPath?: string
      readonly propagation?: 'Bidirectional' | 'HostToContainer'
      readonly type?: 'BlockDevice' | 'Directory' | 'DirectoryOrCreate'
      /** Owner `uid:gid` given to the directory by an init container (hostPath directories come as root). */
      readonly owner?: string
      /** Directories in it that are made with the same owner. */
      readonly directories?: readonly string[]
    }
  | { readonly kind: 'empty'; readonly name: string; readonly mountPath: string; readonly memory?: boolean }
  | {
      readonly kind: 'secret'
      readonly name: string
      readonly secret: string
      readonly mountPath: string
      readonly mode?: number
      /** Only these of its keys; absent: all. */
      readonly keys?: readonly string[]
    }

export type ProbeSpec =
  | { readonly http: string; readonly port: number }
  | { readonly tcp: number }
  | { readonly exec: readonly string[] }

export interface Probes {
  readonly ready: ProbeSpec
  /** Default: the same as `ready` with a long period. `false`: a hung process is not restarted by Kubernetes (node agents). */
  readonly live?: ProbeSpec | false
  /** Seconds that a start may take on a slow machine. Default 300. */
  readonly startSeconds?: number
  /** Between two questions. Default 20 for a program that is run, else 5. */
  readonly periodSeconds?: number
}

export interface Resources {
  readonly cpu: string
  readonly memory: string
}

/** One container's work: shared by components and tasks. */
export interface Work {
  readonly image: ImageName | SourceImage
  /** Goes into the Kolla contract's `config.json`; run by `kolla_start`. */
  readonly command: readonly string[]
  /** User of the image; `root` needs `privileged` or `root` with its reason. */
  readonly user: UserName
  /** Whose the files are that are copied into place. Default: the user's. */
  readonly owner?: UserName
  /** Why this container is privileged; absent means it is not. */
  readonly privileged?: string
  /** Why this container runs as root without being privileged. */
  readonly root?: string
  /** Path in the container -> file. */
  readonly files?: Readonly<Record<string, FileSpec>>
  readonly env?: Readonly<Record<string, EnvValue>>
  readonly volumes?: readonly VolumeSpec[]
  readonly needs: readonly Need[]
  readonly resources: Resources
  readonly hostNetwork?: boolean
  readonly hostPid?: boolean
  /** Nodes with any of these roles. */
  readonly placement: readonly Role[]
  /** Nodes with any of these roles are left out. */
  readonly notOn?: readonly Role[]
  /** Only the node of this name. */
  readonly node?: string
}

/**
 * How a Service is reached from outside the cluster. No node port is asked for by number: the API server can keep one that it gave
 * to a client that was killed at that moment (its generic store ends the allocation before it writes), and then refuses it to
 * everybody for minutes.
 */
export type Exposure =
  /** Addresses that lead to the Service on every node, at its own ports; no node port is taken. */
  | { readonly kind: 'externalIps'; readonly addresses: readonly string[] }
  | {
      readonly kind: 'LoadBalancer' | 'NodePort'
      readonly annotations: Readonly<Record<string, string>>
    }
  /** The Pods have their nodes' network. */
  | { readonly kind: 'HostNetwork' }
  /** A Gateway of the cluster hands connections for the host name on, TLS and all. */
  | {
      readonly kind: 'Gateway'
      readonly host: string
      /** apiVersion of its TLSRoute. */
      readonly route: string
      readonly gateway: { readonly name: string; readonly namespace: string; readonly listener?: string }
    }

export interface Component extends Work {
  readonly name: string
  readonly kind: 'deployment' | 'statefulset' | 'daemonset'
  readonly summary: string
  readonly replicas?: number
  /** Service ports; a component with ports gets a Service `<service>-<component>`. */
  readonly ports?: readonly { readonly name: string; readonly port: number }[]
  readonly headless?: boolean
  /** Each Pod of a StatefulSet has a Service of its own, `<service>-<component>-<number>`: an address that stays when the Pod is made anew. */
  readonly addressed?: boolean
  /** How what is outside the cluster reaches the ports; absent: not at all. */
  readonly exposure?: Exposure
  readonly probes: Probes
  /** Default 30. */
  readonly graceSeconds?: number
  readonly preStop?: readonly string[]
  /** `delete`: a changed Pod is replaced only when it is deleted (node agents under living guests). Default `rolling`. */
  readonly update?: 'rolling' | 'recreate' | 'delete'
  /** The Pod's host name is that of the node even without hostNetwork. */
  readonly priority?: 'infrastructure' | 'service'
  /** Permissions in the namespace that the main container needs, beyond none. */
  readonly rules?: readonly PolicyRule[]
  /**
   * Its Pods hold what exists nowhere else: one sentence on how somebody has a Pod of it give that away first. The engine never
   * takes Pods from it, and refuses a document that asks for fewer.
   */
  readonly holdsData?: string
  /** How what all its Pods make together is: asked in any one of them. Cheap: a person waits for it. */
  readonly health?: HealthSpec
}

/** A command that says in JSON how things are: `{"state": "ok" | "warning" | "error", "summary": "a few words", "details": ["a sentence", …]}`. */
export interface HealthSpec {
  readonly command: readonly string[]
}

export interface Task extends Work {
  readonly name: string
  readonly summary: string
  /** Seconds; default 600. */
  readonly deadlineSeconds?: number
  /** Cron schedule: the task runs again and again as a CronJob instead of once. */
  readonly schedule?: string
  readonly rules?: readonly PolicyRule[]
}

export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

export interface ServiceParts {
  readonly components: readonly Component[]
  readonly tasks?: readonly Task[]
  readonly content?: readonly Step[]
  readonly verify?: readonly Step[]
  readonly nodeDuties?: readonly NodeDuty[]
  /**
   * Takes from a node what outlives the service's Pods, when the cloud leaves a node that stays: a shell script, run as root in the
   * node's own namespaces of network and processes; `/host/var/lib`, `/host/run` and `/host/cgroup` are the node's. Idempotent.
   */
  readonly leaveNode?: string
  readonly nodeNeeds?: readonly NodeNeed[]
  /** What a user has to know of his cloud: one sentence each, at the end of `up` and in `status`. */
  readonly notices?: readonly string[]
}

/** What nodes must have, asked before anything is changed. */
export interface NodeNeed {
  /** What is looked at, a few words. */
  readonly check: string
  /** Nodes with any of these roles. */
  readonly roles: readonly Role[]
  /** Shell of root, with the node's devices and network: whether it is there, by its exit code. */
  readonly test: string
  /** What is wrong where it is not; the names of nodes follow. */
  readonly message: string
  readonly next: string
  /** Why nodes that are containers of one machine cannot have it at all. */
  readonly notEmbedded?: string
}

export interface ServiceDefinition {
  readonly name: string
  readonly summary: string
  /** Base name of an INI file -> the name of its option list in `src/oslo/options/<release>/`. */
  readonly optionLists: Readonly<Record<string, string>>
  /** What it runs from where images are not ours. */
  readonly images: Readonly<Record<SourceName, ServiceImages>>
  readonly declares: (context: CatalogContext) => Declarations
  readonly build: (context: BuildContext) => ServiceParts
}

/** Every compute node, whatever its guests are. */
export const computeRoles = ({ lxc }: Pick<CatalogContext, 'lxc'>): readonly Role[] =>
  lxc ? ['compute', 'compute-lxc'] : ['compute']

export const task = (id: string): Need => ({ task: id })
export const component = (id: string): Need => ({ component: id })
export const onNode = (id: string): Need => ({ component: id, sameNode: true })

/** Name of the Secret that holds a service's own passwords and keys. */
export const secretName = (service: string): string => `${service}-secrets`

/** Where the configuration of a container is mounted, read-only. A file whose path is below it is used in place; any other is copied by `kolla_set_configs`. */
export const configDir = '/var/lib/kolla/config_files'
