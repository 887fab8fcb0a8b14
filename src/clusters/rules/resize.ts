/** Resizing a node group: to a count, without certain nodes; to the count it has, the nodes named are replaced. */
import type { Cluster, NodeGroup, NodeGroupSpec } from '../model/index.ts'
import { checkMasterSize } from './draft.ts'
import { Refusal } from './refusal.ts'

export interface ResizeRequest {
  readonly nodeCount: number
  /** Servers by UUID, or their index in the group. */
  readonly nodesToRemove: readonly string[]
}

/**
 * Nodes that were to go before and are not gone yet are still to go.
 * @throws Refusal 400 outside min and max, or for a control plane that could not be
 */
export function resized(cluster: Cluster, { spec }: NodeGroup, request: ResizeRequest): NodeGroupSpec {
  if (spec.role === 'master') checkMasters(cluster, request.nodeCount)
  else checkBounds(spec, request.nodeCount)
  const nodesToRemove = [...new Set([...spec.nodesToRemove, ...request.nodesToRemove])]
  return { ...spec, nodeCount: request.nodeCount, nodesToRemove }
}

function checkMasters(cluster: Cluster, count: number): void {
  checkMasterSize(count)
  if (count === 1 || cluster.spec.masterLbEnabled) return
  throw new Refusal(400, 'master_count must be 1 when master_lb_enabled is False')
}

function checkBounds({ name, minNodeCount, maxNodeCount }: NodeGroupSpec, count: number): void {
  if (count >= minNodeCount && (maxNodeCount === undefined || maxNodeCount === 0 || count <= maxNodeCount)) return
  throw new Refusal(
    400,
    `Resizing ${name} outside the allowed range: min_node_count = ${minNodeCount}, max_node_count = ${maxNodeCount ?? 'None'}`,
  )
}

/** Below 1.10 there are no empty groups. @throws Refusal 400 */
export function checkZero(count: number, minor: number): void {
  if (count > 0 || minor >= 10) return
  throw new Refusal(400, 'Resizing a nodegroup to zero is not supported in the provided microversion.')
}
