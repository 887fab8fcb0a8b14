/** The machine behind the API: whoever leads keeps every cluster on its way to what is wished, until told to stop. */
import { type Clock, pause } from '../clock/index.ts'
import { type ClusterStore, ConflictError } from '../model/index.ts'
import type { BackOff } from './back-off.ts'
import { operationOf } from './cluster-status.ts'
import { type ElectionOptions, leadWhenElected } from './elector.ts'
import { createLooks, type LookOptions } from './looks.ts'
import type { ReconcileMetrics } from './metrics.ts'
import type { Tools } from './pass.ts'
import { createQueue, type Queue } from './queue.ts'
import { reconcileCluster } from './recipes.ts'
import { sweepPlaces } from './sweep.ts'
import { createTurns } from './turns.ts'
import { Superseded } from './write.ts'

export interface ReconcilerOptions extends Omit<Tools, 'looks' | 'turns' | 'callMs'> {
  readonly election: Omit<ElectionOptions, 'clock' | 'random'>
  /** Clusters worked on at once. @default 32 */
  readonly concurrency?: number
  /** Clusters made at once. @default any number */
  readonly createsAtOnce?: number | undefined
  /** What a call of a driver may take before its signal aborts. @default 120_000 */
  readonly callMs?: number
  /** Every cluster is looked at again that often, whether or not anything was heard of it. @default 600_000 */
  readonly resyncMs?: number
  /** @default from one second to one minute */
  readonly backOff?: BackOff
  readonly health?: Omit<LookOptions, 'clock' | 'random'>
  readonly metrics?: ReconcileMetrics
  /** Told of every failure but conflicts, which are nobody's. Never throws. */
  readonly onFailure: (clusterId: string, error: unknown, waitMs: number) => void
}

/** Works whenever this replica leads; ends after the signal aborted and everything that was begun has ended. */
export async function runReconciler(options: ReconcilerOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, election, metrics } = options
  const onChange = (leads: boolean): void => {
    metrics?.leading(leads)
    election.onChange?.(leads)
  }
  await leadWhenElected(
    { ...election, clock, random, onChange },
    signal,
    async (leading) => await work(options, leading),
  )
}

/** One term as the leader. */
async function work(options: ReconcilerOptions, signal: AbortSignal): Promise<void> {
  const { store, clock, random } = options
  const looks = createLooks({ ...options.health, clock, random })
  const turns = createTurns({ store, clock, most: options.createsAtOnce })
  const tools: Tools = { ...options, looks, turns, callMs: options.callMs ?? 120_000 }
  const queue = queueOf(options, tools)
  // What the last leader wrote is known before anything is done about it.
  if (!(await becomeFresh(store, clock, signal))) return
  const heard = hearing(store, (id) => {
    looks.interrupt(id)
    queue.add(id)
  })
  const stopHearing = store.onClusterChange(heard)
  for (const id of knownIds(store)) heard(id)
  const resyncing = resync(options, queue, signal)
  try {
    await queue.run(signal)
  } finally {
    stopHearing()
    await resyncing
  }
}

function queueOf(options: ReconcilerOptions, tools: Tools): Queue {
  const { clock, random, metrics } = options
  const measured = async (id: string, signal: AbortSignal): Promise<number | undefined> => {
    const begun = clock.elapsed()
    const tell = (result: Parameters<ReconcileMetrics['reconciled']>[1]): void =>
      metrics?.reconciled((clock.elapsed() - begun) / 1000, result)
    try {
      const wait = await reconcileCluster(tools, id, signal)
      tell(wait === undefined ? 'done' : 'again')
      return wait
    } catch (error) {
      tell(isConflict(error) ? 'conflict' : 'failed')
      throw error
    }
  }
  return createQueue({
    clock,
    random,
    concurrency: options.concurrency ?? 32,
    backOff: options.backOff ?? { first: 1000, most: 60_000 },
    work: measured,
    onFailure: (id, error, wait) => {
      if (!isConflict(error)) options.onFailure(id, error, wait)
    },
    ...(metrics === undefined ? {} : { onDepth: (depth: number) => metrics.queueDepth(depth) }),
  })
}

const isConflict = (error: unknown): boolean => error instanceof ConflictError || error instanceof Superseded

/**
 * Passes on only news: a new wish, a deletion, a cluster that came or is gone. What we write ourselves into statuses and node groups is
 * heard as well, and would call a driver again long before it wanted to be called.
 */
function hearing(store: ClusterStore, wake: (id: string) => void): (id: string) => void {
  const last = new Map<string, string>()
  return (id) => {
    const cluster = store.clusters.get(id)
    const news = cluster === undefined ? 'gone' : operationOf(cluster)
    if (last.get(id) === news && cluster !== undefined) return
    if (cluster === undefined) last.delete(id)
    else last.set(id, news)
    wake(id)
  }
}

/** Clusters, and those that only their node groups still tell of. */
const knownIds = (store: ClusterStore): ReadonlySet<string> =>
  new Set([
    ...store.clusters.all().map(({ uuid }) => uuid),
    ...store.nodeGroups.all().map(({ spec }) => spec.clusterId),
  ])

/** Spread over half the time, so that ten thousand clusters are no wave. */
async function resync(options: ReconcilerOptions, queue: Queue, signal: AbortSignal): Promise<void> {
  const { store, clock, random, resyncMs = 600_000 } = options
  while (!signal.aborted) {
    await pause(clock, resyncMs, signal)
    if (signal.aborted) return
    for (const id of knownIds(store)) queue.add(id, (random() * resyncMs) / 2)
    await sweepPlaces(store, clock.now()).catch((error: unknown) => options.onFailure('quotas', error, resyncMs))
  }
}

/** False when the signal aborted before. */
async function becomeFresh(store: ClusterStore, clock: Clock, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await store.fresh()
      return !signal.aborted
    } catch {
      // The API server restarts; the lease says whether that takes too long.
      await pause(clock, 1000, signal)
    }
  }
  return false
}
