/** The resources around clusters, in one table. */
import { bayRoutes } from './bays/routes.ts'
import { certificateRoutes } from './certificates.ts'
import { clusterRoutes } from './clusters/routes.ts'
import { credentialRoutes } from './credentials.ts'
import { nodeGroupRoutes } from './node-groups/routes.ts'
import type { Route } from './route.ts'
import type { ApiServices } from './services.ts'

/** Clusters with their actions, node groups, certificates, credentials, and bays of old. */
export function clusterResourceRoutes(services: ApiServices): readonly Route[] {
  return [clusterRoutes, nodeGroupRoutes, certificateRoutes, credentialRoutes, bayRoutes].flatMap((make) =>
    make(services),
  )
}
