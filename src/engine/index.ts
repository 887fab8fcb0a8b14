export type * from './events.ts'
export { problemOf, type ReporterOptions, stepReporter, type UnitReporter } from './reporter.ts'
export { type Stopwatch, stopwatch } from './timing.ts'
