import { type JudgeReadiness, ready, waiting } from './readiness.ts'
import { conditionOf, type Deployment } from './views.ts'
import { explainPods, isStale, podsOf } from './workload.ts'

/** Ready when every replica is of the latest template and available, and no older one is left. */
export const judgeDeployment: JudgeReadiness = (object, around) => {
  const deployment = object as Deployment
  const wanted = deployment.spec?.replicas ?? 1
  const {
    observedGeneration,
    replicas = 0,
    updatedReplicas = 0,
    availableReplicas = 0,
    conditions,
  } = deployment.status ?? {}
  if (isStale(object, observedGeneration)) return waiting('the change is not picked up by its controller yet')
  const good = Math.min(updatedReplicas, availableReplicas)
  if (updatedReplicas >= wanted && availableReplicas >= wanted) {
    const old = replicas - updatedReplicas
    return old > 0
      ? waiting(`${old} old ${old === 1 ? 'Pod is' : 'Pods are'} still ending`)
      : ready(`${availableReplicas} of ${wanted} Pods ready`)
  }
  const refused = conditionOf(conditions, 'ReplicaFailure', 'True')
  if (refused !== undefined)
    return waiting(`its Pods cannot be made: ${refused.message ?? refused.reason ?? 'unknown'}`)
  return explainPods(good, wanted, podsOf(object, deployment.spec?.selector?.matchLabels, around), around)
}
