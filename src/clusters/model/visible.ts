/** What a caller sees of a cluster's state: computed, so that a wish shows the moment it is written. */
import type { Cluster, Operation, StatusName } from './objects.ts'

/** The operation that is under way; undefined at rest. A deleted object is being deleted, whatever its last operation says. */
export function underWay({ spec, status, deletedAt }: Cluster): Operation['kind'] | undefined {
  const ended = spec.operation.id === status.operation
  if (deletedAt !== undefined) return ended && status.status === 'DELETE_FAILED' ? undefined : 'delete'
  return ended ? undefined : spec.operation.kind
}

export function visibleStatus(cluster: Cluster): StatusName {
  const kind = underWay(cluster)
  if (kind === undefined) return cluster.status.status ?? 'CREATE_IN_PROGRESS'
  if (kind === 'create') return 'CREATE_IN_PROGRESS'
  if (kind === 'rollback') return 'ROLLBACK_IN_PROGRESS'
  return kind === 'delete' ? 'DELETE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS'
}
