/** Waiting for what the watch will bring: not for ever, and not idly. */
import { CroqueError } from '../../errors/index.ts'
import type { Sight } from './shelf.ts'

export interface Patience {
  /** After this long the watch is taken for stuck, and everything is read anew, ms. */
  readonly slowMs: number
  /** After this long whoever waits is told so, ms. */
  readonly limitMs: number
}

export interface Waiting {
  readonly patience: Patience
  /** What is not known yet, for the error. */
  readonly what: string
  readonly onSlow: () => void
  /** Why it takes so long, as far as known. */
  readonly why: () => unknown
}

/** @throws CroqueError `clusters-stale` after the limit */
export async function sighted<T>(sight: Sight<T>, { patience, what, onSlow, why }: Waiting): Promise<T> {
  const { promise: limit, reject } = Promise.withResolvers<never>()
  const slow = setTimeout(onSlow, patience.slowMs)
  const late = setTimeout(() => reject(stale(what, patience, why())), patience.limitMs)
  try {
    return await Promise.race([sight.seen, limit])
  } finally {
    clearTimeout(slow)
    clearTimeout(late)
    sight.forget()
  }
}

export function stale(what: string, { limitMs }: Patience, cause: unknown): CroqueError {
  const reason = cause instanceof CroqueError ? (cause.why ?? cause.message) : cause === undefined ? '' : String(cause)
  return new CroqueError('clusters-stale', {
    what: `${what} is not known after ${limitMs / 1000} s`,
    ...(reason === '' ? {} : { why: reason }),
    cause,
  })
}
