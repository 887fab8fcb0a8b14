/** A cluster, its node groups and its nodes as units of the live tree. Pure. */
import type { UnitEvent } from '../../engine/index.ts'
import type { ClusterNodeGroup, ContainerCluster } from '../../openstack/index.ts'

export interface Seen {
  readonly cluster: ContainerCluster
  readonly nodeGroups: readonly ClusterNodeGroup[]
}

export const isUnderWay = (status: string): boolean => status.endsWith('_IN_PROGRESS')
export const hasFailed = (status: string): boolean => status.endsWith('_FAILED')

/** One event a unit: how it is at this moment. */
export function told({ cluster, nodeGroups }: Seen): readonly UnitEvent[] {
  const { name, reason } = cluster
  return [
    unit(name, 'cluster', cluster.status, { ...(reason === undefined ? {} : { reason }) }),
    ...nodeGroups.map((group) =>
      unit(name, group.name, group.status, {
        message: [`${group.nodeCount} ${group.nodeCount === 1 ? 'node' : 'nodes'}`, ...group.addresses].join(', '),
        ...(group.reason === undefined ? {} : { reason: group.reason }),
      }),
    ),
    ...nodesOf(cluster).map(({ node, ready }) => nodeUnit(name, node, ready)),
  ]
}

interface Said {
  readonly message?: string
  readonly reason?: string
}

/** The API says what it waits for of the cluster as a whole; a node group that says nothing is at work. */
function unit(group: string, label: string, status: string, { message, reason }: Said): UnitEvent {
  const one = { type: 'unit', unit: `${group}/${label}`, group } as const
  if (isUnderWay(status)) {
    if (message === undefined) return { ...one, ...underWay(reason) }
    return { ...one, state: 'running', message: reason === undefined ? message : `${message}: ${reason}` }
  }
  if (hasFailed(status))
    return {
      ...one,
      state: 'failed',
      problem: { code: 'cluster-failed', what: `${status}${reason === undefined ? '' : `: ${reason}`}` },
    }
  return { ...one, state: 'done', message: message ?? status }
}

/** The API says what it waits for, or what it does again after something went wrong. */
function underWay(reason = 'Waiting for the driver to begin') {
  const [, awaited] = /^waiting for (.*)$/is.exec(reason) ?? []
  return awaited === undefined
    ? ({ state: 'running', message: reason } as const)
    : ({ state: 'waiting', reason: awaited } as const)
}

interface NodeHealth {
  readonly node: string
  readonly ready: string
}

/** As the health of a cluster tells of them: `<node>.Ready`. */
export function nodesOf({ healthReason }: Pick<ContainerCluster, 'healthReason'>): readonly NodeHealth[] {
  return Object.entries(healthReason).flatMap(([key, ready]) => {
    const [, node] = /^(.+)\.Ready$/.exec(key) ?? []
    return node === undefined ? [] : [{ node, ready }]
  })
}

function nodeUnit(group: string, node: string, ready: string): UnitEvent {
  const one = { type: 'unit', unit: `${group}/${node}`, group } as const
  if (ready === 'True') return { ...one, state: 'done', message: 'Ready' }
  return { ...one, state: 'waiting', reason: `its kubelet: Ready is ${ready}` }
}
