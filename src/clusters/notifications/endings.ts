/**
 * Notifications of the reconciler: Magnum's conductor sends `pending` when it takes a wish up (here the API does), and `success` or
 * `failure` when it ended, in nobody's name.
 */

import type { Happening } from '../reconcile/index.ts'
import { type ClusterEvent, clusterEvent } from '../rules/index.ts'

/** Undefined for what is no end. */
export function endingOf(
  { what, cluster, nodeGroups }: Happening,
  { now, newId }: { readonly now: Date; readonly newId: () => string },
): ClusterEvent | undefined {
  if (what !== 'succeeded' && what !== 'failed') return undefined
  const { kind } = cluster.spec.operation
  const leaving = cluster.deletedAt !== undefined || kind === 'delete'
  const action = leaving ? 'delete' : kind === 'create' ? 'create' : 'update'
  const outcome = what === 'succeeded' ? 'success' : 'failure'
  return clusterEvent({
    id: newId(),
    now,
    action,
    outcome,
    initiator: { id: newId() },
    cluster,
    groups: nodeGroups,
  })
}
