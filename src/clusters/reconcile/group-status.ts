/** Statuses of node groups, from a wish and what a driver says of it. */
import type { NodeGroupFacts } from '../drivers/index.ts'
import { type Cluster, goingNodeGroups, type NodeGroup, type NodeGroupStatus } from '../model/index.ts'

/** How far the wish is. */
export type Stage = 'IN_PROGRESS' | 'FAILED' | 'COMPLETE'

export interface GroupFinding {
  readonly stage: Stage
  readonly facts: NodeGroupFacts | undefined
  /** Why the wish failed as a whole. */
  readonly reason: string | undefined
  /** Whether the whole cluster goes. */
  readonly leaving: boolean
}

/** What a node group's status is after a look; those that the wish does not touch stay as they were, unless they failed themselves. */
export function groupStatusAfter(cluster: Cluster, group: NodeGroup, finding: GroupFinding): NodeGroupStatus {
  const { facts } = finding
  const { status, statusReason, ...rest } = group.status
  const known = {
    ...rest,
    ...(facts?.stackId === undefined ? {} : { stackId: facts.stackId }),
    ...(facts?.nodeAddresses === undefined ? {} : { nodeAddresses: [...facts.nodeAddresses] }),
    ...(facts?.version === undefined ? {} : { version: facts.version }),
  }
  const verdict = verdictOf(cluster, group, finding)
  if (verdict === undefined) {
    return {
      ...known,
      ...(status === undefined ? {} : { status }),
      ...(statusReason === undefined ? {} : { statusReason }),
    }
  }
  const name = `${verbOf(cluster, group, finding.leaving)}_${verdict.stage}` as const
  return { ...known, status: name, ...(verdict.reason === undefined ? {} : { statusReason: verdict.reason }) }
}

/** Undefined: nothing is to be said of it. */
function verdictOf(
  cluster: Cluster,
  group: NodeGroup,
  { stage, facts, reason, leaving }: GroupFinding,
): { readonly stage: Stage; readonly reason?: string | undefined } | undefined {
  if (facts?.failure !== undefined) return { stage: 'FAILED', reason: facts.failure }
  const touched = leaving || cluster.spec.operation.nodeGroups.some(({ uuid }) => uuid === group.uuid)
  if (touched) return { stage, reason: stage === 'FAILED' ? reason : undefined }
  // One that nobody touched, of which it is known now that it is well: it was new to us, or had failed before.
  const unsure = group.status.status?.endsWith('_COMPLETE') !== true
  return unsure && stage === 'COMPLETE' ? { stage } : undefined
}

/** A group is created until it once was complete, however often that is tried. */
function verbOf(cluster: Cluster, group: NodeGroup, leaving: boolean): 'CREATE' | 'UPDATE' | 'DELETE' {
  if (leaving || goingNodeGroups(cluster).includes(group.uuid)) return 'DELETE'
  const { status } = group.status
  const created = status !== undefined && (!status.startsWith('CREATE_') || status === 'CREATE_COMPLETE')
  return created ? 'UPDATE' : 'CREATE'
}
