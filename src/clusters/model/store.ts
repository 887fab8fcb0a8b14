/** What the API, the reconciler and tests know of where objects are kept. `clusters/store` implements it on a Kubernetes API server. */
import type {
  Cluster,
  ClusterQuota,
  ClusterQuotaSpec,
  ClusterSpec,
  ClusterStatus,
  ClusterTemplate,
  ClusterTemplateSpec,
  NodeGroup,
  NodeGroupSpec,
  NodeGroupStatus,
} from './objects.ts'

/** Somebody else wrote the object in between, or it is gone, or the name is taken: look again and decide anew. */
export class ConflictError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConflictError'
  }
}

/**
 * All objects of one kind in memory, kept by a watch. Reads are synchronous and cost no request; they are of the moment of the
 * last {@link ClusterStore.fresh} at least. Every write is conditional and its result is in memory when it returns.
 */
export interface Collection<Item, Spec> {
  get(uuid: string): Item | undefined
  /** All of that name, in whatever project. */
  named(name: string): readonly Item[]
  /** Of one project, oldest first. */
  ofProject(projectId: string): readonly Item[]
  /** Oldest first. */
  all(): readonly Item[]
  /** @throws ConflictError when an object of that UUID is there. */
  create(uuid: string, spec: Spec): Promise<Item>
  /** Replaces the spec of exactly the version that was read. @throws ConflictError */
  replace(read: Item, spec: Spec): Promise<Item>
  /** Deletes exactly the version that was read; one with finalizers stays with `deletedAt`. @throws ConflictError */
  delete(read: Item): Promise<void>
}

interface WithStatus<Item, Status> {
  /** Replaces the status of exactly the version that was read. @throws ConflictError */
  setStatus(read: Item, status: Status): Promise<Item>
}

export interface ClusterStore {
  readonly templates: Collection<ClusterTemplate, ClusterTemplateSpec>
  /** Created with the finalizer. */
  readonly clusters: Collection<Cluster, ClusterSpec> &
    WithStatus<Cluster, ClusterStatus> & {
      /** Takes the finalizer away: the object goes if it was deleted. @throws ConflictError */
      letGo(read: Cluster): Promise<void>
    }
  readonly nodeGroups: Collection<NodeGroup, NodeGroupSpec> &
    WithStatus<NodeGroup, NodeGroupStatus> & {
      /** Masters first, then oldest first. */
      ofCluster(clusterId: string): readonly NodeGroup[]
    }
  readonly quotas: Collection<ClusterQuota, ClusterQuotaSpec>
  /**
   * After it, reads see every write that was acknowledged to anybody, by any replica, before the call began.
   * Concurrent calls share one request.
   */
  fresh(): Promise<void>
  /** Calls back with the UUID of a cluster whenever it, one of its node groups or its template changed; returns how to stop. */
  onClusterChange(listener: (clusterId: string) => void): () => void
  /** Private material of a cluster: a Secret `cluster-<uuid>-<name>`, owned by the Cluster. Undefined when it is not there. */
  readSecret(clusterId: string, name: string): Promise<ClusterSecret | undefined>
  /** Creates it, or replaces exactly the version that was read. @throws ConflictError */
  writeSecret(
    cluster: Cluster,
    name: string,
    data: Readonly<Record<string, string>>,
    read?: ClusterSecret,
  ): Promise<ClusterSecret>
}

export interface ClusterSecret {
  readonly resourceVersion: string
  readonly data: Readonly<Record<string, string>>
}
