/** A clock that stands still until a test moves it. */
import type { Clock } from './clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

export interface SimulatedClock extends Clock {
  /** Lets that many milliseconds pass: everything that falls due happens in its order, and what follows from it at once. */
  advance(ms: number): Promise<void>
  /** The wall clock jumps, and no time passes. */
  jump(ms: number): void
}

/** @param start of the wall clock, milliseconds since 1970 */
export function simulatedClock(start = Date.UTC(2026, 10, 28, 16)): SimulatedClock {
  let elapsed = 0
  let wall = start
  let order = 0
  const timers = new Set<Timer>()
  const moveTo = (at: number): void => {
    wall += at - elapsed
    elapsed = at
  }
  return {
    now: () => wall,
    elapsed: () => elapsed,
    after: (ms, callback) => {
      const timer = { at: elapsed + Math.max(0, ms), order: order++, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance: async (ms) => {
      const end = elapsed + ms
      await quiet()
      for (let next = first(timers); next !== undefined && next.at <= end; next = first(timers)) {
        timers.delete(next)
        moveTo(Math.max(elapsed, next.at))
        next.callback()
        await quiet()
      }
      moveTo(end)
    },
    jump: (ms) => {
      wall += ms
    },
  }
}

function first(timers: ReadonlySet<Timer>): Timer | undefined {
  let found: Timer | undefined
  for (const timer of timers)
    if (found === undefined || timer.at < found.at || (timer.at === found.at && timer.order < found.order))
      found = timer
  return found
}

/** All that promises have to say has been said: they go before the next turn of the event loop. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
