/** Every route of the API, from the parts of the service. */
import { randomUUID } from 'node:crypto'
import type { ServiceConnection } from '../../openstack/index.ts'
import { statusOf } from '../../openstack/index.ts'
import {
  type ApiServices,
  clusterResourceRoutes,
  type ResourceServices,
  type Route,
  simpleResourceRoutes,
} from '../api/index.ts'
import { type CertificateSettings, defaultSettings } from '../certificates/index.ts'
import { ClusterTypeNotSupported, type DriverRegistry } from '../drivers/index.ts'
import type { ClusterPolicy } from '../policy/index.ts'
import type { ServiceConfig } from './config.ts'

export interface RouteParts
  extends Pick<ApiServices, 'store' | 'lookups' | 'certificates' | 'now' | 'random' | 'notify'>,
    Pick<ResourceServices, 'services'> {
  readonly config: ServiceConfig
  readonly policy: ClusterPolicy
  readonly drivers: DriverRegistry
  readonly cloud: ServiceConnection
}

export function routesOf(parts: RouteParts): readonly Route[] {
  const { config, policy, drivers, cloud, services, certificates, notify, ...rest } = parts
  const common = {
    ...rest,
    newUuid: randomUUID,
    unsupported: (template) => unsupported(drivers, template),
    judge: (spec, image, group) => drivers.driverOf(spec.template).judge?.(spec, image, group) ?? { warnings: [] },
    settings: {
      maxLimit: config.api.max_limit,
      maxClustersPerProject: config.quotas.max_clusters_per_project,
      defaultBootVolumeSize: config.cinder.default_boot_volume_size,
    },
  } satisfies Partial<ApiServices>
  const { enforce, may } = policy
  const projectExists: ResourceServices['projectExists'] = async (id, { token }, signal) =>
    await isProject(cloud, { id, token, signal })
  return [
    ...clusterResourceRoutes({ ...common, certificates, notify, enforce }),
    ...simpleResourceRoutes({ ...common, enforce, may, services, projectExists }),
  ]
}

function unsupported(drivers: DriverRegistry, template: Parameters<ApiServices['unsupported']>[0]): string | undefined {
  try {
    drivers.driverOf(template)
    return undefined
  } catch (error) {
    if (error instanceof ClusterTypeNotSupported) return error.message
    throw error
  }
}

/**
 * With the caller's rights: whoever writes quotas is an administrator, and the service's user is not. Where a policy lets others write
 * them, who may not look at projects is believed.
 */
async function isProject(
  cloud: ServiceConnection,
  { id, token, signal }: { readonly id: string; readonly token: string; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    await cloud.forwarding(token, signal).request('identity', 'GET', `/projects/${encodeURIComponent(id)}`)
    return true
  } catch (error) {
    const status = statusOf(error)
    if (status === 404) return false
    if (status === 403) return true
    throw error
  }
}

export const certificateSettings = ({ certificates }: Pick<ServiceConfig, 'certificates'>): CertificateSettings => ({
  ...defaultSettings,
  caDays: certificates.ca_days,
  certificateHours: certificates.certificate_hours,
  skewHours: certificates.skew_hours,
})
