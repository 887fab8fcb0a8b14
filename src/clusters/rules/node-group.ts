/** Node groups beside the two default ones: what may be made, changed and taken away. */
import type { Cluster, NodeGroup, NodeGroupSpec } from '../model/index.ts'
import { checkLabels } from './label-warnings.ts'
import { type Labels, mergeLabels } from './labels.ts'
import { checkNodeLabels, invalidGroup, readTaints } from './node-attributes.ts'
import { Refusal } from './refusal.ts'

/** A body of POST …/nodegroups, its types checked and the wire's own defaults filled in; null and absent mean the same here. */
export interface NodeGroupRequest {
  readonly name?: string
  readonly nodeCount: number
  readonly minNodeCount: number
  readonly maxNodeCount?: number
  readonly role: string
  readonly flavorId?: string
  readonly imageId?: string
  readonly dockerVolumeSize?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly mergeLabels: boolean
  readonly nodeLabels?: Readonly<Record<string, string>>
  readonly nodeTaints?: readonly unknown[]
}

/** Its `createdAt` is set by the operation that brings it. @throws Refusal 400, 409 */
export function draftNodeGroup(
  request: NodeGroupRequest,
  cluster: Cluster,
  groups: readonly NodeGroup[],
): NodeGroupSpec {
  const { spec } = cluster
  const name = checkNew(request, cluster, groups)
  const { flavorId = spec.flavorId ?? '', imageId = spec.template.imageId } = request
  const { dockerVolumeSize } = request
  checkLabels(request.labels ?? {})
  return checkedGroup({
    name,
    clusterId: cluster.uuid,
    projectId: spec.projectId,
    createdAt: '',
    role: request.role,
    isDefault: false,
    flavorId,
    imageId,
    ...(dockerVolumeSize === undefined ? {} : { dockerVolumeSize }),
    labels: labelsOf(spec.labels, request),
    ownLabels: request.labels ?? {},
    mergeLabels: request.mergeLabels,
    nodeLabels: request.nodeLabels ?? {},
    nodeTaints: [...readTaints(name, request.nodeTaints ?? [])],
    nodeCount: request.nodeCount,
    minNodeCount: request.minNodeCount,
    ...(request.maxNodeCount === undefined ? {} : { maxNodeCount: request.maxNodeCount }),
    nodesToRemove: [],
    templateId: spec.templateId,
  })
}

function checkNew({ name, role }: NodeGroupRequest, cluster: Cluster, groups: readonly NodeGroup[]): string {
  if (!cluster.status.apiAddress) throw new Refusal(409, 'Cluster API address is not available yet')
  if (name === undefined)
    throw new Refusal(400, 'A node group needs a name: openstack coe nodegroup create CLUSTER NAME')
  if (groups.some(({ spec }) => spec.name === name))
    throw new Refusal(409, `A node group with name ${name} already exists in the cluster ${cluster.spec.name}.`)
  if (role === 'master') throw new Refusal(400, 'Creating master nodegroups is currently not supported.')
  return name
}

export interface NodeGroupPatch {
  readonly minNodeCount: number
  readonly maxNodeCount?: number
  readonly nodeLabels: Readonly<Record<string, string>>
  readonly nodeTaints: readonly unknown[]
}

/** @throws Refusal 409 */
export function patchedNodeGroup({ spec }: NodeGroup, patch: NodeGroupPatch): NodeGroupSpec {
  const { maxNodeCount: _, ...rest } = spec
  return checkedGroup({
    ...rest,
    minNodeCount: patch.minNodeCount,
    ...(patch.maxNodeCount === undefined ? {} : { maxNodeCount: patch.maxNodeCount }),
    nodeLabels: patch.nodeLabels,
    nodeTaints: [...readTaints(spec.name, patch.nodeTaints)],
  })
}

/** @throws Refusal 400 */
export function checkDeletable({ spec }: NodeGroup): void {
  if (spec.isDefault) throw new Refusal(400, 'Deleting a default nodegroup is not supported.')
}

function checkedGroup(spec: NodeGroupSpec): NodeGroupSpec {
  checkCounts(spec)
  if (spec.role === 'master') checkMaster(spec)
  checkNodeLabels(spec.name, spec.nodeLabels)
  return spec
}

function checkCounts({ name, nodeCount, minNodeCount, maxNodeCount }: NodeGroupSpec): void {
  const above = (what: string, count: number): string =>
    `${what} (${count}) should be less or equal to max_node_count (${maxNodeCount})`
  if (maxNodeCount !== undefined && maxNodeCount > 0) {
    if (maxNodeCount < minNodeCount) throw invalidGroup('max_node_count', name, above('min_node_count', minNodeCount))
    if (nodeCount > maxNodeCount) throw invalidGroup('max_node_count', name, above('node_count', nodeCount))
  }
  if (minNodeCount > nodeCount)
    throw invalidGroup(
      'min_node_count',
      name,
      `min_node_count (${minNodeCount}) should be less or equal to node_count (${nodeCount})`,
    )
}

/** kubeadm keeps taints and labels of control planes. */
function checkMaster({ name, nodeLabels, nodeTaints }: NodeGroupSpec): void {
  const attribute =
    Object.keys(nodeLabels).length > 0 ? 'node_labels' : nodeTaints.length > 0 ? 'node_taints' : undefined
  if (attribute === undefined) return
  throw invalidGroup(attribute, name, `${attribute} may not be set on master nodegroups`)
}

/** Unlike a cluster's, an empty object that was sent is no labels at all. */
function labelsOf(
  parent: Labels,
  { labels, mergeLabels: merge }: Pick<NodeGroupRequest, 'labels' | 'mergeLabels'>,
): Labels {
  return labels === undefined || merge ? mergeLabels(parent, labels, merge) : { ...labels }
}
