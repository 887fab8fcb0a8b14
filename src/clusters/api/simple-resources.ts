/** The resources beside clusters, in one table. */
import { federationRoutes } from './federations.ts'
import { serviceRoutes } from './mservices.ts'
import { quotaRoutes } from './quotas/routes.ts'
import type { ResourceServices } from './resource-services.ts'
import type { Route } from './route.ts'
import { statsRoutes } from './stats.ts'
import { templateRoutes } from './templates/routes.ts'

/** Cluster templates and baymodels of old, quotas, stats, services, federations. */
export function simpleResourceRoutes(services: ResourceServices): readonly Route[] {
  return [templateRoutes, quotaRoutes, statsRoutes, serviceRoutes, federationRoutes].flatMap((make) => make(services))
}
