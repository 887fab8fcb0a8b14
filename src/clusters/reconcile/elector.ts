/**
 * Leader election by a Lease, as client-go does it: whoever holds it works, and renews it; who could not renew it for a while stops
 * working, some time before anybody else may believe it dead. Only durations on each replica's own clock count, so clocks that differ
 * or jump do no harm, and an API server that restarts costs nothing if it is back in time.
 */
import { type Clock, pause } from '../clock/index.ts'
import type { Lease, LeaseVersion } from './lease.ts'

export interface ElectionOptions {
  readonly lease: Lease
  /** Who we are: different for every process that ever ran. */
  readonly identity: string
  readonly clock: Clock
  /** From 0 to 1, without 1. */
  readonly random: () => number
  /** A lease that did not change for this long may be taken over. @default 15_000 */
  readonly leaseMs?: number
  /** Who could not renew for this long stops. Work has `leaseMs - renewMs` to end. @default 10_000 */
  readonly renewMs?: number
  /** Between two tries to take or to renew it. @default 2_000 */
  readonly retryMs?: number
  /** Told when we begin and when we cease to lead. */
  readonly onChange?: (leading: boolean) => void
  /** Told when the lease could not be read or written. */
  readonly onFailure?: (error: unknown) => void
}

const defaults = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2_000 }

/**
 * Does the work whenever this replica leads, until the signal aborts. The signal of the work aborts when the lease was lost, or when
 * ours did; the lease is given back after the work ended, so that the next one need not wait.
 */
export async function leadWhenElected(
  options: ElectionOptions,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const election = { ...defaults, ...options }
  const { clock, random, retryMs } = election
  const watcher = watching(election)
  while (!signal.aborted) {
    const held = await watcher.take(signal)
    if (held !== undefined) await lead(election, held, { signal, work })
    // Spread, so that replicas that were started together do not ask together.
    await pause(clock, retryMs * (1 + 0.2 * random()), signal)
  }
}

type Election = ElectionOptions & typeof defaults

interface Held extends LeaseVersion {
  /** When we asked for it, on our own clock: others count from a later moment. */
  readonly since: number
}

/** Looks at a lease that others may hold. */
function watching({ lease, identity, clock, leaseMs, renewMs, onFailure }: Election) {
  let seen: { readonly version: string; readonly at: number } | undefined
  const mayTake = ({ version, record }: LeaseVersion): boolean => {
    if (seen?.version !== version) seen = { version, at: clock.elapsed() }
    return record.holder === '' || clock.elapsed() - seen.at >= Math.max(leaseMs, record.seconds * 1000)
  }
  const tryTake = async (signal: AbortSignal): Promise<Held | undefined> => {
    const found = await lease.read(signal)
    if (found !== undefined && !mayTake(found)) return undefined
    const now = new Date(clock.now())
    const since = clock.elapsed()
    const transitions = found === undefined ? 0 : found.record.transitions + 1
    const record = { holder: identity, seconds: leaseMs / 1000, acquiredAt: now, renewedAt: now, transitions }
    const written = await lease.write(record, found, signal)
    return written === undefined ? undefined : { ...written, since }
  }
  return {
    /** Undefined when it is somebody else's, or could not be asked for. */
    take: async (signal: AbortSignal): Promise<Held | undefined> => {
      try {
        return await bounded(clock, renewMs, signal, tryTake)
      } catch (error) {
        if (!signal.aborted) onFailure?.(error)
        return undefined
      }
    },
  }
}

async function lead(
  election: Election,
  taken: Held,
  { signal, work }: { readonly signal: AbortSignal; readonly work: (signal: AbortSignal) => Promise<void> },
): Promise<void> {
  election.onChange?.(true)
  const lost = new AbortController()
  const ended = new AbortController()
  // Renewed until the work has ended: a stop that takes its time is still the only leader's.
  const renewing = renew(election, taken, { lost, ended: ended.signal })
  try {
    await work(AbortSignal.any([signal, lost.signal]))
  } finally {
    ended.abort()
    const held = await renewing
    election.onChange?.(false)
    if (held !== undefined) await giveBack(election, held)
  }
}

/** Resolves to what is held when the work ended; aborts `lost`, and resolves to undefined, when it is not ours any more. */
async function renew(
  { lease, identity, clock, renewMs, retryMs, onFailure }: Election,
  taken: Held,
  { lost, ended }: { readonly lost: AbortController; readonly ended: AbortSignal },
): Promise<LeaseVersion | undefined> {
  let held: LeaseVersion = taken
  let renewedAt = taken.since
  const giveUp = (): undefined => {
    lost.abort(new Error('This replica does not lead any more'))
    return undefined
  }
  while (!ended.aborted) {
    const left = renewMs - (clock.elapsed() - renewedAt)
    // Less than a timer can tell is nothing.
    if (left < 1) return giveUp()
    await pause(clock, Math.min(retryMs, left), ended)
    if (ended.aborted) return held
    const asked = clock.elapsed()
    const outcome = await bounded(clock, renewMs - (asked - renewedAt), ended, async (limit) => {
      const now = new Date(clock.now())
      const written = await lease.write({ ...held.record, renewedAt: now }, held, limit)
      if (written !== undefined) return written
      // Our own write may have come through though its answer did not: the holder decides.
      const found = await lease.read(limit)
      return found?.record.holder === identity ? { ...found, stale: true } : 'somebody else'
    }).catch((error: unknown) => {
      if (!ended.aborted) onFailure?.(error)
      return undefined
    })
    if (outcome === 'somebody else') return giveUp()
    if (outcome === undefined) continue
    held = outcome
    // What stands there of ours was written at an unknown moment: only a write that was answered counts as renewed.
    if (!('stale' in outcome)) renewedAt = asked
  }
  return held
}

/** Gives the call a signal that aborts after that many milliseconds, and does not wait for it any longer. */
async function bounded<Result>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController()
  const forget = clock.after(Math.max(0, ms), () => late.abort(new Error('The lease was not renewed in time')))
  const limit = AbortSignal.any([late.signal, signal])
  try {
    return await Promise.race([call(limit), rejectedBy(limit)])
  } finally {
    forget()
  }
}

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

/** A lease that cannot be given back expires by itself. */
async function giveBack({ lease, clock, retryMs, onFailure }: Election, held: LeaseVersion): Promise<void> {
  const never = new AbortController().signal
  const record = { ...held.record, holder: '', seconds: 1, renewedAt: new Date(clock.now()) }
  await bounded(clock, retryMs, never, (limit) => lease.write(record, held, limit)).catch((error: unknown) =>
    onFailure?.(error),
  )
}
