/** Conditions of a cluster: few, each with a machine's reason and one stable sentence, and no movement without a reason. */
import type { ClusterStatus } from '../model/index.ts'

export type Condition = NonNullable<ClusterStatus['conditions']>[number]

/**
 * - `Ready`: the last wish is fulfilled.
 * - `CertificatesReady`: the authorities of the cluster are there.
 * - `InfrastructureReady`: the driver said that the infrastructure is as wished.
 */
export type ConditionType = 'Ready' | 'CertificatesReady' | 'InfrastructureReady'

export interface Judgement {
  readonly type: ConditionType
  readonly status: Condition['status']
  /** CamelCase. */
  readonly reason: string
  /** @default the empty text */
  readonly message?: string
}

/** The list with these in it. The moment moves only when `status` does. */
export function withConditions(
  conditions: readonly Condition[] | undefined,
  judgements: readonly Judgement[],
  moment: string,
): Condition[] {
  const merged = new Map((conditions ?? []).map((condition) => [condition.type, condition]))
  for (const { type, status, reason, message = '' } of judgements) {
    const before = merged.get(type)
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : moment
    merged.set(type, { type, status, reason, message, lastTransitionTime })
  }
  return [...merged.values()]
}
