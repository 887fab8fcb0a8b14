/** What a plan consists of. */
import type { KubeObject, ObjectRef } from '../kube/index.ts'
import { diffText, type FieldDiff } from './compare.ts'
import type { ChangeAction, ChangeCounts, ChangeEvent, Subject } from './events.ts'

export interface Change {
  /** The unit it belongs to; absent for what is deleted. */
  readonly unit?: string
  readonly action: ChangeAction
  /** An object, or a content or verification step (`apiVersion` is then `croque.dev/step`). */
  readonly ref: ObjectRef
  /** Why, one sentence each. */
  readonly reasons: readonly string[]
  readonly diff: readonly FieldDiff[]
  /** Fields are taken back from other managers; their names are among the reasons. */
  readonly drift: boolean
  /** The object as it was observed. */
  readonly live?: KubeObject
}

export const stepVersion = 'croque.dev/step'

export interface Plan {
  /** In the order of the graph; deletions last. */
  readonly changes: readonly Change[]
  readonly counts: ChangeCounts
  /** Nothing to do. */
  readonly empty: boolean
}

export const noChanges: ChangeCounts = { created: 0, configured: 0, replaced: 0, deleted: 0, unchanged: 0 }

export function countChanges(actions: Iterable<ChangeAction>): ChangeCounts {
  const counts = { ...noChanges }
  for (const action of actions) counts[action] += 1
  return counts
}

export function planOf(changes: readonly Change[]): Plan {
  const counts = countChanges(changes.map((change) => change.action))
  return { changes, counts, empty: counts.unchanged === changes.length }
}

export function changeEvent(change: Change, planned: boolean): ChangeEvent {
  const reason = change.reasons.join('; ')
  return {
    type: 'change',
    action: change.action,
    subject: subject(change.ref),
    planned,
    ...(reason === '' ? {} : { reason }),
    ...(change.diff.length === 0 ? {} : { diff: change.diff.flatMap(diffText) }),
  }
}

function subject({ kind, namespace, name }: ObjectRef): Subject {
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) }
}
