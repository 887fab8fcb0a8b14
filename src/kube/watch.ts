/** List and watch as one endless stream that survives closed connections, restarts of the API server and expired versions. */
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isTransient, KubeError, type StatusAnswer } from './answer.ts'
import { linesOf } from './lines.ts'
import type { KubeObject } from './object.ts'

/**
 * `SYNC` comes first and again whenever the server could not continue from where we were: `objects` is then the whole truth.
 */
export type WatchEvent =
  | { readonly type: 'SYNC'; readonly objects: readonly KubeObject[] }
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }

export interface WatchSource {
  list(): Promise<{ readonly items: readonly KubeObject[]; readonly resourceVersion: string }>
  open(resourceVersion: string): Promise<IncomingMessage>
  readonly signal: AbortSignal | undefined
}

interface RawEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject & StatusAnswer
}

/** Ends when the signal is aborted; throws only what is no matter of time (forbidden, unknown kind, unreachable beyond the list's retries). */
export async function* listAndWatch(source: WatchSource): AsyncGenerator<WatchEvent> {
  const stopped = (): boolean => source.signal?.aborted === true
  while (!stopped()) {
    try {
      const listed = await source.list()
      yield { type: 'SYNC', objects: listed.items }
      yield* follow(source, listed.resourceVersion, stopped)
    } catch (error) {
      if (stopped()) return
      if (!isExpired(error)) throw error
    }
  }
}

async function* follow(source: WatchSource, from: string, stopped: () => boolean): AsyncGenerator<WatchEvent> {
  let version = from
  let pause = 50
  while (!stopped()) {
    const stream = await source.open(version).catch((error: unknown) => {
      if (stopped() || isTransient(error)) return undefined
      throw error
    })
    try {
      if (stream !== undefined) {
        for await (const line of linesOf(stream)) {
          const event = JSON.parse(line) as RawEvent
          if (event.type === 'ERROR') throw new KubeError(event.object.code === 410 ? 'kube-expired' : 'kube-failed', 'The watch ended', event.object.code ?? 500, event.object)
          version = event.object.metadata.resourceVersion ?? version
          pause = 50
          if (event.type !== 'BOOKMARK') yield { type: event.type, object: event.object }
        }
      }
    } catch (error) {
      if (stopped()) return
      if (error instanceof KubeError && !isTransient(error)) throw error
    } finally {
      stream?.destroy()
    }
    if (stopped()) return
    await sleep(pause)
    pause = Math.min(pause * 2, 2000)
  }
}

function isExpired(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 410 || error.answer.code === 410)
}
