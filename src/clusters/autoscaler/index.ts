/** The stock cluster-autoscaler, in clusters that have one: its login, and all that it may ask. */
export { type Autoscalers, type AutoscalersOptions, openAutoscalers } from './door.ts'
export { autoscalerDirectory, autoscalerFiles, type ServiceForNodes } from './files.ts'
export type { CloudQuestion } from './question.ts'
