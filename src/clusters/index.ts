/** Kubernetes clusters on the cloud, by the API of Magnum: what the rest of the house knows of them. */
import type { serveUntil as Serve } from './serve/foreground.ts'
import type { ServeOptions } from './serve/serve.ts'

export { optionTable } from './drivers/heat/option-table.ts'
export { type LabelEntry, type LabelVerdict, labelTable } from './rules/label-table.ts'
export { type ConfigOption, configSections, loadConfig, type ServiceConfig } from './serve/config.ts'
export { makeDefinitions } from './serve/definitions.ts'
export { type Log, lineLog } from './serve/log.ts'
// Not by its index: every command renders, and none of those but `api` needs the store itself.
export { storeRules } from './store/access.ts'
export { clusterDefinitions } from './store/definitions.ts'
export type { ServeOptions }

/** See `serve/foreground.ts`. The server is loaded by who serves only: the catalog wants no more of here than data. */
export const serveUntil: typeof Serve = async (options, signal) =>
  await (await import('./serve/foreground.ts')).serveUntil(options, signal)
