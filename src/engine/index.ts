/** Plan, apply, wait: walks a rendering's units over the Kubernetes API. Names no service. */
export { type Action, type Actions, apply, type ApplyResult, type ApplyRunOptions, readinessOf } from './apply.ts'
export type * from './events.ts'
export { type Plan, type PlannedChange, type PlanOptions, plan } from './plan.ts'
export { problemOf, type ReporterOptions, stepReporter, type UnitReporter } from './reporter.ts'
export { type Stopwatch, stopwatch } from './timing.ts'
