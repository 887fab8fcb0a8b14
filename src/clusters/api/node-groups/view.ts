/** A node group as the API shows it. */
import type { Cluster, NodeGroup } from '../../model/index.ts'
import { labelsDiff, shownGroupReason, visibleGroupStatus } from '../../rules/index.ts'
import type { ApiRequest } from '../route.ts'
import { type Columns, linksTo, render, shownMoment } from '../wire/index.ts'
import { nodeGroupFields, shortNodeGroupFields } from './fields.ts'

/** Everything that is set of a node group, null where it is set to nothing. */
export function nodeGroupValues(cluster: Cluster, group: NodeGroup): Readonly<Record<string, unknown>> {
  const { uuid, spec, status } = group
  return {
    id: numberOf(spec.createdAt, spec.role),
    uuid,
    name: spec.name,
    cluster_id: spec.clusterId,
    project_id: spec.projectId,
    docker_volume_size: spec.dockerVolumeSize ?? null,
    labels: spec.labels,
    flavor_id: spec.flavorId,
    image_id: spec.imageId,
    node_addresses: status.nodeAddresses ?? [],
    node_count: spec.nodeCount,
    role: spec.role,
    min_node_count: spec.minNodeCount,
    max_node_count: spec.maxNodeCount ?? null,
    is_default: spec.isDefault,
    stack_id: status.stackId ?? null,
    status: visibleGroupStatus(cluster, group),
    status_reason: shownGroupReason(cluster, group),
    version: status.version ?? null,
    node_labels: spec.nodeLabels,
    node_taints: spec.nodeTaints,
    created_at: shownMoment(spec.createdAt),
    updated_at: spec.updatedAt === undefined ? null : shownMoment(spec.updatedAt),
  }
}

/** Magnum's `id` counts rows; ours says when, which orders them alike. The two default groups come at the same moment. */
function numberOf(createdAt: string, role: string): number {
  return Date.parse(createdAt) * 1000 + Number(createdAt.slice(23, 26)) + (role === 'master' ? 0 : 1)
}

export function shortNodeGroup(cluster: Cluster, group: NodeGroup, { version }: ApiRequest): unknown {
  return render(nodeGroupFields, nodeGroupValues(cluster, group), { minor: version.minor, only: shortNodeGroupFields })
}

export function longNodeGroup(cluster: Cluster, group: NodeGroup, { baseUrl, version }: ApiRequest): unknown {
  const diff = labelsDiff(cluster.spec.labels, group.spec.labels)
  const values = {
    ...nodeGroupValues(cluster, group),
    links: linksTo(baseUrl, `clusters/${cluster.uuid}`, `nodegroups/${group.uuid}`),
    labels_overridden: diff.overridden,
    labels_added: diff.added,
    labels_skipped: diff.skipped,
  }
  return render(nodeGroupFields, values, version)
}

/** What node groups may be sorted by: Magnum's columns. */
export function nodeGroupColumns(cluster: Cluster): Columns<NodeGroup> {
  return {
    uuid: ({ uuid }) => uuid,
    name: ({ spec }) => spec.name,
    cluster_id: ({ spec }) => spec.clusterId,
    project_id: ({ spec }) => spec.projectId,
    docker_volume_size: ({ spec }) => spec.dockerVolumeSize,
    labels: ({ spec }) => JSON.stringify(spec.labels),
    flavor_id: ({ spec }) => spec.flavorId,
    image_id: ({ spec }) => spec.imageId,
    node_addresses: ({ status }) => JSON.stringify(status.nodeAddresses ?? []),
    node_count: ({ spec }) => spec.nodeCount,
    role: ({ spec }) => spec.role,
    max_node_count: ({ spec }) => spec.maxNodeCount,
    min_node_count: ({ spec }) => spec.minNodeCount,
    is_default: ({ spec }) => spec.isDefault,
    stack_id: ({ status }) => status.stackId,
    status: (group) => visibleGroupStatus(cluster, group),
    status_reason: ({ status }) => status.statusReason,
    version: ({ status }) => status.version,
    node_labels: ({ spec }) => JSON.stringify(spec.nodeLabels),
    node_taints: ({ spec }) => JSON.stringify(spec.nodeTaints),
    created_at: ({ spec }) => spec.createdAt,
    updated_at: ({ spec }) => spec.updatedAt,
  }
}
