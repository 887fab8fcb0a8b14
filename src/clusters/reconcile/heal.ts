/**
 * Healing: nodes that a driver gives up at a cluster at rest are wished away, for others to come in their place. It is the wish that
 * magnum-auto-healer sends for a worker, a resize to the count that there is; it is made where the label `auto_healing_enabled` asks for
 * it, in the name of whoever wished last, and only after a wish that was fulfilled: what does not succeed is not tried for ever.
 */
import type { DeadNode } from '../drivers/index.ts'
import { type Cluster, type ClusterSpec, type NodeGroup, underWay } from '../model/index.ts'
import { labelIsTrue, withOperation } from '../rules/index.ts'

export interface Healing {
  readonly now: Date
  /** Of the new operation. */
  readonly id: string
}

/** @returns the cluster's spec with the wish in it; undefined when there is nothing to be healed, or nobody wished for it */
export function specToHeal(
  cluster: Cluster,
  groups: readonly NodeGroup[],
  { dead, now, id }: Healing & { readonly dead: readonly DeadNode[] },
): ClusterSpec | undefined {
  const { spec, status } = cluster
  const isWished = labelIsTrue(spec.labels['auto_healing_enabled'] ?? '')
  if (!isWished || underWay(cluster) !== undefined || status.status?.endsWith('_COMPLETE') !== true) return undefined
  const changed = groups.flatMap((group) => {
    const nodes = dead.filter((node) => node.group === group.uuid).map(({ node }) => node)
    if (nodes.length === 0) return []
    const nodesToRemove = [...new Set([...group.spec.nodesToRemove, ...nodes])]
    return [{ uuid: group.uuid, spec: { ...group.spec, nodesToRemove } }]
  })
  if (changed.length === 0) return undefined
  const { userId, requestId } = spec.operation
  const healed = withOperation(
    cluster,
    groups,
    { kind: 'resize', nodeGroups: changed },
    { now, operationId: id, userId, requestId },
  )
  const reason = `Healed: ${dead.map(({ why }) => why).join('; ')}`
  return { ...healed, operation: { ...healed.operation, reason } }
}
