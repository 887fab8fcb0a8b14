/** How a wish becomes an operation: the one thing a change of a cluster writes. */
import {
  type Cluster,
  type ClusterSpec,
  momentAfter,
  momentOf,
  type NodeGroup,
  type NodeGroupChange,
  type NodeGroupSpec,
  type Operation,
  underWay,
} from '../model/index.ts'

/** Who acts, and what has to come from outside: the time and a new name. */
export interface Act {
  readonly now: Date
  readonly operationId: string
  readonly userId: string
  readonly requestId: string
}

export interface NodeGroupWish {
  readonly uuid: string
  /** Absent: it shall go. */
  readonly spec?: NodeGroupSpec
}

export interface Wish {
  readonly kind: Operation['kind']
  readonly nodeGroups: readonly NodeGroupWish[]
  readonly rollback?: boolean
  readonly maxBatchSize?: number
}

/** The first operation of a cluster; its node groups are stamped by their makers with the same moment. */
export function firstOperation(wish: Wish, act: Act): Operation {
  return build(wish, act, momentOf(act.now), stripped(wish.nodeGroups))
}

/**
 * The spec of a cluster with a new operation in it. What was wished before and is not there yet stays part of it: every change of an
 * operation that is still under way, and node groups that had to go and are still there.
 * @param groups of the cluster, as its last operation has them
 */
export function withOperation(cluster: Cluster, groups: readonly NodeGroup[], wish: Wish, act: Act): ClusterSpec {
  const startedAt = momentAfter(cluster.spec.operation.startedAt, act.now)
  const open = unfinished(cluster, groups)
  const changes = wish.nodeGroups.map((change) => stamped(change, { groups, open, startedAt }))
  const changed = new Set(changes.map(({ uuid }) => uuid))
  const carried = open.filter(({ uuid }) => !changed.has(uuid))
  const kept = { ...maxBatchSizeOf(cluster), ...wish }
  const operation = build(kept, act, startedAt, wish.kind === 'delete' ? [] : [...carried, ...changes])
  const all = new Set([...groups.map(({ uuid }) => uuid), ...changed])
  for (const { uuid, spec } of operation.nodeGroups) if (spec === undefined) all.delete(uuid)
  return { ...cluster.spec, updatedAt: startedAt, operation, nodeGroups: [...all] }
}

/** An upgrade that goes on beside a new wish goes on as carefully. */
function maxBatchSizeOf(cluster: Cluster): Pick<Wish, 'maxBatchSize'> {
  const { maxBatchSize } = cluster.spec.operation
  return underWay(cluster) === undefined || maxBatchSize === undefined ? {} : { maxBatchSize }
}

function build(wish: Wish, act: Act, startedAt: string, nodeGroups: readonly NodeGroupChange[]): Operation {
  return {
    id: act.operationId,
    kind: wish.kind,
    startedAt,
    userId: act.userId,
    requestId: act.requestId,
    rollback: wish.rollback ?? false,
    nodeGroups: [...nodeGroups],
    ...(wish.maxBatchSize === undefined ? {} : { maxBatchSize: wish.maxBatchSize }),
  }
}

function unfinished(cluster: Cluster, groups: readonly NodeGroup[]): readonly NodeGroupChange[] {
  const present = new Set(groups.map(({ uuid }) => uuid))
  const before = cluster.spec.operation.nodeGroups.filter(({ uuid }) => present.has(uuid))
  return underWay(cluster) === undefined ? before.filter(({ spec }) => spec === undefined) : before
}

interface Past {
  readonly groups: readonly NodeGroup[]
  readonly open: readonly NodeGroupChange[]
  readonly startedAt: string
}

/** What a group was before is what it was before the first of several changes that never ended. */
function stamped({ uuid, spec }: NodeGroupWish, { groups, open, startedAt }: Past): NodeGroupChange {
  const found = groups.find((group) => group.uuid === uuid)?.spec
  const earlier = open.find((change) => change.uuid === uuid)
  const before = earlier === undefined ? found : earlier.before
  const stamp = found === undefined ? { createdAt: startedAt } : { updatedAt: startedAt }
  return {
    uuid,
    ...(spec === undefined ? {} : { spec: { ...spec, ...stamp } }),
    ...(before === undefined ? {} : { before }),
  }
}

function stripped(changes: readonly NodeGroupWish[]): readonly NodeGroupChange[] {
  return changes.map(({ uuid, spec }) => ({ uuid, ...(spec === undefined ? {} : { spec }) }))
}
