import { type JudgeReadiness, ready, waiting } from './readiness.ts'

/** A namespace that is being deleted takes nothing new. */
export const judgeNamespace: JudgeReadiness = (object) =>
  object.metadata.deletionTimestamp === undefined ? ready('exists') : waiting('is still being deleted')
