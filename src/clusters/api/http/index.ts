/** Magnum's API as a server. */
export { openApiDocument } from './openapi.ts'
export type { ApiServerOptions, Timeouts } from './options.ts'
export type { RateLimit } from './rate.ts'
export type { LogLine } from './record.ts'
export { createApiServer, stopApiServer } from './server.ts'
export { createSideServer, type SideServerOptions } from './side.ts'
