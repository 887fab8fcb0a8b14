/**
 * Going back. A wish with `rollback` that failed is followed by a wish of our own for what was before, made in the name of the same user:
 * from there on it is a wish like any other, and whoever wishes something else meanwhile wins or loses by the same conditional write.
 */
import { type Cluster, type ClusterSpec, momentAfter, type NodeGroupChange } from '../model/index.ts'

export interface Undoing {
  readonly reason: string
  readonly now: Date
  /** Of the new operation. */
  readonly id: string
}

/** Whether a failure is to be undone: it was wished, and there is something to go back to. */
export const mayUndo = ({ spec: { operation } }: Cluster): boolean =>
  operation.rollback && operation.kind !== 'create' && operation.nodeGroups.length > 0

export function specToUndo({ spec }: Cluster, { reason, now, id }: Undoing): ClusterSpec {
  const { operation } = spec
  const startedAt = momentAfter(operation.startedAt, now)
  const { maxBatchSize: _, ...failed } = operation
  const changes = operation.nodeGroups.map((change) => reversed(change, startedAt))
  const all = new Set([...(spec.nodeGroups ?? []), ...changes.map(({ uuid }) => uuid)])
  for (const change of changes) if (change.spec === undefined) all.delete(change.uuid)
  return {
    ...spec,
    updatedAt: startedAt,
    operation: {
      ...failed,
      id,
      kind: 'rollback',
      startedAt,
      rollback: false,
      reason,
      nodeGroups: changes,
    },
    ...(spec.nodeGroups === undefined ? {} : { nodeGroups: [...all] }),
  }
}

/** What was made goes, what was taken away comes again, what was changed changes back. Stamped, so that it is written over the wish. */
const reversed = ({ uuid, spec, before }: NodeGroupChange, startedAt: string): NodeGroupChange => ({
  uuid,
  ...(before === undefined ? {} : { spec: { ...before, updatedAt: startedAt, nodesToRemove: [] } }),
  ...(spec === undefined ? {} : { before: spec }),
})
