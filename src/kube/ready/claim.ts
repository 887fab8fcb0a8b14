import { failed, type JudgeReadiness, ready, waiting } from './readiness.ts'
import type { PersistentVolumeClaim } from './views.ts'

/**
 * A claim that is still pending is fine: with `WaitForFirstConsumer` it binds only once a Pod uses it, and that Pod's own
 * readiness tells when the volume cannot be made.
 */
export const judgeClaim: JudgeReadiness = (object) => {
  const phase = (object as PersistentVolumeClaim).status?.phase
  if (phase === 'Lost') return failed('has lost its volume')
  if (object.metadata.deletionTimestamp !== undefined) return waiting('is being deleted')
  return ready(phase === 'Bound' ? 'is bound' : 'binds when a Pod uses it')
}
