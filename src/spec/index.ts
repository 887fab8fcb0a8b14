/** The Cloud document: schema, defaults, diagnostics with file and line. Imports nothing of the program. */
export type { Diagnostic } from './diagnostics.ts'
export type { KnownService, OptionList } from './known.ts'
export { type LoadOptions, type LoadResult, loadCloud } from './load.ts'
export type { Cloud, CloudSpec, ComponentSpec, ServiceSpec } from './resolve.ts'
