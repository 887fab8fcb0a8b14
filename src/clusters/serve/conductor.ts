/** What works on clusters, where this replica is elected; and what is known of whoever does. */
import { randomUUID } from 'node:crypto'
import { createKube, type KubeEndpoint } from '../../kube/index.ts'
import type { ServiceRow } from '../api/index.ts'
import type { Clock } from '../clock/index.ts'
import type { Metrics } from '../metrics/index.ts'
import { momentOf } from '../model/index.ts'
import { kubeLease, type Lease, type ReconcilerOptions, reconcileMetrics, runReconciler } from '../reconcile/index.ts'
import type { ServiceConfig } from './config.ts'
import { errorText, type Log } from './log.ts'

export interface ConductorOptions
  extends Pick<ReconcilerOptions, 'store' | 'drivers' | 'certificates' | 'random' | 'tell'> {
  readonly config: ServiceConfig
  readonly endpoint: KubeEndpoint
  /** Different for every process that ever ran. */
  readonly replica: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

export interface Conductor {
  /** Who works, in whichever replica: one row, as Magnum shows its conductor. */
  readonly rows: () => Promise<readonly ServiceRow[]>
  /** Ends what is under way and gives the lease back. */
  readonly stop: () => Promise<void>
  /** Rejects when it ended without being told to; never resolves. */
  readonly broken: Promise<never>
}

/** A lease is renewed every two seconds. */
const beatMs = 2000
/** Whoever says nothing for so long is not there, whatever clocks say. */
const downMs = 60_000

export function startConductor(options: ConductorOptions): Conductor {
  const { config, endpoint, clock, metrics, store } = options
  const { namespace } = config.kubernetes
  const { workers, lease_name: name } = config.conductor
  // Connections of its own, and no patience: a lease that is renewed late is lost, however busy everything else is.
  const kube = createKube(endpoint, { retrySeconds: 0, timeoutSeconds: 5, connections: 2 })
  const lease = kubeLease(kube, { namespace, name })
  const rows = async (): Promise<readonly ServiceRow[]> => [await rowOf(lease, clock)]
  const measured = reconcileMetrics(metrics, store)
  measured.leading(false)
  if (workers === 0) return { rows, stop: async () => kube.close(), broken: never }
  const ended = new AbortController()
  const running = runReconciler({ ...reconciling(options, lease), metrics: measured }, ended.signal)
  const broken = running.then(
    async () => await (ended.signal.aborted ? never : Promise.reject(new Error('The reconciler ended by itself'))),
  )
  // Whoever serves looks at it; nobody has to.
  broken.catch(() => undefined)
  return {
    rows,
    broken,
    stop: async () => {
      ended.abort()
      await running.catch(() => undefined)
      kube.close()
    },
  }
}

function reconciling(options: ConductorOptions, lease: Lease): ReconcilerOptions {
  const { config, replica, log, store, drivers, certificates, clock, random, tell } = options
  return {
    ...{ store, drivers, certificates, clock, random, tell },
    newId: randomUUID,
    defaultLimit: config.quotas.max_clusters_per_project,
    concurrency: config.conductor.workers,
    createsAtOnce: config.conductor.creates_at_once,
    // A node that dies is silent for as long before it counts as dead, and shall be told of within a minute.
    health: { everyMs: 25_000 },
    election: {
      lease,
      identity: replica,
      onChange: (leads) =>
        log({ level: 'INFO', message: leads ? 'This replica works on clusters' : 'This replica only serves the API' }),
      onFailure: (error) =>
        log({ level: 'WARNING', message: `The lease could not be read or written: ${errorText(error)}` }),
    },
    onFailure: (cluster, error, waitMs) => {
      const message = `Work on ${cluster} failed, and goes on in ${Math.round(waitMs / 1000)} s: ${errorText(error)}`
      log({ level: 'ERROR', message, facts: { cluster } })
    },
  }
}

async function rowOf(lease: Lease, clock: Clock): Promise<ServiceRow> {
  const found = (await lease.read(AbortSignal.timeout(5000)))?.record
  const { holder = '', acquiredAt = new Date(clock.now()), renewedAt } = found ?? {}
  const silentMs = renewedAt === undefined ? Number.POSITIVE_INFINITY : clock.now() - renewedAt.getTime()
  const livedMs = renewedAt === undefined ? 0 : renewedAt.getTime() - acquiredAt.getTime()
  return {
    id: 1,
    host: holder === '' ? 'nobody' : holder,
    binary: 'magnum-conductor',
    isUp: holder !== '' && silentMs < downMs,
    reportCount: holder === '' ? 0 : 1 + Math.max(0, Math.floor(livedMs / beatMs)),
    createdAt: momentOf(acquiredAt),
    ...(renewedAt === undefined ? {} : { updatedAt: momentOf(renewedAt) }),
  }
}

const never = new Promise<never>(() => undefined)
