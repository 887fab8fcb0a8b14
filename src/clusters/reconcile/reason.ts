/** What an answer means in words: what is waited for, why something failed, what of it. */
import type { Facts } from '../drivers/index.ts'
import { aggregate } from './cluster-status.ts'
import { deadlineOf, minutesOf } from './deadline.ts'
import { groupsOf, type Pass } from './pass.ts'
import type { Answer } from './situation.ts'

export function isOverdue(pass: Pass): boolean {
  const deadline = deadlineOf(pass.cluster, groupsOf(pass))
  return deadline !== undefined && pass.tools.clock.now() >= deadline
}

/** One sentence for people. */
export function progressOf(answer: Answer): string {
  if (answer.state === 'waiting') return sentence(answer.for)
  return answer.state === 'fault' ? `Hindered, and tried again: ${answer.reason}` : ''
}

const sentence = (text: string): string => `Waiting for ${text}`

/** Why the wish failed as a whole; undefined when it did not. */
export function failureOf(pass: Pass, answer: Answer): string | undefined {
  if (answer.state === 'failed') return answer.reason
  if (answer.state === 'done') return undefined
  const minutes = minutesOf(pass.cluster, groupsOf(pass))
  const name = pass.cluster.spec.operation.kind === 'create' ? ' (create_timeout)' : ''
  const last = answer.state === 'fault' ? `the last that failed: ${answer.reason}` : `it still waited for ${answer.for}`
  return `Not done within ${minutes} minutes${name}; ${last}`
}

/** Groups that failed are named as Magnum names them; what they say themselves is in the faults. */
export function whatFailed(
  pass: Pass,
  reason: string | undefined,
): { readonly reason: string; readonly faults: Record<string, string> } {
  const groups = groupsOf(pass)
  const failed = groups.filter(({ status }) => status.status?.endsWith('_FAILED') === true)
  const faults = Object.fromEntries(failed.map(({ spec, status }) => [spec.name, status.statusReason ?? reason ?? '']))
  const named = failed.some(({ status }) => status.statusReason !== reason)
  if (reason === undefined || named) {
    const { reason: names = 'failed' } = aggregate(groups)
    return { reason: reason === undefined ? names : `${names}: ${reason}`, faults }
  }
  return { reason, faults: { ...faults, [pass.cluster.spec.name]: reason } }
}

/** Of groups that failed by themselves, what each of them says. */
export function namedFailures(pass: Pass, facts: Facts | undefined): string {
  const name = (uuid: string): string => pass.tools.store.nodeGroups.get(uuid)?.spec.name ?? uuid
  return Object.entries(facts?.nodeGroups ?? {})
    .flatMap(([uuid, { failure }]) => (failure === undefined ? [] : [`${name(uuid)} failed: ${failure}`]))
    .join(', ')
}
