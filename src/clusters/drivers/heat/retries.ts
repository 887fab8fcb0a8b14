/**
 * When a stack that failed by no fault of its wish is asked for again. What is known of that is kept with the roster, and written down
 * before anything is asked: a process that is killed and comes again neither begins with short pauses nor forgets to ask. How often is not
 * bounded here: the operation's time is the bound.
 */
import { CloudRefusal } from './cloud.ts'
import type { Roster } from './roster.ts'

export interface Retry {
  /** What was asked for: with something else it begins anew. */
  readonly what: string
  /** How often it has failed. */
  readonly count: number
  /** When it is asked for again, milliseconds since 1970; absent once it was. */
  readonly due?: number
}

const firstPauseMs = 5000
const longestPauseMs = 120_000

const pauseAfter = (count: number): number => Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(10, count - 1))

/** After a look at something that has failed. It is time to ask again when the result is not due any more. */
export function afterFailure(before: Retry | undefined, what: string, now: number): Retry {
  if (before?.what !== what) return { what, count: 1, due: now + pauseAfter(1) }
  const { count, due } = before
  if (due === undefined) return { what, count: count + 1, due: now + pauseAfter(count + 1) }
  if (now >= due) return { what, count }
  // A clock that was put back makes nobody wait for longer.
  return due - now > pauseAfter(count) ? { what, count, due: now + pauseAfter(count) } : before
}

export interface Retries {
  /** Whose turn it is, of a stack that has failed: nobody's before `due`, and ours when that is absent. */
  next(stack: string, what: string): Promise<Retry>
  /** Asks for a stack that is not there, noted before: it may come long after the call was given up, but not after a refusal. */
  begin(stack: string, call: () => Promise<void>): Promise<void>
}

export interface RetriesOptions {
  readonly roster: Roster
  readonly write: (roster: Roster) => Promise<void>
  readonly now: () => number
}

export function keptRetries({ roster, write, now }: RetriesOptions): Retries {
  let kept = roster
  const keep = async (changes: Partial<Roster>): Promise<void> => {
    kept = { ...kept, ...changes }
    await write(kept)
  }
  return {
    begin: async (stack, call) => {
      const { begun = {} } = kept
      await keep({ begun: { ...begun, [stack]: now() } })
      try {
        await call()
      } catch (error) {
        if (error instanceof CloudRefusal) await keep({ begun })
        throw error
      }
    },
    next: async (stack, what) => {
      const before = kept.retries?.[stack]
      const after = afterFailure(before, what, now())
      if (after !== before) await keep({ retries: { ...kept.retries, [stack]: after } })
      return after
    },
  }
}

/** `it is tried again at 13:05:20 UTC`: a moment and not a span, so that what is told stays the same until it comes. */
export const triedAgainAt = (due: number): string => `it is tried again at ${timeOfDay(due)}`

export const timeOfDay = (ms: number): string => `${new Date(ms).toISOString().slice(11, 19)} UTC`
