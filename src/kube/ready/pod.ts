import type { KubeObject } from '../object.ts'
import { firstLine, judgeContainer } from './container.ts'
import {
  failed,
  type JudgeReadiness,
  type Readiness,
  ready,
  type Surroundings,
  secondsSince,
  waiting,
} from './readiness.ts'
import { type ContainerStatus, conditionOf, type Pod } from './views.ts'

/** Whether it takes connections and questions. */
export const isPodReady = (pod: KubeObject): boolean =>
  conditionOf((pod as Pod).status?.conditions, 'Ready', 'True') !== undefined

/** A Pod is ready when its condition says so, or when it has succeeded. */
export const judgePod: JudgeReadiness = (object, around) => {
  const pod = object as Pod
  const { phase, conditions, reason, message } = pod.status ?? {}
  if (phase === 'Succeeded') return ready('has succeeded')
  // A program that did not end in time was killed: no failure of a Pod that is on its way out.
  if (pod.metadata.deletionTimestamp !== undefined) return waiting('is being deleted')
  if (phase === 'Failed') return judgeFailed(pod, around.now)
  const unscheduled = conditionOf(conditions, 'PodScheduled', 'False')
  if (unscheduled !== undefined)
    return waiting(`has no node: ${unscheduled.message ?? unscheduled.reason ?? 'not scheduled yet'}`)
  if (isPodReady(pod)) return ready('is ready')
  if (pod.status?.containerStatuses === undefined && pod.status?.initContainerStatuses === undefined) {
    return waiting(
      pod.spec?.nodeName === undefined
        ? 'waits for a node'
        : `is being created on ${pod.spec.nodeName}${message ? `: ${message}` : ''}`,
    )
  }
  return (
    judgeVolumes(pod, around) ??
    judgeInit(pod, around) ??
    judgeMain(pod, around.now) ??
    waiting(reason ?? 'is not ready yet')
  )
}

/** The worst of a Pod's containers, for diagnosis; undefined when none stands out. */
export function troubledContainer(
  object: KubeObject,
): { readonly status: ContainerStatus; readonly init: boolean } | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = (object as Pod).status ?? {}
  const all = [
    ...initContainerStatuses.map((status) => ({ status, init: true })),
    ...containerStatuses.map((status) => ({ status, init: false })),
  ]
  const crashed = ({ status }: (typeof all)[number]): boolean =>
    (status.state?.terminated?.exitCode ?? status.lastState?.terminated?.exitCode ?? 0) !== 0
  const stuck = ({ status, init }: (typeof all)[number]): boolean =>
    init ? status.state?.terminated?.exitCode !== 0 : status.ready !== true
  // What ended with its node starts again after it.
  const before = all.find(
    ({ status, init }) => init && status.state?.running !== undefined && !isSidecar(object as Pod, status),
  )
  return before ?? all.find((one) => crashed(one) && stuck(one)) ?? all.find(stuck)
}

/** No container starts before every volume is there, and none of them says why. */
function judgeVolumes(pod: Pod, around: Surroundings): Readiness | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  const started = [...initContainerStatuses, ...containerStatuses].some(
    ({ state }) => !['ContainerCreating', 'PodInitializing'].includes(state?.waiting?.reason ?? ''),
  )
  const note = started ? undefined : around.mountNote(pod)
  if (note === undefined) return undefined
  const [, volume, why] = /^MountVolume\.\w+ failed for volume "([^"]+)"\s*:\s*(.+)/.exec(note) ?? []
  return waiting(
    `waits for ${volume === undefined ? 'its volumes' : `its volume ${volume}`}: ${firstLine(why ?? note)}`,
  )
}

function judgeInit(pod: Pod, around: Surroundings): Readiness | undefined {
  for (const container of pod.status?.initContainerStatuses ?? []) {
    if (container.state?.terminated?.exitCode === 0) continue
    // A sidecar keeps running; once started it holds nothing up. After a restart of the node every init container is shown as started.
    if (container.started === true && isSidecar(pod, container)) continue
    if (container.state?.running === undefined) return judgeContainer(container, around.now)
    const note = around.waitNote(pod)
    const since = secondsSince(container.state.running.startedAt, around.now)
    return waiting(`waits in init container ${container.name}: ${note ?? `${since} s`}`)
  }
  return undefined
}

const isSidecar = (pod: Pod, { name }: ContainerStatus): boolean =>
  pod.spec?.initContainers?.some((container) => container.name === name && container.restartPolicy === 'Always') ===
  true

function judgeMain(pod: Pod, now: number): Readiness | undefined {
  const judged = (pod.status?.containerStatuses ?? []).map((container) => judgeContainer(container, now))
  return judged.find(({ state }) => state === 'failed') ?? judged.find(({ state }) => state === 'waiting')
}

function judgeFailed(pod: Pod, now: number): Readiness {
  const trouble = troubledContainer(pod)
  const { reason, message } = pod.status ?? {}
  if (trouble !== undefined) return failed(judgeContainer(trouble.status, now).reason)
  return failed(`has failed${reason === undefined ? '' : `: ${reason}`}${message === undefined ? '' : ` (${message})`}`)
}
