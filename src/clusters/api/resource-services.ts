/** What templates, quotas, stats, services and federations need of the rest. */
import type { Caller } from '../identity/caller.ts'
import type { ClusterPolicy } from '../policy/index.ts'
import type { ApiServices } from './services.ts'

/** A row of `openstack coe service list`. */
export interface ServiceRow {
  readonly id: number
  readonly host: string
  readonly binary: 'magnum-conductor'
  readonly isUp: boolean
  /** How often it said that it lives. */
  readonly reportCount: number
  /** ISO 8601 with microseconds, as objects of the model have it. */
  readonly createdAt: string
  readonly updatedAt?: string
}

export interface ResourceServices
  extends Pick<ApiServices, 'store' | 'lookups' | 'unsupported' | 'now' | 'newUuid' | 'random' | 'settings'> {
  /** Without a target, the caller's own project and user are acted on. @throws ApiError 403 */
  readonly enforce: ClusterPolicy['enforce']
  readonly may: ClusterPolicy['may']
  /** Asked with the service's own rights. */
  readonly projectExists: (projectId: string, caller: Caller, signal: AbortSignal) => Promise<boolean>
  /** The reconciler, as Magnum shows its conductor: one row, whichever replica leads. */
  readonly services: () => Promise<readonly ServiceRow[]>
}
