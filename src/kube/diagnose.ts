/** Finds out why an object is not ready: the Pod, its container, exit code, last log lines and the warnings about it. */
import type { Kube } from './client.ts'
import { readableLine } from './log-line.ts'
import type { KubeObject } from './object.ts'
import { isForeign, judge, type Surroundings, troubledContainer } from './ready/index.ts'
import { refOf, subjectOf } from './ref.ts'

export interface Diagnosis {
  /** Several lines: the reason, the warnings, the last log lines. */
  readonly why: string
  /** What to look at next: arguments for `kubectl`, without the program. */
  readonly look: readonly string[]
}

const logLines = 15

/** Never throws because a detail cannot be read: then it is left out. */
export async function diagnose(kube: Kube, object: KubeObject, around: Surroundings): Promise<Diagnosis> {
  const subject = subjectOf(refOf(object))
  const readiness = judge(object, around)
  const pod = object.kind === 'Pod' ? object : worstPod(object, around)
  const warnings = await warningsOf(kube, pod ?? object)
  if (pod === undefined) {
    return {
      why: [`${subject}: ${readiness.reason}`, ...warnings].join('\n'),
      look: ['describe', object.kind.toLowerCase(), object.metadata.name],
    }
  }
  const log = await lastLog(kube, pod)
  const why = [`${subject}: ${readiness.reason}`, containerLine(pod), ...warnings, ...log].filter(
    (line) => line !== undefined,
  )
  return { why: why.join('\n'), look: ['describe', 'pod', pod.metadata.name] }
}

function worstPod(object: KubeObject, around: Surroundings): KubeObject | undefined {
  const labels = selectorOf(object)
  if (labels === undefined) return undefined
  const pods = [...around.pods(object.metadata.namespace, labels)]
    .filter((pod) => !isForeign(pod, object))
    .sort((a, b) => newerFirst(a, b))
  const judged = pods.map((pod) => ({ pod, state: judge(pod, around).state }))
  return (
    judged.find(({ state }) => state === 'failed') ??
    judged.find(({ state }) => state === 'waiting') ??
    judged[0]
  )?.pod
}

function selectorOf(object: KubeObject): Readonly<Record<string, string>> | undefined {
  if (object.kind === 'Job') return { 'batch.kubernetes.io/job-name': object.metadata.name }
  return (object as { spec?: { selector?: { matchLabels?: Record<string, string> } } }).spec?.selector?.matchLabels
}

function newerFirst(a: KubeObject, b: KubeObject): number {
  return Date.parse(b.metadata.creationTimestamp ?? '') - Date.parse(a.metadata.creationTimestamp ?? '')
}

function containerLine(pod: KubeObject): string | undefined {
  const trouble = troubledContainer(pod)
  if (trouble === undefined) return `Pod ${pod.metadata.name}`
  const end = trouble.status.state?.terminated ?? trouble.status.lastState?.terminated
  const exit =
    end === undefined ? '' : `, exit code ${end.exitCode}${end.reason === undefined ? '' : ` (${end.reason})`}`
  return `Pod ${pod.metadata.name}, ${trouble.init ? 'init container' : 'container'} ${trouble.status.name}${exit}, ${trouble.status.restartCount ?? 0} restarts`
}

async function lastLog(kube: Kube, pod: KubeObject): Promise<readonly string[]> {
  const trouble = troubledContainer(pod)
  if (trouble === undefined || pod.metadata.namespace === undefined) return []
  const { status } = trouble
  // A container between two runs has only the log of the run before.
  const previous = status.state?.running !== undefined && status.lastState?.terminated !== undefined
  for (const which of previous ? [true, false] : [false, true]) {
    const lines = await readLog(
      kube,
      { namespace: pod.metadata.namespace, name: pod.metadata.name },
      status.name,
      which,
    )
    if (lines.length > 0)
      return [
        `last lines of its log${which ? ' before the restart' : ''}:`,
        ...lines.map((line) => `  ${readableLine(line)}`),
      ]
  }
  return []
}

async function readLog(
  kube: Kube,
  pod: { namespace: string; name: string },
  container: string,
  previous: boolean,
): Promise<readonly string[]> {
  const lines: string[] = []
  try {
    const signal = AbortSignal.timeout(5000)
    for await (const line of kube.logs(pod, { container, tail: logLines, previous, signal })) lines.push(line)
  } catch {
    // No such run, or the node does not answer: the other details must do.
  }
  return lines.slice(-logLines)
}

interface Warning extends KubeObject {
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly lastTimestamp?: string
}

async function warningsOf(kube: Kube, object: KubeObject): Promise<readonly string[]> {
  const { namespace, uid } = object.metadata
  if (namespace === undefined || uid === undefined) return []
  const fieldSelector = `involvedObject.uid=${uid},type=Warning`
  const listed = await kube
    .list({ apiVersion: 'v1', kind: 'Event' }, { namespace, fieldSelector })
    .catch(() => undefined)
  const warnings = (listed?.items ?? []) as readonly Warning[]
  return warnings
    .toSorted((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''))
    .slice(-3)
    .map(
      (event) =>
        `warning ${event.reason ?? ''}: ${event.message ?? ''}${(event.count ?? 1) > 1 ? ` (${event.count} times)` : ''}`,
    )
}
