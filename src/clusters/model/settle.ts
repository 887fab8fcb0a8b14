/**
 * The second half of every change: what an operation says of other objects than the Cluster is written there. Whoever comes first
 * does it, the API before it answers or the reconciler before it calls a driver; doing it again writes nothing.
 */
import type { Cluster, NodeGroup, NodeGroupSpec } from './objects.ts'
import { type ClusterStore, ConflictError } from './store.ts'

/** Reads are of a cache that may lag behind whoever was quicker; more rounds than that is no race any more. */
const rounds = 10

/**
 * Node groups of the operation are written where they are older than it, and a Cluster that shall go is deleted. Node groups that
 * shall go stay until the reconciler has seen their servers gone ({@link wishedNodeGroups} leaves them out).
 * @returns the cluster as it is then; undefined when it is gone
 */
export async function settle(cluster: Cluster, store: ClusterStore): Promise<Cluster | undefined> {
  const { operation } = cluster.spec
  if (operation.kind === 'delete') return letDie(cluster, store)
  const brought = operation.nodeGroups.map(async ({ uuid, spec }) => {
    if (spec !== undefined) await bring(store, cluster, uuid, spec)
  })
  await Promise.all(brought)
  return store.clusters.get(cluster.uuid) ?? cluster
}

/**
 * The node groups of a cluster as its last operation has them, masters first, also where nobody has written them into their objects yet:
 * so a reader never sees half of a change.
 */
export function nodeGroupsOf(cluster: Cluster, store: ClusterStore): readonly NodeGroup[] {
  const stray = new Set(strayNodeGroups(cluster, store))
  const stored = store.nodeGroups.ofCluster(cluster.uuid).filter(({ uuid }) => !stray.has(uuid))
  const { nodeGroups } = cluster.spec.operation
  const changes = new Map(nodeGroups.map(({ uuid, spec }) => [uuid, spec]))
  const overlaid = stored.map((group) => {
    const wished = changes.get(group.uuid)
    return wished === undefined || stampOf(wished) <= stampOf(group.spec) ? group : { ...group, spec: wished }
  })
  const there = new Set(stored.map(({ uuid }) => uuid))
  const fresh = nodeGroups.flatMap(({ uuid, spec, before }) => {
    return spec === undefined || before !== undefined || there.has(uuid) || !mayCome(cluster)
      ? []
      : [{ uuid, resourceVersion: '', uid: '', spec, status: {} }]
  })
  return fresh.length === 0 ? overlaid : mastersFirst([...overlaid, ...fresh])
}

/** Once an operation has ended, a group that is not there was taken away again (a rollback). */
function mayCome({ spec, status }: Cluster): boolean {
  return spec.operation.id !== status.operation
}

function mastersFirst(groups: readonly NodeGroup[]): readonly NodeGroup[] {
  const rank = ({ spec }: NodeGroup): string => `${spec.role === 'master' ? 0 : 1}${spec.createdAt}`
  return groups.toSorted((one, other) => (rank(one) < rank(other) ? -1 : rank(one) > rank(other) ? 1 : 0))
}

/** The node groups a driver shall make or keep: masters first. Those that the operation under way takes away are not among them. */
export function wishedNodeGroups(cluster: Cluster, store: ClusterStore): readonly NodeGroup[] {
  const going = new Set([...goingNodeGroups(cluster), ...strayNodeGroups(cluster, store)])
  return store.nodeGroups
    .ofCluster(cluster.uuid)
    .filter(({ uuid, deletedAt }) => !going.has(uuid) && deletedAt === undefined)
}

/** UUIDs of those that the last operation wants to be gone; the reconciler deletes the objects once a driver is done without them. */
export function goingNodeGroups({ spec }: Cluster): readonly string[] {
  return spec.operation.nodeGroups.flatMap(({ uuid, spec: wished }) => (wished === undefined ? [uuid] : []))
}

/**
 * UUIDs of objects that are no node groups of the cluster any more: somebody who slept in {@link settle} wrote them after they had been
 * removed. Those of a newer operation than this one are none of them.
 */
export function strayNodeGroups(cluster: Cluster, store: ClusterStore): readonly string[] {
  const { nodeGroups, operation } = cluster.spec
  if (nodeGroups === undefined) return []
  const known = new Set([...nodeGroups, ...operation.nodeGroups.map(({ uuid }) => uuid)])
  return store.nodeGroups
    .ofCluster(cluster.uuid)
    .filter(({ uuid, spec }) => !known.has(uuid) && stampOf(spec) <= operation.startedAt)
    .map(({ uuid }) => uuid)
}

async function bring(store: ClusterStore, cluster: Cluster, uuid: string, spec: NodeGroupSpec): Promise<void> {
  for (let round = 0; ; round++) {
    if (!isLast(store, cluster)) return
    const found = store.nodeGroups.get(uuid)
    if (found !== undefined && (found.deletedAt !== undefined || stampOf(found.spec) >= stampOf(spec))) return
    try {
      await (found === undefined ? store.nodeGroups.create(uuid, spec) : store.nodeGroups.replace(found, spec))
      return
    } catch (error) {
      if (!(error instanceof ConflictError) || round >= rounds) throw error
      await store.fresh()
    }
  }
}

/** A newer operation carries on whatever this one wanted. A cluster that the cache has not seen yet is as new as can be. */
function isLast(store: ClusterStore, cluster: Cluster): boolean {
  const now = store.clusters.get(cluster.uuid)
  return now === undefined || now.spec.operation.startedAt <= cluster.spec.operation.startedAt
}

async function letDie(cluster: Cluster, store: ClusterStore): Promise<Cluster | undefined> {
  for (let round = 0; ; round++) {
    const now = store.clusters.get(cluster.uuid)
    if (now === undefined || now.deletedAt !== undefined) return now
    try {
      await store.clusters.delete(now)
      return store.clusters.get(cluster.uuid)
    } catch (error) {
      if (!(error instanceof ConflictError) || round >= rounds) throw error
      await store.fresh()
    }
  }
}

/** When a node group's wish was last changed. */
export function stampOf({ createdAt, updatedAt }: Pick<NodeGroupSpec, 'createdAt' | 'updatedAt'>): string {
  return updatedAt ?? createdAt
}
