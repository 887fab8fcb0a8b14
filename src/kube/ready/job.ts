import type { KubeObject } from '../object.ts'
import { troubledContainer } from './pod.ts'
import { failed, type JudgeReadiness, ready, secondsSince, waiting } from './readiness.ts'
import { conditionOf, type Job, type Pod } from './views.ts'
import { explainPods, podsOf } from './workload.ts'

/** Ready when complete; failed when its controller has given up. */
export const judgeJob: JudgeReadiness = (object, around) => {
  const job = object as Job
  const { conditions, startTime, active = 0, failed: failures = 0 } = job.status ?? {}
  if (conditionOf(conditions, 'Complete', 'True') !== undefined) return ready('has completed')
  const gaveUp = conditionOf(conditions, 'Failed', 'True')
  if (gaveUp !== undefined) return failed(`has failed: ${gaveUp.message ?? gaveUp.reason ?? 'unknown reason'}`)
  if (job.spec?.suspend === true) return waiting('is suspended')
  const pods = podsOf(object, { 'batch.kubernetes.io/job-name': object.metadata.name }, around)
  const again =
    failures === 0 ? '' : `, after ${failures} ${failures === 1 ? 'attempt' : 'attempts'} that failed${lastExit(pods)}`
  const newest = pods.findLast((pod) => pod.metadata.deletionTimestamp === undefined)
  if (newest !== undefined && isWorking(newest))
    return waiting(`running ${secondsSince(startTime, around.now)} s${again}`)
  if (active === 0) return waiting(`waits to be started${again}`)
  const explained = explainPods(0, 1, newest === undefined ? [] : [newest], around)
  // A Pod that failed is not the Job's end: its controller tries again until `backoffLimit`.
  return waiting(`${explained.reason.replace('0 of 1 Pod ready; ', '')}${again}`)
}

function isWorking(pod: KubeObject): boolean {
  return ((pod as Pod).status?.containerStatuses ?? []).some(({ state }) => state?.running !== undefined)
}

function lastExit(pods: readonly KubeObject[]): string {
  const codes = pods
    .map((pod) => troubledContainer(pod)?.status.state?.terminated?.exitCode)
    .filter((code) => code !== undefined && code !== 0)
  const last = codes.at(-1)
  return last === undefined ? '' : ` (exit code ${last})`
}
