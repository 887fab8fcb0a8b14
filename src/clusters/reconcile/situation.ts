/**
 * What is the matter with a cluster, from what is observed, and nothing else: pure, so that every combination can be tried.
 * First which recipe it needs, then, when a driver was asked, what its answer means. `recipes.ts` and `judge.ts` turn these names
 * into actions.
 */
import type { Progress } from '../drivers/index.ts'
import { type Cluster, underWay } from '../model/index.ts'

/** The outside did not answer, or not as it should: nothing is known, and it may be different in a moment. */
interface Fault {
  readonly state: 'fault'
  /** Which call failed and why, one sentence. */
  readonly reason: string
}

export type Answer = Progress | Fault

export type Situation =
  /** There is no such cluster (any more). */
  | 'gone'
  /** It shall go, and has not. */
  | 'leaving'
  /** Its last wish is not fulfilled yet. */
  | 'wished'
  /** The last wish ended, well or not. */
  | 'resting'

export function situationOf(cluster: Cluster | undefined): Situation {
  if (cluster === undefined) return 'gone'
  if (cluster.deletedAt !== undefined) return 'leaving'
  const kind = underWay(cluster)
  if (kind === 'delete') return 'leaving'
  return kind === undefined ? 'resting' : 'wished'
}

export type Outcome =
  /** The infrastructure is as wished. */
  | 'made'
  /** It is as wished but for node groups that failed by themselves. */
  | 'made-in-part'
  /** It comes. */
  | 'coming'
  /** It will not come by waiting. */
  | 'failed'
  /** It may still come, but its time is over. */
  | 'overdue'
  /** One of the last two, and the wish was to go back then. */
  | 'to-undo'

/** What a driver's answer to a wish means. */
export function outcomeOf(
  answer: Answer,
  { overdue, rollback }: { readonly overdue: boolean; readonly rollback: boolean },
): Outcome {
  if (answer.state === 'done') return hasFailures(answer) ? failure('made-in-part', rollback) : 'made'
  if (answer.state === 'failed') return failure('failed', rollback)
  return overdue ? failure('overdue', rollback) : 'coming'
}

const failure = (outcome: Outcome, rollback: boolean): Outcome => (rollback ? 'to-undo' : outcome)

const hasFailures = ({ facts }: Progress): boolean =>
  Object.values(facts.nodeGroups ?? {}).some((group) => group.failure !== undefined)

export type Departure =
  /** Nothing is left of it. */
  | 'left'
  /** It goes. */
  | 'going'
  /** It does not go by waiting, or not in time. It is tried again all the same, only more slowly: nobody wants it. */
  | 'stuck'

/** What a driver's answer to a removal means. */
export function departureOf(answer: Answer, { overdue }: { readonly overdue: boolean }): Departure {
  if (answer.state === 'done') return 'left'
  return answer.state === 'failed' || overdue ? 'stuck' : 'going'
}
