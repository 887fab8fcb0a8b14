/** Readiness of every kind: one file a kind, this table, and "exists" for the rest (CronJobs, ConfigMaps, roles …). */
import type { KubeObject } from '../object.ts'
import { groupOf } from '../ref.ts'
import { judgeClaim } from './claim.ts'
import { judgeDaemonSet } from './daemonset.ts'
import { judgeDefinition } from './definition.ts'
import { judgeDeployment } from './deployment.ts'
import { judgeJob } from './job.ts'
import { judgeNamespace } from './namespace.ts'
import { judgePod } from './pod.ts'
import { type JudgeReadiness, type Readiness, ready, type Surroundings, waiting } from './readiness.ts'
import { judgeService } from './service.ts'
import { judgeStatefulSet } from './statefulset.ts'

const table: Readonly<Record<string, JudgeReadiness>> = {
  '/Namespace': judgeNamespace,
  '/PersistentVolumeClaim': judgeClaim,
  '/Pod': judgePod,
  '/Service': judgeService,
  'apiextensions.k8s.io/CustomResourceDefinition': judgeDefinition,
  'apps/DaemonSet': judgeDaemonSet,
  'apps/Deployment': judgeDeployment,
  'apps/StatefulSet': judgeStatefulSet,
  'batch/Job': judgeJob,
}

/** Judges an object as it was observed. What is being deleted is never ready. */
export function judge(object: KubeObject, around: Surroundings): Readiness {
  const known = table[`${groupOf(object)}/${object.kind}`]
  if (object.metadata.deletionTimestamp !== undefined && known !== judgePod) return waiting('is being deleted')
  return known === undefined ? ready('exists') : known(object, around)
}

/** True for kinds that are more than their existence: only these must be watched. */
export function hasReadiness(kind: { readonly apiVersion: string; readonly kind: string }): boolean {
  return table[`${groupOf(kind)}/${kind.kind}`] !== undefined
}

export { isPodReady, troubledContainer } from './pod.ts'
export { mountReason, type Readiness, type Surroundings, waitReason } from './readiness.ts'
export { isForeign } from './workload.ts'
