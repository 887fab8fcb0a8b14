/** Autoscalers of clusters, from the configuration. */
import { type Autoscalers, openAutoscalers } from '../autoscaler/index.ts'
import { autoscalerCredential, type DriverRegistry } from '../drivers/index.ts'
import type { ClusterStore } from '../model/index.ts'
import type { Ledger } from '../nodes/index.ts'
import type { ServiceConfig } from './config.ts'

interface Surroundings {
  readonly store: Pick<ClusterStore, 'clusters' | 'readSecret'>
  readonly ledger: Pick<Ledger, 'read'>
  readonly drivers: DriverRegistry
  readonly now: () => Date
}

/** Undefined where nobody says how nodes reach this service. */
export function autoscalersOf(
  { nodes, api }: Pick<ServiceConfig, 'nodes' | 'api'>,
  { store, ledger, drivers, now }: Surroundings,
): Autoscalers | undefined {
  const url = nodes.api_url ?? api.public_url
  if (url === undefined) return undefined
  return openAutoscalers({
    ...{ store, ledger, url, now },
    credentialOf: autoscalerCredential(store),
    ask: async (cluster, question) =>
      await drivers.driverOf(cluster.spec.template).seenByAutoscaler?.(cluster, question),
  })
}
