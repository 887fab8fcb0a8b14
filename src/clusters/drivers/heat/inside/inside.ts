/** What is seen of a tenant's cluster from inside, by its own API, and what is done there. */
import type { Cluster } from '../../../model/index.ts'

export interface SeenNode {
  readonly name: string
  readonly uid: string
  /** UUID of the node group that its kubelet was told; undefined for a node that was not made here. */
  readonly group?: string
  /** What the cluster says of it. */
  readonly ready: 'True' | 'False' | 'Unknown'
  /** Since when, milliseconds since 1970; undefined before its kubelet has said anything. */
  readonly since?: number
  /** Why it is not ready, in the words of Kubernetes. */
  readonly reason?: string
  /** When its kubelet was last heard of, milliseconds since 1970 by the clock of the node. */
  readonly heard?: number
  readonly cordoned: boolean
  /** No cloud controller has seen it yet, and its kubelet keeps Pods away until then. */
  readonly awaitsCloud?: true
}

export interface Inside {
  nodes(): Promise<readonly SeenNode[]>
  /** No new Pods come to the node. */
  cordon(node: SeenNode): Promise<void>
  /**
   * Asks those Pods of a node to end that would have to run elsewhere.
   * @returns what is still waited for, a part of a sentence each: `Pod default/web-0 to end`
   */
  evict(node: SeenNode): Promise<readonly string[]>
  /** Takes the Node away; one that is gone, or another one of that name, is no error. */
  remove(node: SeenNode): Promise<void>
}

/** Works inside a cluster, for as long as that takes. @throws where nobody answers */
export type Door = <Result>(
  cluster: Cluster,
  signal: AbortSignal,
  work: (inside: Inside) => Promise<Result>,
) => Promise<Result>
