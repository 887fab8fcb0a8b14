/**
 * Errors are data: a permanent code, what happened, why, and what to do next.
 * Three classes: `user` (bad input), `outside` (the machine, a mirror, the cloud), `bug` (ours; the only one that asks for a report).
 * The reference page `docs/reference/errors.md` is generated from {@link codes}.
 */
import { codes } from './codes.ts'

export type ErrorCode = keyof typeof codes
export type ErrorClass = 'user' | 'outside' | 'bug'

export interface ErrorDetails {
  /** One sentence: what happened, with the names of the things it happened to. Never holds a secret. */
  readonly what: string
  /** Why, as far as known: the last lines of a log, the exit code, the server's answer. */
  readonly why?: string
  /** What to do next; defaults to the code's own advice. */
  readonly next?: string
  readonly cause?: unknown
}

export class CroqueError extends Error {
  readonly code: ErrorCode
  readonly why: string | undefined
  readonly next: string

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.what, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'CroqueError'
    this.code = code
    this.why = details.why
    this.next = details.next ?? codes[code].next
  }

  get class(): ErrorClass {
    return codes[this.code].class
  }
}

/** Converts an unknown throw once, at the edge; a {@link CroqueError} passes unchanged, anything else is our bug. */
export function toCroqueError(thrown: unknown): CroqueError {
  if (thrown instanceof CroqueError) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError') return interruption(thrown)
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC')
    return new CroqueError('disk-full', { what: thrown.message, cause: thrown })
  const what = thrown instanceof Error ? thrown.message : String(thrown)
  const why = thrown instanceof Error ? thrown.stack : undefined
  return new CroqueError('internal', { what, cause: thrown, ...(why === undefined ? {} : { why }) })
}

/** What Node throws when a signal ended a program or a pause: the signal's own reason where it has one. */
function interruption(thrown: Error): CroqueError {
  if (thrown.cause instanceof CroqueError) return thrown.cause
  return new CroqueError('interrupted', { what: 'Stopped', cause: thrown })
}

export { nearest } from './nearest.ts'
export { codes }
