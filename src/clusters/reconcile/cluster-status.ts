/** The status of a cluster, from a wish and what became of it. Pure: the same look always gives the same status. */
import type { Facts } from '../drivers/index.ts'
import type { Cluster, ClusterStatus, NodeGroup, NodeGroupStatus, Operation, StatusName } from '../model/index.ts'
import { type Judgement, withConditions } from './conditions.ts'

interface Look {
  /** When it was. */
  readonly moment: string
  readonly facts?: Facts | undefined
  /** Conditions that this look says something of, besides `Ready`. */
  readonly judgements: readonly Judgement[]
}

/** A wish that is under way: what is waited for. */
export function statusUnderWay(cluster: Cluster, progress: string, look: Look): ClusterStatus {
  const { faults, ...before } = known(cluster, look)
  const reason = `${titleOf(kindOf(cluster))}InProgress`
  return {
    ...before,
    begun: operationOf(cluster),
    progress,
    conditions: withConditions(
      before.conditions,
      [...look.judgements, { type: 'Ready', status: 'False', reason, message: progress }],
      look.moment,
    ),
  }
}

export interface End extends Look {
  readonly stage: 'FAILED' | 'COMPLETE'
  readonly reason?: string | undefined
  /** Names of what failed, with why. */
  readonly faults?: Readonly<Record<string, string>>
}

/** A wish that ended, well or not. */
export function statusAtEnd(cluster: Cluster, end: End): ClusterStatus {
  const { progress, faults, statusReason, ...before } = known(cluster, end)
  const kind = kindOf(cluster)
  const status = `${verbOf(kind)}_${end.stage}` satisfies StatusName
  const complete = end.stage === 'COMPLETE'
  const reason = `${titleOf(kind)}${complete ? 'Complete' : 'Failed'}`
  return {
    ...before,
    operation: cluster.spec.operation.id,
    begun: operationOf(cluster),
    status,
    ...(end.reason === undefined ? {} : { statusReason: end.reason }),
    ...(end.faults === undefined ? {} : { faults: { ...end.faults } }),
    conditions: withConditions(
      before.conditions,
      [
        ...end.judgements,
        {
          type: 'Ready',
          status: complete ? 'True' : 'False',
          reason,
          ...(end.reason === undefined ? {} : { message: end.reason }),
        },
      ],
      end.moment,
    ),
  }
}

/** In progress beats failed beats complete; the failed ones are named, as Magnum does. */
export function aggregate(groups: readonly { readonly spec: NodeGroup['spec']; readonly status: NodeGroupStatus }[]): {
  readonly stage: 'IN_PROGRESS' | 'FAILED' | 'COMPLETE'
  readonly reason?: string
} {
  const ending = (end: string) => groups.filter(({ status }) => status.status?.endsWith(end) === true)
  if (ending('_IN_PROGRESS').length > 0) return { stage: 'IN_PROGRESS' }
  const failed = ending('_FAILED')
  if (failed.length === 0) return { stage: 'COMPLETE' }
  return { stage: 'FAILED', reason: `${failed.map(({ spec }) => spec.name).join(', ')} failed` }
}

/** The kind of what is under way: a deleted object goes, whatever was wished last. */
export const kindOf = ({ spec, deletedAt }: Cluster): Operation['kind'] =>
  deletedAt === undefined ? spec.operation.kind : 'delete'

/** What tells one thing under way from the next. */
export const operationOf = ({ spec, deletedAt }: Cluster): string =>
  deletedAt !== undefined && spec.operation.kind !== 'delete' ? `${spec.operation.id}/deleted` : spec.operation.id

function known({ status }: Cluster, { facts }: Look): ClusterStatus {
  if (facts === undefined) return status
  const { stackId, apiAddress, coeVersion, containerVersion } = facts
  return {
    ...status,
    ...(stackId === undefined ? {} : { stackId }),
    ...(apiAddress === undefined ? {} : { apiAddress }),
    ...(coeVersion === undefined ? {} : { coeVersion }),
    ...(containerVersion === undefined ? {} : { containerVersion }),
  }
}

function verbOf(kind: Operation['kind']): 'CREATE' | 'UPDATE' | 'DELETE' | 'ROLLBACK' {
  if (kind === 'create') return 'CREATE'
  if (kind === 'delete') return 'DELETE'
  return kind === 'rollback' ? 'ROLLBACK' : 'UPDATE'
}

/** `rotate-ca` to `RotateCa`. */
const titleOf = (kind: string): string => kind.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())
