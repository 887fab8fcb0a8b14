/** What is measured of the reconciler. */
import type { Metrics } from '../metrics/index.ts'
import { type ClusterStore, type StatusName, statusNames, visibleStatus } from '../model/index.ts'

export interface ReconcileMetrics {
  /** Clusters that wait for a worker. */
  queueDepth(depth: number): void
  /** One reconcile ended. */
  reconciled(seconds: number, result: 'done' | 'again' | 'conflict' | 'failed'): void
  /** Whether this replica leads. */
  leading(leads: boolean): void
}

const buckets = [0.005, 0.02, 0.1, 0.5, 2, 10, 60]

/** Once a registry. Clusters are counted when somebody asks. */
export function reconcileMetrics(metrics: Metrics, store: ClusterStore): ReconcileMetrics {
  const depth = metrics.gauge({ name: 'croque_reconcile_queue_depth', help: 'Clusters that wait for a worker.' })
  const time = metrics.histogram({
    name: 'croque_reconcile_seconds',
    help: 'Time of one reconcile of one cluster, by how it ended.',
    buckets,
  })
  const leads = metrics.gauge({ name: 'croque_reconcile_leading', help: '1 while this replica leads.' })
  metrics.collect({ name: 'croque_clusters', help: 'Clusters by status.' }, () =>
    Object.entries(clustersByStatus(store)).map(([status, value]) => ({ labels: { status }, value })),
  )
  return {
    queueDepth: (value) => depth.set(value),
    reconciled: (seconds, result) => time.observe(seconds, { result }),
    leading: (value) => leads.set(value ? 1 : 0),
  }
}

/** Clusters by their status as callers see it, all statuses named. */
function clustersByStatus(store: ClusterStore): Readonly<Record<StatusName, number>> {
  const counts = Object.fromEntries(statusNames.map((name) => [name, 0])) as Record<StatusName, number>
  for (const cluster of store.clusters.all()) counts[visibleStatus(cluster)]++
  return counts
}
