/**
 * The last look at a quota, before anything of a new cluster is made. The API takes the place before it makes the Cluster
 * (`claimPlace`), and places whose Cluster did not come within ten minutes are free again; so a create that slept for that long between
 * its two writes would make one Cluster too many. Such a Cluster has no place when it comes here: it takes one if there is one, else it
 * fails, and nothing of it is ever made. What a quota promises therefore holds whatever sleeps however long.
 */
import { claimPlace, quotaUuid } from '../model/index.ts'
import type { Pass } from './pass.ts'
import type { Answer } from './situation.ts'

/** Undefined when it may come. */
export async function admit({ tools, cluster, signal }: Pass): Promise<Answer | undefined> {
  const { store, defaultLimit, clock } = tools
  const isNew = cluster.spec.operation.kind === 'create' && cluster.status.begun === undefined
  if (!isNew) return undefined
  const { projectId } = cluster.spec
  const hasPlace = (): boolean =>
    store.quotas.get(quotaUuid(projectId, 'Cluster'))?.spec.claims[cluster.uuid] !== undefined
  if (hasPlace()) return undefined
  // Our memory of quotas may be older than that of clusters.
  await store.fresh()
  if (hasPlace()) return undefined
  const now = (): Date => new Date(clock.now())
  const refused = await claimPlace(store, { projectId, clusterId: cluster.uuid, defaultLimit, now, signal })
  if (refused === undefined) return undefined
  const reason = `The project has its ${refused.limit} clusters already, and the place of this one was given away. Delete it and create it again when there is room.`
  return { state: 'failed', reason, facts: {} }
}
