/** Tells the unit that failed from those that ended with it: side by side they are stopped with the same problem. */
import type { Problem } from '../engine/index.ts'

export type FailureKind =
  | { readonly kind: 'failed' }
  /** Ctrl-C. */
  | { readonly kind: 'interrupted' }
  /** `cause` is the unit that failed first with the very same problem. */
  | { readonly kind: 'stopped'; readonly cause: string }

export interface Failures {
  classify(unit: string, problem: Problem): FailureKind
  /** The unit that failed with this problem, if one did. */
  ownerOf(problem: Problem): string | undefined
}

export function createFailures(): Failures {
  const owners = new Map<string, string>()
  const keyOf = ({ code, what, why }: Problem): string => JSON.stringify([code, what, why])
  return {
    ownerOf: (problem) => owners.get(keyOf(problem)),
    classify(unit, problem) {
      if (problem.code === 'interrupted') return { kind: 'interrupted' }
      const key = keyOf(problem)
      const owner = owners.get(key) ?? unit
      owners.set(key, owner)
      return owner === unit ? { kind: 'failed' } : { kind: 'stopped', cause: owner }
    },
  }
}
