import type { KindRef, KubeEndpoint, ObjectRef } from '../kube/index.ts'

/** One thing that preflight looked at. All findings are reported together, before anything is changed. */
export interface Finding {
  readonly check: string
  readonly ok: boolean
  /** `fixable`: `up` mends it by itself after saying so (a missing Debian package). */
  readonly severity: 'error' | 'warning' | 'fixable'
  readonly message: string
  readonly next?: string
}

/** How to reach the API server from this machine. */
export interface KubeAccess extends KubeEndpoint {
  /** A complete kubeconfig file's text for `kubectl`. */
  readonly kubeconfig: string
  /** The file it stands in. */
  readonly kubeconfigFile: string
  /** Which context of that file; absent: its current one. */
  readonly context?: string
  /** Path of a kubectl of the cluster's own version on this machine, where there is one. */
  readonly kubectl?: string
}

export type UnderlayState = 'absent' | 'stopped' | 'partial' | 'running'

export interface UnderlayStatus {
  readonly state: UnderlayState
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly message?: string }[]
  readonly message?: string
}

/** A step of making the underlay, reported as it begins, tells what it waits for, and ends. */
export interface StepReporter {
  /** Runs `work` as a named step below `underlay` or `images`; `say` publishes what it is doing or waiting for right now (one short sentence). */
  step<T>(id: string, work: (say: (message: string) => void) => Promise<T>): Promise<T>
}

/** An OCI image archive in the cache and the name that Pods use for it. */
export interface ImageArchive {
  readonly reference: string
  /** `sha256:…` of the manifest. */
  readonly digest: string
  /** OCI image layout tar. */
  readonly path: string
}

/** Something on 127.0.0.1 of this machine that leads to an address inside the underlay. */
export interface Forward {
  readonly name: string
  readonly hostPort: number
  /** Address as seen from the first node, e.g. `10.111.0.2:6443` or a Service's. */
  readonly target: string
}

/** What the nodes can do, as far as a rendering depends on it. */
export interface NodeAbilities {
  readonly virtType: 'kvm' | 'qemu'
  /** Some are for container guests. @default false */
  readonly lxc?: boolean
  /** Why none is, and what to do, without a full stop at its end; where the machine decided that. */
  readonly whyNoLxc?: string
  /** `system` where the kernel of every node has Open vSwitch. */
  readonly datapath: 'system' | 'netdev'
  /** Interface of the nodes for tunnels in user space; its alias is `address/length`. Absent: the node's own address. */
  readonly tunnelInterface?: string
  /** apiVersion by which the cluster serves TLSRoutes; absent: not asked, or it knows none. */
  readonly tlsRoute?: string
}

/** One thing that somebody may do or not. */
export interface Permission {
  readonly verb: string
  readonly group: string
  /** With its subresource: `pods/exec`. */
  readonly resource: string
  readonly name?: string
  /** Absent: in the whole cluster. */
  readonly namespace?: string
}

/** What nodes must have, as the catalog declares it. */
export interface NodeNeed {
  readonly check: string
  /** Nodes with any of these roles. */
  readonly roles: readonly string[]
  /** Shell of root: whether it is there, by its exit code. */
  readonly test: string
  /** What is wrong; the names of nodes follow. */
  readonly message: string
  readonly next: string
  /** Why nodes that are containers of one machine cannot have it at all. */
  readonly notEmbedded?: string
}

/** What a cloud asks of a cluster that somebody else operates. */
export interface CloudNeeds {
  readonly namespace: string
  /** Labels by which an object is known as the cloud's own. */
  readonly ownLabels: Readonly<Record<string, string>>
  /** Labels that the namespace will have. */
  readonly namespaceLabels: Readonly<Record<string, string>>
  readonly permissions: readonly Permission[]
  /** What will lie outside the namespace. */
  readonly clusterWide: readonly ObjectRef[]
  /** Kinds that the cluster must know beside Kubernetes' own. */
  readonly kinds: readonly KindRef[]
  /** Roles for each of which there must be a node; label `croque.dev/role-<role>`. */
  readonly roles: readonly string[]
  /** Images that nodes are asked with: one that every node needs, one with QEMU for compute nodes, one with what tests call. */
  readonly images: { readonly plain: string; readonly qemu: string; readonly tools: string }
  readonly nodeNeeds: readonly NodeNeed[]
  readonly pullPolicy: string
  readonly pullSecrets: readonly string[]
}

/** How a node is left: a script of the catalog, and an image that has what it calls. */
export interface Leaving {
  readonly script: string
  readonly image: string
}

/** What an underlay whose nodes live on this machine does for it. */
export interface LocalUnderlay {
  /** Makes the images available on every node; those already there are skipped. */
  importImages(images: readonly ImageArchive[], report: StepReporter, signal: AbortSignal): Promise<void>
  /** Makes these listeners on 127.0.0.1 exist, and no others of ours. Idempotent. */
  forward(forwards: readonly Forward[]): Promise<void>
  /**
   * A listener on 127.0.0.1 that leads to `ADDRESS:PORT` as the first node sees it, made when somebody asks: its port is a free one and
   * stays the same. Idempotent; `forward` leaves it alone.
   */
  lead(name: string, target: string): Promise<number>
  /** Ends such a listener. Idempotent. */
  endLead(name: string): Promise<void>
  /** Host names that lead to 127.0.0.1 by marked lines in /etc/hosts. Idempotent; `[]` removes the lines. */
  hostNames(names: readonly string[]): Promise<void>
}

export interface Underlay {
  /**
   * Everything that stands in the way, without changing anything that outlasts it. Of a cluster of ours that runs, only the
   * cloud's own needs: the rest has passed before.
   */
  preflight(needs: CloudNeeds, signal: AbortSignal): Promise<readonly Finding[]>
  status(): Promise<UnderlayStatus>
  /** Makes the cluster, or brings the same one back after a crash or a reboot, or takes the one that is given; idempotent, can be killed at any point and run again. */
  up(report: StepReporter, signal: AbortSignal): Promise<KubeAccess>
  /** Access to a running underlay; undefined when it is not there. Cheap (reads one file). */
  access(): Promise<KubeAccess | undefined>
  /** What is known of the nodes at this moment; before `up` it may be a guess. Never fails because the cluster does not answer. */
  abilities(signal: AbortSignal): Promise<NodeAbilities>
  /** Absent: the cluster is somebody else's; its nodes pull images, and `down` of it leaves all that is in it. */
  readonly local?: LocalUnderlay
  /** On nodes that stay: takes from them what outlives the Pods of a cloud, which ends here. Returns what went wrong, a sentence a node. */
  leaveNodes?(needs: CloudNeeds, leaving: Leaving, signal: AbortSignal): Promise<readonly string[]>
  /** Removes all that it made and nothing else; works on a half-made installation; idempotent. */
  down(report: StepReporter): Promise<void>
}
