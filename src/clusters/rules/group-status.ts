/** What callers see of a node group's state. */
import {
  type Cluster,
  goingNodeGroups,
  type NodeGroup,
  type StatusName,
  underWay,
  visibleStatus,
} from '../model/index.ts'

/** While an operation is under way its node groups are; else as the reconciler last wrote. */
export function visibleGroupStatus(cluster: Cluster, group: NodeGroup): StatusName {
  const kind = underWay(cluster)
  if (kind === undefined) return atRest(cluster, group)
  if (kind === 'delete') return 'DELETE_IN_PROGRESS'
  if (goingNodeGroups(cluster).includes(group.uuid)) return 'DELETE_IN_PROGRESS'
  const change = cluster.spec.operation.nodeGroups.find(({ uuid }) => uuid === group.uuid)
  if (change === undefined) return atRest(cluster, group)
  return change.before === undefined ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS'
}

/** One that no driver has reported about shares the fate of its cluster. */
function atRest(cluster: Cluster, group: NodeGroup): StatusName {
  if (group.status.status !== undefined) return group.status.status
  return visibleStatus(cluster) === 'CREATE_FAILED' ? 'CREATE_FAILED' : 'CREATE_IN_PROGRESS'
}
