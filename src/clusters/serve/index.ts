/** The service: its configuration, and all parts put together. */
export { loadConfig } from './config.ts'
export { makeDefinitions } from './definitions.ts'
export type { Said } from './log.ts'
export { type Served, type ServeOptions, serve } from './serve.ts'
