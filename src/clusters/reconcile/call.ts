/** One call of a driver, bounded in time; what it throws becomes an answer. */
import type { Clock } from '../clock/index.ts'
import type { Driver, Progress, Wish } from '../drivers/index.ts'
import { wishedNodeGroups } from '../model/index.ts'
import { groupsOf, type Pass } from './pass.ts'
import type { Answer } from './situation.ts'

/** Asks the driver to make the cluster as it is wished. */
export async function callDriver(pass: Pass, driver: Driver): Promise<Answer> {
  const nodeGroups = wishedNodeGroups(pass.cluster, pass.tools.store)
  return await bounded(pass, (signal) => driver.reconcile({ cluster: pass.cluster, nodeGroups, signal }))
}

/** Asks the driver to make the cluster go. */
export async function callRemove(pass: Pass, driver: Driver): Promise<Answer> {
  return await bounded(pass, (signal) => driver.remove({ cluster: pass.cluster, nodeGroups: groupsOf(pass), signal }))
}

async function bounded({ tools, signal }: Pass, call: (signal: Wish['signal']) => Promise<Progress>): Promise<Answer> {
  const limit = limited(tools.clock, tools.callMs, signal)
  try {
    // Waited for also when it is late: a second call must not begin before the first has ended.
    return await call(limit.signal)
  } catch (error) {
    // A replica that has to stop knows nothing, and says so to nobody.
    signal.throwIfAborted()
    const reason = limit.late() ? `the driver did not answer within ${tools.callMs / 1000} seconds` : reasonOf(error)
    return { state: 'fault', reason }
  } finally {
    limit.forget()
  }
}

interface Limit {
  readonly signal: AbortSignal
  readonly late: () => boolean
  readonly forget: () => void
}

/** A signal that aborts with the given one, or after that many milliseconds. */
export function limited(clock: Clock, ms: number, signal: AbortSignal): Limit {
  const late = new AbortController()
  const forget = clock.after(ms, () => late.abort(new Error('The time is over')))
  return {
    signal: AbortSignal.any([signal, late.signal]),
    late: () => late.signal.aborted,
    forget,
  }
}

/** What an error says, with what it says of its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const why = 'why' in error && typeof error.why === 'string' ? `: ${error.why}` : ''
  return `${error.message}${why}`
}
