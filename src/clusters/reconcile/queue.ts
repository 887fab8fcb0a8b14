/**
 * A work queue keyed by what the work is about. One key is never worked on twice at once; what is asked for while it waits is asked
 * for once, what is asked for while it is worked on makes it wait again. Work that throws is tried again after a back-off of its key.
 */
import type { Clock } from '../clock/index.ts'
import { type BackOff, waitAfter } from './back-off.ts'

export interface QueueOptions {
  readonly clock: Clock
  /** From 0 to 1, without 1. */
  readonly random: () => number
  /** Keys worked on at once. */
  readonly concurrency: number
  readonly backOff: BackOff
  /**
   * Does what is to be done for a key now. Resolves to the milliseconds after which it wants to be called again, or to undefined when
   * only another {@link Queue.add} is a reason to. Throws to be called again after a back-off.
   */
  readonly work: (key: string, signal: AbortSignal) => Promise<number | undefined>
  /** Told of every throw, with the wait that follows from it. */
  readonly onFailure: (key: string, error: unknown, waitMs: number) => void
  /** Told whenever it changed. */
  readonly onDepth?: (depth: number) => void
}

export interface Queue {
  /** There is work for a key: now, or after some milliseconds unless something makes it come earlier. */
  add(key: string, afterMs?: number): void
  /** Keys that wait for a worker, without those that wait for their time. */
  depth(): number
  /** Works until the signal aborts, and ends when nothing is worked on any more. What waited is forgotten then. */
  run(signal: AbortSignal): Promise<void>
}

interface Delayed {
  readonly at: number
  readonly forget: () => void
}

export function createQueue(options: QueueOptions): Queue {
  const { clock, concurrency, backOff, random, work, onFailure } = options
  /** In the order they came; a Set keeps that. */
  const ready = new Set<string>()
  const delayed = new Map<string, Delayed>()
  const busy = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const failures = new Map<string, number>()
  let signal: AbortSignal | undefined

  const isRunning = (): boolean => signal !== undefined && !signal.aborted
  let told = 0
  const tellDepth = (): void => {
    if (told === ready.size) return
    told = ready.size
    options.onDepth?.(told)
  }

  const forgetDelay = (key: string): void => {
    delayed.get(key)?.forget()
    delayed.delete(key)
  }

  const addNow = (key: string): void => {
    forgetDelay(key)
    if (busy.has(key)) again.add(key)
    else ready.add(key)
    tellDepth()
    // In a turn of its own: what one caller asks for many times is asked for once.
    queueMicrotask(startReady)
  }

  const addLater = (key: string, ms: number): void => {
    const at = clock.elapsed() + ms
    const other = delayed.get(key)
    if (ready.has(key) || again.has(key) || (other !== undefined && other.at <= at)) return
    forgetDelay(key)
    delayed.set(key, { at, forget: clock.after(ms, () => addNow(key)) })
  }

  const startReady = (): void => {
    for (const key of ready) {
      if (!isRunning() || busy.size >= concurrency) return
      ready.delete(key)
      busy.set(key, workOn(key))
    }
    tellDepth()
  }

  const workOn = async (key: string): Promise<void> => {
    const wait = await attempt(key)
    busy.delete(key)
    if (again.delete(key)) ready.add(key)
    else if (wait !== undefined) addLater(key, wait)
    startReady()
  }

  /** Milliseconds until it wants to be called again. */
  const attempt = async (key: string): Promise<number | undefined> => {
    try {
      const wait = await work(key, signal ?? AbortSignal.abort())
      failures.delete(key)
      return wait
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1
      failures.set(key, count)
      const wait = waitAfter(count, backOff, random)
      onFailure(key, error, wait)
      return wait
    }
  }

  return {
    add: (key, afterMs = 0) => (afterMs <= 0 ? addNow(key) : addLater(key, afterMs)),
    depth: () => ready.size,
    run: async (until) => {
      signal = until
      startReady()
      await aborted(until)
      while (busy.size > 0) await Promise.all(busy.values())
      for (const key of [...delayed.keys()]) forgetDelay(key)
      ready.clear()
      again.clear()
      failures.clear()
      tellDepth()
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
