import { type JudgeReadiness, ready, waiting } from './readiness.ts'
import type { DaemonSet } from './views.ts'
import { explainPods, isStale, outdated, podsOf } from './workload.ts'

/** Ready when a Pod is available on every node meant for it and, unless Pods are replaced by hand (`OnDelete`), of the latest template. No such node is ready too. */
export const judgeDaemonSet: JudgeReadiness = (object, around) => {
  const set = object as DaemonSet
  const {
    observedGeneration,
    desiredNumberScheduled: wanted = 0,
    updatedNumberScheduled = 0,
    numberAvailable = 0,
  } = set.status ?? {}
  if (isStale(object, observedGeneration)) return waiting('the change is not picked up by its controller yet')
  const byHand = set.spec?.updateStrategy?.type === 'OnDelete'
  const updated = byHand || updatedNumberScheduled >= wanted
  if (numberAvailable >= wanted && updated) {
    const note = byHand ? outdated(wanted - updatedNumberScheduled) : undefined
    return ready(wanted === 0 ? 'no node is meant for it' : `${numberAvailable} of ${wanted} Pods ready`, note)
  }
  if (numberAvailable >= wanted) return waiting(`${updatedNumberScheduled} of ${wanted} Pods renewed`)
  return explainPods(numberAvailable, wanted, podsOf(object, set.spec?.selector?.matchLabels, around), around)
}
