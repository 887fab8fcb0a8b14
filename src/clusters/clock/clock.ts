/** Time as an argument: what waits for an hour can be tried in a moment, and a clock that jumps can be tried at all. */

export interface Clock {
  /** The wall clock, milliseconds since 1970: for what is written down. It may jump, forwards and back. */
  now(): number
  /** Milliseconds since some moment; never goes back: for how long something takes. */
  elapsed(): number
  /** Calls back once, after that many milliseconds; returns how to forget it. */
  after(ms: number, callback: () => void): () => void
}

/** The clock of this machine. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Ends after that many milliseconds, or at once when the signal aborts; never throws. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve()
      return
    }
    const end = (): void => {
      forget()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const forget = clock.after(ms, end)
    signal?.addEventListener('abort', end, { once: true })
  })
}
