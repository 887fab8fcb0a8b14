/**
 * The driver interface: how a wish becomes infrastructure. The reconciler calls a driver again and again until it says `done` or
 * `failed`; every call is given the whole wish and the whole last status, and a driver keeps nothing between calls that it could not
 * find again in the cloud. Therefore all of this must hold, and `testing/` tries it on any driver:
 *
 * - **Level-triggered.** `reconcile` makes the infrastructure like the wish, whatever it is like now: fresh, half-made by a call that
 *   was killed, made for an older wish, or right already (then it writes nothing and says `done`).
 * - **The last wish counts.** A wish that changed while one was under way is simply the next call's wish.
 * - **One call at a time** for one cluster; calls for different clusters run side by side.
 * - **A call is short.** It starts what can be started and returns `waiting` with what it waits for; it never polls for minutes.
 *   It stops soon after its signal aborts and may be killed at any point.
 * - **`remove` ends with nothing left**, whatever there is, also when the owner, the project's quota or the template are gone.
 * - **Failures say which call failed and why** in `reason`, and never hold a secret.
 */
import type { CloudQuestion } from '../autoscaler/index.ts'
import type { Cluster, ClusterSpec, HealthName, NodeGroup, NodeGroupSpec } from '../model/index.ts'
import type { Judgement, NodeImage } from '../rules/index.ts'

export interface Wish {
  readonly cluster: Cluster
  /** As they shall be: masters first. */
  readonly nodeGroups: readonly NodeGroup[]
  /** Aborts when this replica has to stop, or the lease was lost. */
  readonly signal: AbortSignal
}

/** What is known of the infrastructure after a call; what is left out stays as it was. */
export interface Facts {
  readonly stackId?: string
  readonly apiAddress?: string
  readonly coeVersion?: string
  readonly containerVersion?: string
  /** By UUID. */
  readonly nodeGroups?: Readonly<Record<string, NodeGroupFacts>>
}

export interface NodeGroupFacts {
  readonly stackId?: string
  readonly nodeAddresses?: readonly string[]
  readonly version?: string
  /** Set when this group alone failed. */
  readonly failure?: string
  /** Those of `nodesToRemove` that are gone. */
  readonly removed?: readonly string[]
}

export type Progress =
  /** The infrastructure is as wished. */
  | { readonly state: 'done'; readonly facts: Facts }
  /** Call again after `afterMs` (or earlier, when the wish changes). `for` is one sentence for people: what is waited for. */
  | { readonly state: 'waiting'; readonly for: string; readonly afterMs: number; readonly facts: Facts }
  /** It will not come by waiting; a new wish, or the same once more, may try again. */
  | { readonly state: 'failed'; readonly reason: string; readonly facts: Facts }

export interface Health {
  readonly status: HealthName
  /** `{"api": "ok", "<node>.Ready": "True"}` */
  readonly reason: Readonly<Record<string, string>>
  /** Nodes that will not serve again: what to wish away, for others to come in their place. */
  readonly dead?: readonly DeadNode[]
}

export interface DeadNode {
  /** UUID of its node group. */
  readonly group: string
  /** As `nodesToRemove` names it. */
  readonly node: string
  /** `demo-1f0e2d3c-node-0: its server is gone` */
  readonly why: string
}

/** Throws for outside faults (a cloud that does not answer): the reconciler backs off and calls again, until the operation's time is over. */
export interface Driver {
  readonly name: string
  /** It makes nothing and only pretends to: refused where that was not asked for. */
  readonly imaginary?: true
  /** What it can serve. */
  readonly covers: readonly { readonly coe: string; readonly distro: string; readonly serverType: 'vm' | 'bm' }[]
  /** What there is to say of a cluster, or a further node group of one, that somebody asks for. Absent: nothing. */
  judge?(spec: ClusterSpec, image: NodeImage, group?: NodeGroupSpec): Judgement
  reconcile(wish: Wish): Promise<Progress>
  remove(wish: Wish): Promise<Progress>
  /** A quick look at a cluster at rest. */
  health(wish: Wish): Promise<Health>
  /** What the cloud says to a cluster's autoscaler; undefined for what is not there, or not the cluster's. Absent: its clusters have none. */
  seenByAutoscaler?(cluster: Cluster, question: CloudQuestion): Promise<unknown>
}
