/** What one reconcile of one cluster works with. */
import type { Clock } from '../clock/index.ts'
import type { DriverRegistry } from '../drivers/index.ts'
import { type Cluster, type ClusterStore, momentOf, type NodeGroup } from '../model/index.ts'
import type { Judgement } from './conditions.ts'
import type { Looks } from './looks.ts'
import type { Story } from './story.ts'
import type { Turns } from './turns.ts'

/** What a cluster needs that is private. `clusters/certificates` is one; all of it may be called any number of times. */
export interface Certificates {
  /** Before a driver is called: the authorities are there, and a rotation has begun if the operation is one. */
  prepare(cluster: Cluster): Promise<Prepared>
  /**
   * When the driver has said `done`: takes a rotation a phase further. `again`: what nodes get is another now, the driver is to be called
   * again; `done`: nothing more to do.
   */
  conclude(cluster: Cluster, seen: Prepared): Promise<'again' | 'done'>
}

/** What {@link Certificates.prepare} found, for {@link Certificates.conclude}. */
export interface Prepared {
  readonly phase: string
}

export interface Tools {
  readonly store: ClusterStore
  readonly drivers: DriverRegistry
  readonly certificates: Certificates
  readonly clock: Clock
  /** From 0 to 1, without 1. */
  readonly random: () => number
  /** Names of operations: UUIDs. */
  readonly newId: () => string
  readonly tell: Story
  readonly looks: Looks
  readonly turns: Turns
  /** Clusters a project may have that has no quota of its own; -1 without limit. */
  readonly defaultLimit: number
  /** What a call of a driver may take before its signal aborts, milliseconds. */
  readonly callMs: number
}

export interface Pass {
  readonly tools: Tools
  /** As it was last read or written. */
  cluster: Cluster
  readonly signal: AbortSignal
  /** What steps found out on the way, for the conditions. */
  readonly judgements: Judgement[]
  prepared?: Prepared
}

export const groupsOf = ({ tools, cluster }: Pass): readonly NodeGroup[] =>
  tools.store.nodeGroups.ofCluster(cluster.uuid)

export const momentNow = ({ clock }: Pick<Tools, 'clock'>): string => momentOf(new Date(clock.now()))
