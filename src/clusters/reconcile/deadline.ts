/** How long a wish may take. What takes longer has failed, whatever may still come of it. */
import type { Cluster, NodeGroup, Operation } from '../model/index.ts'

const minute = 60_000
/** Where `create_timeout` says "for ever", which Magnum means for creates only. */
const otherwise = 60
/** Of what goes node by node: what one batch of nodes may take. */
const batchMinutes = 10

const rolling: ReadonlySet<Operation['kind']> = new Set(['upgrade', 'rotate-ca', 'rotate-credential'])

/** Minutes; undefined without end. */
export function minutesOf(cluster: Cluster, nodeGroups: readonly NodeGroup[]): number | undefined {
  const { createTimeout, operation } = cluster.spec
  const leaving = cluster.deletedAt !== undefined || operation.kind === 'delete'
  if (operation.kind === 'create' && !leaving) return createTimeout === 0 ? undefined : createTimeout
  const minutes = createTimeout === 0 ? otherwise : createTimeout
  if (leaving || !rolling.has(operation.kind)) return minutes
  const nodes = nodeGroups.reduce((sum, { spec }) => sum + spec.nodeCount, 0)
  return minutes + batchMinutes * Math.ceil(nodes / (operation.maxBatchSize ?? 1))
}

/** When the time of what is under way is over, milliseconds since 1970; undefined for never. */
export function deadlineOf(cluster: Cluster, nodeGroups: readonly NodeGroup[]): number | undefined {
  const minutes = minutesOf(cluster, nodeGroups)
  return minutes === undefined ? undefined : begunAt(cluster) + minutes * minute
}

/** An object that was deleted by other hands than the API's carries no wish for it, but the time. */
function begunAt({ spec, deletedAt }: Cluster): number {
  const { kind, startedAt } = spec.operation
  return Date.parse(deletedAt !== undefined && kind !== 'delete' ? deletedAt : startedAt)
}
