/**
 * Which operation may begin in which status. Magnum checks most of this after it has answered, and then drops the wish silently; we
 * check before. Beyond Magnum's table, what failed may be tried again: from UPDATE_FAILED and ROLLBACK_FAILED everything may begin.
 */
import type { Operation, StatusName } from '../model/index.ts'
import { Refusal } from './refusal.ts'

const atRest: readonly StatusName[] = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'ROLLBACK_COMPLETE',
  'UPDATE_FAILED',
  'ROLLBACK_FAILED',
]
/** What autoscalers call again and again: a newer wish takes the place of the one under way. */
const orUpdating: readonly StatusName[] = [...atRest, 'UPDATE_IN_PROGRESS']

/** `create` begins before there is a status, `delete` in any, and `rollback` is nobody's to wish. */
const allowed: Readonly<Record<Exclude<Operation['kind'], 'create' | 'delete' | 'rollback'>, readonly StatusName[]>> = {
  update: atRest,
  upgrade: atRest,
  'rotate-ca': atRest,
  resize: orUpdating,
  'rotate-credential': orUpdating,
  'nodegroup-create': orUpdating,
  'nodegroup-update': orUpdating,
  'nodegroup-delete': orUpdating,
}

/** In Magnum's words: `Upgrading a cluster when status is "X" is not supported.` */
const doing: typeof allowed extends Readonly<Record<infer Kind, unknown>>
  ? Readonly<Record<Kind & string, string>>
  : never = {
  update: 'Updating a cluster',
  upgrade: 'Upgrading a cluster',
  'rotate-ca': 'Updating a cluster',
  resize: 'Resizing a cluster',
  'rotate-credential': 'Rotating the credential of a cluster',
  'nodegroup-create': 'Creating a nodegroup',
  'nodegroup-update': 'Updating a nodegroup',
  'nodegroup-delete': 'Deleting a nodegroup',
}

export type GuardedKind = keyof typeof allowed

/** What a newer operation must not take the place of: it is not in what the cluster shall be, and would be forgotten half-way. */
const undisturbed: readonly Operation['kind'][] = ['rotate-ca', 'rotate-credential']

/**
 * @param now what is under way
 * @throws Refusal 400, as Magnum's NotSupported
 */
export function checkAllowed(kind: GuardedKind, status: StatusName, now?: Operation['kind']): void {
  const disturbs = now !== undefined && undisturbed.includes(now)
  if (allowed[kind].includes(status) && !disturbs) return
  const why = disturbs && now !== kind ? ` (${now === 'rotate-ca' ? 'its CA' : 'its credential'} is being rotated)` : ''
  throw new Refusal(400, `${doing[kind]} when status is "${status}" is not supported${why}.${hint(status)}`)
}

function hint(status: StatusName): string {
  if (status.endsWith('_IN_PROGRESS')) return ' Wait until it is done.'
  return status === 'CREATE_FAILED' ? ' A cluster that could not be created can only be deleted.' : ''
}
