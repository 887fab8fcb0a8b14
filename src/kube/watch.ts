/** List and watch as one endless stream that survives closed connections, restarts of the API server and expired versions. */
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isTransient, KubeError, type StatusAnswer } from './answer.ts'
import { linesOf } from './lines.ts'
import type { KubeObject } from './object.ts'

/**
 * `SYNC` comes first and again whenever the server could not continue from where we were: `objects` is then the whole truth, as it
 * was at `resourceVersion`.
 */
export type WatchEvent =
  | { readonly type: 'SYNC'; readonly objects: readonly KubeObject[]; readonly resourceVersion: string }
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }

export interface WatchSource {
  list(): Promise<{ readonly items: readonly KubeObject[]; readonly resourceVersion: string }>
  open(resourceVersion: string): Promise<IncomingMessage>
  /** What is handed on of an object that the stream brought. */
  readonly keep: ((object: KubeObject) => KubeObject) | undefined
  readonly signal: AbortSignal | undefined
}

const firstPause = 50

interface ChangeEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: KubeObject
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
      yield { type: 'SYNC', objects: listed.items, resourceVersion: listed.resourceVersion }
      yield* follow(source, listed.resourceVersion, stopped)
    } catch (error) {
      if (stopped()) return
      if (!isExpired(error)) throw error
    }
  }
}

/** Watches from one version on, opening the stream again whenever it ends. Throws when the server cannot continue from there. */
async function* follow(source: WatchSource, from: string, stopped: () => boolean): AsyncGenerator<WatchEvent> {
  let version = from
  let pause = firstPause
  while (!stopped()) {
    const stream = await openAgain(source, version)
    for await (const event of eventsOf(stream, stopped)) {
      version = event.object.metadata.resourceVersion ?? version
      pause = firstPause
      const { keep = (object) => object } = source
      if (event.type !== 'BOOKMARK') yield { type: event.type, object: keep(event.object) }
    }
    if (stopped()) return
    await sleep(pause, undefined, source.signal === undefined ? {} : { signal: source.signal })
    pause = Math.min(pause * 2, 2000)
  }
}

/** Undefined while the server is away. */
async function openAgain(source: WatchSource, version: string): Promise<IncomingMessage | undefined> {
  try {
    return await source.open(version)
  } catch (error) {
    if (source.signal?.aborted === true || isTransient(error)) return undefined
    throw error
  }
}

/** The events of one stream; a connection that breaks is its end. */
async function* eventsOf(stream: IncomingMessage | undefined, stopped: () => boolean): AsyncGenerator<ChangeEvent> {
  if (stream === undefined) return
  try {
    for await (const line of linesOf(stream)) {
      const event = JSON.parse(line) as RawEvent
      if (event.type === 'ERROR') throw refusedWatch(event.object)
      yield { type: event.type, object: event.object }
    }
  } catch (error) {
    if (!stopped() && error instanceof KubeError && !isTransient(error)) throw error
  } finally {
    stream.destroy()
  }
}

function refusedWatch(answer: StatusAnswer): KubeError {
  return new KubeError(
    answer.code === 410 ? 'kube-expired' : 'kube-failed',
    'The watch ended',
    answer.code ?? 500,
    answer,
  )
}

function isExpired(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 410 || error.answer.code === 410)
}
