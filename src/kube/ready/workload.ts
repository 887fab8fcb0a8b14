/** What Deployments, StatefulSets, DaemonSets and Jobs share: their Pods tell why they are not ready. */
import type { KubeObject } from '../object.ts'
import { judgePod } from './pod.ts'
import { type Readiness, type Surroundings, waiting } from './readiness.ts'

/** Pods of a workload, newest last. */
export function podsOf(
  object: KubeObject,
  labels: Readonly<Record<string, string>> | undefined,
  around: Surroundings,
): readonly KubeObject[] {
  if (labels === undefined) return []
  return [...around.pods(object.metadata.namespace, labels)]
    .filter((pod) => !isForeign(pod, object))
    .sort((a, b) => created(a) - created(b))
}

/** Whether another one of its kind owns the Pod: a selector may match Pods that a controller passes over. */
export function isForeign(pod: KubeObject, { kind, metadata }: KubeObject): boolean {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)
  return owner?.kind === kind && owner.uid !== metadata.uid
}

/** What to say of Pods that stay of an older template until somebody deletes them. */
export const outdated = (count: number): string | undefined =>
  count <= 0
    ? undefined
    : `${count} ${count === 1 ? 'Pod is' : 'Pods are'} of an older template and ${count === 1 ? 'stays' : 'stay'} until deleted by hand`

/**
 * Why a workload with too few good Pods waits: `1 of 3 Pods ready; NAME REASON`. A Pod that can never come makes the workload `failed`.
 */
export function explainPods(
  good: number,
  wanted: number,
  pods: readonly KubeObject[],
  around: Surroundings,
): Readiness {
  const counted = `${good} of ${wanted} ${wanted === 1 ? 'Pod' : 'Pods'} ready`
  const judged = pods.map((pod) => ({ pod, readiness: judgePod(pod, around) }))
  // The newest Pod belongs to what was just applied; the failure of an older one, on its way out, is nobody's any more.
  const newest = judged.at(-1)
  const told =
    newest?.readiness.state === 'failed' ? newest : judged.findLast(({ readiness }) => readiness.state === 'waiting')
  if (told === undefined) return waiting(pods.length === 0 ? `${counted}; no Pod was made yet` : counted)
  return { state: told.readiness.state, reason: `${counted}; ${told.pod.metadata.name} ${told.readiness.reason}` }
}

/** The controller has not looked at the latest spec yet: its numbers are about an older one. */
export function isStale(object: KubeObject, observedGeneration: number | undefined): boolean {
  return (object.metadata.generation ?? 0) > (observedGeneration ?? 0)
}

function created(pod: KubeObject): number {
  return Date.parse(pod.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z')
}
