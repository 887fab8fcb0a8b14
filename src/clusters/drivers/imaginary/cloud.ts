/** What the null driver pretends to have made, and where that is kept, so that whoever comes after a restart finds it. */
import type { Cluster } from '../../model/index.ts'

export interface ImaginaryNode {
  /** As a server's UUID. */
  readonly id: string
  readonly address: string
  /** Of the cluster template whose image it has. */
  readonly templateId: string
  /** Milliseconds since 1970. */
  readonly readyAt: number
}

export interface ImaginaryGroup {
  readonly nodes: readonly ImaginaryNode[]
  /** The operation that last wanted certain nodes to go, and those that went for it. */
  readonly removed?: { readonly operation: string; readonly nodes: readonly string[] }
}

export interface ImaginaryCluster {
  /** Milliseconds since 1970. */
  readonly networkReadyAt: number
  /** Nodes ever made, for addresses. */
  readonly made: number
  /** By UUID of the node group. */
  readonly groups: Readonly<Record<string, ImaginaryGroup>>
  /** The last operation whose rotation was done. */
  readonly rotated?: string
}

/** One call a cluster at a time; a write is whole or not at all. */
export interface ImaginaryCloud {
  read(clusterId: string): Promise<ImaginaryCluster | undefined>
  /** Undefined: nothing is left of it. */
  write(owner: Cluster, cluster: ImaginaryCluster | undefined): Promise<void>
}

/** Forgotten with the process. */
export function imaginaryCloudInMemory(): ImaginaryCloud {
  const clusters = new Map<string, ImaginaryCluster>()
  return {
    read: async (id) => clusters.get(id),
    write: async ({ uuid }, cluster) => {
      if (cluster === undefined) clusters.delete(uuid)
      else clusters.set(uuid, cluster)
    },
  }
}
