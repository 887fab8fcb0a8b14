/** Plan: what `apply` would do, by asking the API server (server-side dry run) and changing nothing. */
import { type Kube, KubeError, type KubeObject, type KindRef, keyOf, refOf } from '../kube/index.ts'
import type { Rendering, Unit } from '../render/index.ts'
import { diffObjects } from './diff.ts'
import type { ChangeAction, ChangeCounts, Subject } from './events.ts'
import { secretAction } from './secrets.ts'

export interface PlannedChange {
  /** Unit that the object belongs to; undefined for what is deleted. */
  readonly unit: string | undefined
  readonly action: ChangeAction
  readonly subject: Subject
  readonly reason?: string
  readonly diff?: readonly string[]
  /** The object as desired, or, to be deleted, as observed. Undefined for generated Secrets and actions. */
  readonly object?: KubeObject
  /** The object as observed. */
  readonly live?: KubeObject
}

export interface Plan {
  /** In the order of the units; deletions last. */
  readonly changes: readonly PlannedChange[]
  readonly counts: ChangeCounts
}

export interface PlanOptions {
  readonly signal: AbortSignal
  /** Says without writing what the action of a unit would do. */
  readonly observe?: (action: string) => Promise<ChangeAction | undefined>
}

/** Requests in flight; more makes a small API server no faster. */
const parallel = 12

export async function plan(rendering: Rendering, kube: Kube, options: PlanOptions): Promise<Plan> {
  const { signal } = options
  const observed = await observe(rendering, kube, signal)
  const namespaces = new Set((await kube.list({ apiVersion: 'v1', kind: 'Namespace' }, { signal })).items.map(({ metadata }) => metadata.name))
  const exists = (namespace: string | undefined): boolean => namespace === undefined || namespaces.has(namespace)
  const jobs = rendering.units.flatMap((unit) => [
    ...unit.secrets.map((secret) => async (): Promise<PlannedChange> => {
      const live = exists(secret.namespace) ? await kube.get({ apiVersion: 'v1', kind: 'Secret', name: secret.name, namespace: secret.namespace }, { signal }) : undefined
      return { unit: unit.id, action: secretAction(secret, live), subject: { kind: 'Secret', namespace: secret.namespace, name: secret.name } }
    }),
    ...unit.objects.map((object) => async () => await planObject(kube, unit, object, observed.get(keyOf(refOf(object))), exists(object.metadata.namespace), signal)),
    ...(unit.action === undefined || options.observe === undefined ? [] : [async () => await planAction(unit, options.observe)]),
  ])
  const changes = (await inParallel(jobs)).filter((change) => change !== undefined)
  const all = [...changes, ...deletions(rendering, observed)]
  return { changes: all, counts: countChanges(all) }
}

async function planAction(unit: Unit, observe: PlanOptions['observe']): Promise<PlannedChange | undefined> {
  const action = await observe?.(unit.action?.name ?? unit.id)
  return action === undefined ? undefined : { unit: unit.id, action, subject: { kind: unit.kind, name: unit.id } }
}

async function planObject(kube: Kube, unit: Unit, object: KubeObject, known: KubeObject | undefined, namespaceExists: boolean, signal: AbortSignal): Promise<PlannedChange> {
  const subject = subjectFor(object)
  const base = { unit: unit.id, subject, object }
  if (!namespaceExists) return { ...base, action: 'created' }
  const asked = await dryRun(kube, object, signal)
  if (asked.immutable) return { ...base, action: 'replaced', reason: asked.reason, ...(known === undefined ? {} : { live: known }) }
  if (asked.created) return { ...base, action: 'created' }
  const live = known ?? (await kube.get(refOf(object), { signal }))
  if (live === undefined) return { ...base, action: 'created' }
  const diff = diffObjects(live, asked.object)
  if (diff.length === 0) return { ...base, action: 'unchanged', live }
  return { ...base, action: 'configured', live, diff, ...(asked.reason === undefined ? {} : { reason: asked.reason }) }
}

type DryRun =
  | { readonly immutable: false; readonly created: boolean; readonly object: KubeObject; readonly reason: string | undefined }
  | { readonly immutable: true; readonly reason: string }

async function dryRun(kube: Kube, object: KubeObject, signal: AbortSignal): Promise<DryRun> {
  try {
    return { immutable: false, reason: undefined, ...(await kube.apply(object, { dryRun: true, signal })) }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    if (error.immutable) return { immutable: true, reason: error.answer.message ?? 'a field that cannot change' }
    if (error.conflicts.length === 0) throw error
    const who = [...new Set(error.conflicts.map(({ manager }) => manager))].join(', ')
    const fields = error.conflicts.map(({ field }) => field).join(', ')
    return { immutable: false, reason: `${who} has changed ${fields}`, ...(await kube.apply(object, { dryRun: true, force: true, signal })) }
  }
}

/** Kinds of everything rendered, and those an earlier version may have rendered. */
const ownKinds: readonly KindRef[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
]

/** Never deleted by a plan: they hold what cannot be made again. */
const precious = new Set(['PersistentVolumeClaim', 'Secret', 'Namespace'])

async function observe(rendering: Rendering, kube: Kube, signal: AbortSignal): Promise<ReadonlyMap<string, KubeObject>> {
  const labelSelector = Object.entries(rendering.ownLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const lists = await inParallel(ownKinds.map((kind) => async () => (await kube.list(kind, { labelSelector, signal })).items))
  return new Map(lists.flat().map((object) => [keyOf(refOf(object)), object]))
}

function deletions(rendering: Rendering, observed: ReadonlyMap<string, KubeObject>): readonly PlannedChange[] {
  const desired = new Set(rendering.units.flatMap((unit) => unit.objects.map((object) => keyOf(refOf(object)))))
  return [...observed]
    .filter(([key, object]) => !desired.has(key) && !precious.has(object.kind) && (object.metadata.ownerReferences ?? []).length === 0 && object.metadata.deletionTimestamp === undefined)
    .map(([, object]) => ({ unit: undefined, action: 'deleted', subject: subjectFor(object), reason: 'no longer part of the document', object, live: object }))
}

const subjectFor = (object: KubeObject): Subject => {
  const { name, namespace } = object.metadata
  return { kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }) }
}

export function countChanges(changes: readonly { readonly action: ChangeAction }[]): ChangeCounts {
  const counts = { created: 0, configured: 0, replaced: 0, deleted: 0, unchanged: 0 }
  for (const { action } of changes) counts[action] += 1
  return counts
}

/** Results in the order of the jobs. */
async function inParallel<T>(jobs: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const results = new Array<T>(jobs.length)
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < jobs.length; index = next++) {
      const job = jobs[index]
      if (job !== undefined) results[index] = await job()
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, jobs.length) }, worker))
  return results
}
