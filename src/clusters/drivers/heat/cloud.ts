/** What the driver asks of the cloud for one cluster, and what it sees there. */
import type { Cluster } from '../../model/index.ts'
import type { StackBody } from './template.ts'

export interface SeenServer {
  readonly id?: string
  /** On the cluster's network. */
  readonly address?: string
  readonly floatingAddress?: string
  /** Of the server itself, as Nova has it: `ACTIVE`, `ERROR: No valid host was found`, …; `gone` when Nova has none. */
  readonly machine?: string
  /** Of its resource in the stack: `CREATE_IN_PROGRESS`, …; `CHECK_FAILED` when somebody marked it as unhealthy. */
  readonly status: string
  readonly reason: string
}

export interface SeenStack {
  readonly id: string
  readonly name: string
  /** `CREATE_IN_PROGRESS`, `UPDATE_COMPLETE`, `DELETE_FAILED`, … */
  readonly status: string
  /** Of the part that failed, where one did. */
  readonly reason: string
  /** When something of it changed last, milliseconds since 1970 by Heat's clock, and Nova's. */
  readonly movedAt: number
  /** Whether Nova, Cinder or Octavia may have a part of it in hand: they take their time, and Heat says nothing meanwhile. */
  readonly isBuilt: boolean
  readonly tags: readonly string[]
  /** Of the API, in the stack of the cluster itself. */
  readonly api?: { readonly address: string; readonly floatingAddress?: string }
  /** By index. */
  readonly masters: Readonly<Record<string, SeenServer>>
  readonly workers: Readonly<Record<string, SeenServer>>
  /** Outputs that are texts. */
  readonly outputs: Readonly<Record<string, string>>
  /** UUIDs of all that it has. */
  readonly parts: readonly string[]
}

export interface Sweep {
  /** As they were seen before. */
  readonly stacks: readonly SeenStack[]
  /** Whether the cluster goes, with what Kubernetes made. */
  readonly ends: boolean
}

/** Every stack of a cluster has it. */
export const clusterTag = ({ uuid }: Pick<Cluster, 'uuid'>): string => `cluster-${uuid}`

/** As the cluster's own user, in its project. What throws {@link CloudRefusal} will not come by waiting; anything else may. */
export interface ClusterCloud {
  /** All stacks of the cluster, also those that are going. */
  stacks(): Promise<readonly SeenStack[]>
  create(name: string, body: StackBody, tags: readonly string[]): Promise<void>
  update(stack: SeenStack, body: StackBody, tags: readonly string[]): Promise<void>
  /** Asks for its removal; one that is gone is no error. */
  remove(stack: SeenStack): Promise<void>
  /**
   * Asks for the removal of what was made for the cluster and is in none of its stacks. Nothing is touched when a stack is under way.
   * @returns what is left: `server demo-1f0e2d3c-node-0`
   */
  sweep(sweep: Sweep): Promise<readonly string[]>
  /** Whether there is a service of this type: `load-balancer`. */
  offers(service: string): Promise<boolean>
  /** When no stack is left: takes the cluster's user and its credentials away. */
  leave(): Promise<void>
}

/** The cloud has understood, and says no. */
export class CloudRefusal extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CloudRefusal'
  }
}
