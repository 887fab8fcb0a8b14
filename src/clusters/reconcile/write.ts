/** Writes that others may get in the way of: they look again and write what is right then. */
import { isDeepStrictEqual } from 'node:util'
import {
  type ClusterStatus,
  type ClusterStore,
  ConflictError,
  type NodeGroup,
  type NodeGroupSpec,
  type NodeGroupStatus,
} from '../model/index.ts'
import { operationOf } from './cluster-status.ts'
import type { Pass } from './pass.ts'

const rounds = 5

/** Tries again on conflicts, with fresh objects. */
export async function persist<Result>(store: ClusterStore, write: () => Promise<Result>): Promise<Result> {
  for (let round = 1; ; round++) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof ConflictError) || round === rounds) throw error
      await store.fresh()
    }
  }
}

/**
 * The status that `compute` makes of the cluster as it is (an auto-healer may have written meanwhile). Nothing is written when it is that
 * already. @throws ConflictError when something else is wished by now: this look is worth nothing any more
 */
export async function writeStatus(pass: Pass, compute: (cluster: Pass['cluster']) => ClusterStatus): Promise<void> {
  const { store } = pass.tools
  const operation = operationOf(pass.cluster)
  await persist(store, async () => {
    const cluster = store.clusters.get(pass.cluster.uuid)
    if (cluster === undefined || operationOf(cluster) !== operation) throw new Superseded(pass.cluster.uuid)
    const status = compute(cluster)
    pass.cluster = isDeepStrictEqual(cluster.status, status) ? cluster : await store.clusters.setStatus(cluster, status)
  })
}

/** Another wish came meanwhile. No failure of anybody: the pass ends, and the next one is on its way. */
export class Superseded extends Error {
  constructor(clusterId: string) {
    super(`Something else is wished for cluster ${clusterId} by now`)
    this.name = 'Superseded'
  }
}

/** Nothing happens to a node group that is gone. */
export async function writeGroupStatus(
  store: ClusterStore,
  uuid: string,
  compute: (group: NodeGroup) => NodeGroupStatus,
): Promise<void> {
  await persist(store, async () => {
    const group = store.nodeGroups.get(uuid)
    if (group === undefined) return
    const status = compute(group)
    if (!isDeepStrictEqual(group.status, status)) await store.nodeGroups.setStatus(group, status)
  })
}

export async function writeGroupSpec(
  store: ClusterStore,
  uuid: string,
  compute: (spec: NodeGroupSpec) => NodeGroupSpec,
): Promise<void> {
  await persist(store, async () => {
    const group = store.nodeGroups.get(uuid)
    if (group === undefined) return
    const spec = compute(group.spec)
    if (!isDeepStrictEqual(group.spec, spec)) await store.nodeGroups.replace(group, spec)
  })
}

export async function dropGroup(store: ClusterStore, uuid: string): Promise<void> {
  await persist(store, async () => {
    const group = store.nodeGroups.get(uuid)
    if (group !== undefined && group.deletedAt === undefined) await store.nodeGroups.delete(group)
  })
}
