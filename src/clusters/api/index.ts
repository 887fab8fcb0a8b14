/** The Container Infrastructure API: routes as data, resource by resource. */
export type { Certificates } from './certificates.ts'
export {
  type ApiServerOptions,
  createApiServer,
  createSideServer,
  type LogLine,
  openApiDocument,
  type RateLimit,
  type SideServerOptions,
  stopApiServer,
  type Timeouts,
} from './http/index.ts'
export type { ResourceServices, ServiceRow } from './resource-services.ts'
export { clusterResourceRoutes } from './resources.ts'
export { ApiError, type ApiReply, type ApiRequest, type Microversion, type Route } from './route.ts'
export type { ApiServices, ClusterRule, Target } from './services.ts'
export { simpleResourceRoutes } from './simple-resources.ts'
