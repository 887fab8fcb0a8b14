/** Status: every unit's state and reason at this moment. Reads only. */
import {
  groupOf,
  hasReadiness,
  judge,
  type KindRef,
  type Kube,
  type KubeObject,
  keyOf,
  mountReason,
  type Readiness,
  refOf,
  type Surroundings,
  waitReason,
} from '../kube/index.ts'
import type { Rendering, Unit } from '../render/index.ts'
import { stillLeft } from './by-hand.ts'
import { askHealth, type Health } from './health.ts'
import { listOurs } from './observe.ts'
import { secretRef } from './secrets.ts'

export interface UnitStatus {
  readonly unit: string
  readonly group: string
  readonly title: string
  /** `absent`: not applied yet, or only in part. Content and verification units have no state of their own and are left out. */
  readonly state: 'ready' | 'waiting' | 'failed' | 'absent'
  readonly reason: string
  /** What is ready and yet not as it shall be, and what mends it. */
  readonly notes: readonly string[]
  /** Where the catalog declares how to ask. */
  readonly health?: Health
}

export interface CloudStatus {
  readonly units: readonly UnitStatus[]
  readonly healthy: boolean
  /** One sentence. */
  readonly summary: string
}

export interface Snapshot {
  readonly objects: ReadonlyMap<string, KubeObject>
  readonly around: Surroundings
}

const pods: KindRef = { apiVersion: 'v1', kind: 'Pod' }
const events: KindRef = { apiVersion: 'v1', kind: 'Event' }
const secrets: KindRef = { apiVersion: 'v1', kind: 'Secret' }

export async function status(
  rendering: Rendering,
  kube: Kube,
  options: { readonly signal?: AbortSignal; readonly now?: number } = {},
): Promise<CloudStatus> {
  const snapshot = await takeSnapshot(rendering, kube, options)
  const pods = (labels: Readonly<Record<string, string>>) => snapshot.around.pods(rendering.namespace, labels)
  return summarise(rendering, snapshot, await askHealth(rendering, kube, pods, options.signal))
}

/** Pure: what a snapshot means for people. */
export function summarise(
  rendering: Rendering,
  snapshot: Snapshot,
  healths: ReadonlyMap<string, Health> = new Map(),
): CloudStatus {
  const units = rendering.units
    .filter((unit) => unit.objects.length + unit.secrets.length > 0)
    .map((unit) => withHealth(unitStatus(unit, snapshot), healths.get(unit.id)))
  const count = (state: UnitStatus['state']): number => units.filter((unit) => unit.state === state).length
  const ready = count('ready')
  const ill = units.filter(({ health }) => health?.state === 'error').map(({ unit }) => unit)
  const healthy = ready === units.length && ill.length === 0
  const others = (['failed', 'waiting', 'absent'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`)
  if (ill.length > 0) others.push(`${ill.join(', ')} not well`)
  return {
    units,
    healthy,
    summary: healthy
      ? `All ${units.length} parts are ready`
      : `${ready} of ${units.length} parts are ready, ${others.join(', ')}`,
  }
}

/** Nothing is said of what is not there. */
const withHealth = (status: UnitStatus, health: Health | undefined): UnitStatus =>
  health === undefined || status.state === 'absent' ? status : { ...status, health }

function unitStatus(unit: Unit, { objects, around }: Snapshot): UnitStatus {
  const about = { unit: unit.id, group: unit.id.split('/')[0] ?? unit.id, title: unit.title }
  const wanted = [...unit.secrets.map(secretRef), ...unit.objects.map(refOf)]
  const missing = wanted.filter((ref) => !objects.has(keyOf(ref)))
  const [first] = missing
  if (first !== undefined) {
    const reason = missing.length === wanted.length ? 'is not applied yet' : `${first.kind} ${first.name} is not there`
    return { ...about, state: 'absent', reason, notes: [] }
  }
  const judged = unit.objects.map((object) => {
    const live = objects.get(keyOf(refOf(object)))
    const readiness: Readiness = live === undefined ? { state: 'ready', reason: '' } : judge(live, around)
    return { object, readiness }
  })
  const notes = judged.flatMap(({ object, readiness: { note } }) =>
    note === undefined ? [] : [stillLeft(object, note)],
  )
  const worst =
    judged.find(({ readiness }) => readiness.state === 'failed') ??
    judged.find(({ readiness }) => readiness.state === 'waiting')
  if (worst !== undefined)
    return {
      ...about,
      state: worst.readiness.state,
      reason: `${worst.object.kind} ${worst.object.metadata.name}: ${worst.readiness.reason}`,
      notes,
    }
  const telling = judged.findLast(({ object }) => hasReadiness(object) && object.kind !== 'Service')
  return { ...about, state: 'ready', reason: telling?.readiness.reason ?? 'exists', notes }
}

async function takeSnapshot(
  rendering: Rendering,
  kube: Kube,
  { signal, now = Date.now() }: { readonly signal?: AbortSignal; readonly now?: number },
): Promise<Snapshot> {
  const stop = signal === undefined ? {} : { signal }
  const rendered = new Map<string, KindRef>()
  for (const { apiVersion, kind } of [...rendering.units.flatMap((unit) => unit.objects), secrets])
    rendered.set(`${groupOf({ apiVersion, kind })}/${kind}`, { apiVersion, kind })
  const { namespace } = rendering
  const [lists, podList, waits, mounts] = await Promise.all([
    Promise.all([...rendered.values()].map((kind) => listOurs(rendering, kube, kind, signal))),
    kube.list(pods, { namespace, ...stop }),
    kube.list(events, { namespace, fieldSelector: `reason=${waitReason}`, ...stop }),
    kube.list(events, { namespace, fieldSelector: `reason=${mountReason}`, ...stop }),
  ])
  const [waitNotes, mountNotes] = [notesOf(waits.items), notesOf(mounts.items)]
  return {
    objects: new Map(lists.flat().map((object) => [keyOf(refOf(object)), object])),
    around: {
      now,
      pods: (_, labels) =>
        podList.items.filter((pod) =>
          Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value),
        ),
      waitNote: (pod) => waitNotes.get(pod.metadata.uid),
      mountNote: (pod) => mountNotes.get(pod.metadata.uid),
    },
  }
}

/** Messages of Events by the uid of what they are about. */
const notesOf = (found: readonly KubeObject[]): ReadonlyMap<string | undefined, string | undefined> =>
  new Map(
    (found as readonly (KubeObject & { involvedObject?: { uid?: string }; message?: string })[]).map((event) => [
      event.involvedObject?.uid,
      event.message,
    ]),
  )
