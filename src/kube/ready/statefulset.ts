import { type JudgeReadiness, ready, waiting } from './readiness.ts'
import type { StatefulSet } from './views.ts'
import { explainPods, isStale, outdated, podsOf } from './workload.ts'

const revisionLabel = 'controller-revision-hash'

/** Ready when every replica is ready and, unless Pods are replaced by hand (`OnDelete`), of the latest template. */
export const judgeStatefulSet: JudgeReadiness = (object, around) => {
  const set = object as StatefulSet
  const wanted = set.spec?.replicas ?? 1
  const {
    observedGeneration,
    readyReplicas = 0,
    updatedReplicas = 0,
    currentRevision,
    updateRevision,
  } = set.status ?? {}
  if (isStale(object, observedGeneration)) return waiting('the change is not picked up by its controller yet')
  const byHand = set.spec?.updateStrategy?.type === 'OnDelete'
  const updated = byHand || updatedReplicas >= wanted || currentRevision === updateRevision
  if (readyReplicas >= wanted && updated) {
    const old = byHand && currentRevision !== updateRevision ? wanted - updatedReplicas : 0
    return ready(`${readyReplicas} of ${wanted} Pods ready`, outdated(old))
  }
  const pods = podsOf(object, set.spec?.selector?.matchLabels, around)
  if (readyReplicas >= wanted) return waiting(`${updatedReplicas} of ${wanted} Pods renewed`)
  // A Pod of the former revision still has its name: what it does says nothing about the new one.
  const current = pods.filter(({ metadata }) => metadata.labels?.[revisionLabel] === updateRevision || byHand)
  return current.length === 0 && pods.length > 0
    ? waiting(`${readyReplicas} of ${wanted} Pods ready; ${pods[0]?.metadata.name} is to be replaced`)
    : explainPods(readyReplicas, wanted, current, around)
}
