/** The watch of one kind, for as long as the store is open: whatever ends it, it begins again. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchEvent } from '../../kube/index.ts'

export interface Feed {
  /** Begins again with a list: for who waits for something that the watch does not bring. Does nothing while a list is under way. */
  restart(): void
  /** When the signal has aborted and nothing more comes. */
  readonly ended: Promise<void>
}

export interface FeedOptions {
  readonly watch: (signal: AbortSignal) => AsyncIterable<WatchEvent>
  readonly take: (event: WatchEvent) => void
  readonly signal: AbortSignal
  /** Called with why a watch ended; undefined when it runs again. */
  readonly onFault: (error: unknown) => void
}

const firstPause = 100
const longestPause = 5000

export function startFeed({ watch, take, signal, onFault }: FeedOptions): Feed {
  let round = new AbortController()
  let synced = false

  const once = async (): Promise<void> => {
    round = new AbortController()
    synced = false
    const stop = (): void => round.abort()
    signal.addEventListener('abort', stop)
    try {
      for await (const event of watch(round.signal)) {
        if (event.type === 'SYNC') onFault(undefined)
        take(event)
        synced = true
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
  const run = async (): Promise<void> => {
    let pause = firstPause
    while (!signal.aborted) {
      try {
        await once()
        pause = firstPause
      } catch (error) {
        if (signal.aborted) return
        onFault(error)
        await sleep(pause, undefined, { signal }).catch(() => undefined)
        pause = synced ? firstPause : Math.min(pause * 2, longestPause)
      }
    }
  }
  return {
    restart: () => {
      if (synced) round.abort()
    },
    ended: run(),
  }
}
