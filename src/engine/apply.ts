/** Apply: walks the graph with everything ready at once in flight; a unit is done when all that it made is ready. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createGraph, walk } from '../dag/index.ts'
import { CroqueError } from '../errors/index.ts'
import { createStore, hasReadiness, judge, type Kube, type KubeObject, refOf, type Store } from '../kube/index.ts'
import type { Rendering, Unit } from '../render/index.ts'
import type { ChangeAction, ChangeCounts, Emit } from './events.ts'
import { countChanges, type Plan, type PlannedChange, plan } from './plan.ts'
import { problemOf } from './reporter.ts'
import { ensureSecret } from './secrets.ts'
import { untilReady } from './wait.ts'

/** Work that is not a Kubernetes object. */
export interface Action {
  readonly run: (say: (message: string) => void) => Promise<{ readonly action: ChangeAction; readonly message: string }>
  /** Says without writing what `run` would do. */
  readonly observe?: () => Promise<ChangeAction>
}

export type Actions = Readonly<Record<string, Action>>

export interface ApplyRunOptions {
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly actions: Actions
  readonly now?: () => number
}

export interface ApplyResult {
  readonly ok: boolean
  readonly changes: ChangeCounts
}

/** Never rejects because of a unit: failures are events, and `ok` is false. */
export async function apply(rendering: Rendering, kube: Kube, options: ApplyRunOptions): Promise<ApplyResult> {
  const { emit, signal, now = Date.now } = options
  const planned = await plan(rendering, kube, { signal })
  const closing = new AbortController()
  const store = createStore(kube, { signal: AbortSignal.any([signal, closing.signal]), now })
  const done: { action: ChangeAction }[] = []
  const run: UnitRun = { kube, store, planned, done, ...options, now }
  for (const unit of rendering.units) emit({ type: 'unit', unit: unit.id, group: groupOf(unit), state: 'pending', needs: unit.needs })
  try {
    const graph = createGraph(rendering.units.map((unit) => ({ id: unit.id, value: unit, needs: unit.needs })))
    const outcomes = await walk(graph, {
      signal,
      visit: async (node) => await visit(node.value, run),
      onSkip: (node, cause) => emit({ type: 'unit', unit: node.id, group: groupOf(node.value), state: 'skipped', cause }),
    })
    const ok = [...outcomes.values()].every(({ state }) => state === 'done')
    if (ok) await prune(run)
    signal.throwIfAborted()
    return { ok, changes: countChanges(done) }
  } finally {
    closing.abort()
  }
}

interface UnitRun extends ApplyRunOptions {
  readonly kube: Kube
  readonly store: Store
  readonly planned: Plan
  readonly done: { action: ChangeAction }[]
  readonly now: () => number
}

const groupOf = (unit: Unit): string => unit.id.split('/')[0] ?? unit.id

async function visit(unit: Unit, run: UnitRun): Promise<void> {
  const { emit } = run
  const event = { type: 'unit', unit: unit.id, group: groupOf(unit) } as const
  emit({ ...event, state: 'running' })
  try {
    const message = await work(unit, run)
    emit({ ...event, state: 'done', ...(message === undefined ? {} : { message }) })
  } catch (error) {
    emit({ ...event, state: 'failed', problem: problemOf(error) })
    throw error
  }
}

async function work(unit: Unit, run: UnitRun): Promise<string | undefined> {
  const own = run.planned.changes.filter((change) => change.unit === unit.id)
  // What a Secret or an object stands in must be there first: the order of the unit's lists is the order of the work.
  for (const change of own.filter(({ object }) => object?.kind === 'Namespace')) await applyChange(change, run)
  for (const secret of unit.secrets) {
    const action = await ensureSecret(run.kube, secret, new Date(run.now()))
    told(run, { action, subject: { kind: 'Secret', namespace: secret.namespace, name: secret.name } })
  }
  const changes = own.filter(({ object }) => object !== undefined && object.kind !== 'Namespace')
  await Promise.all(changes.filter(({ object }) => !isWorkload(object)).map(async (change) => await applyChange(change, run)))
  await Promise.all(changes.filter(({ object }) => isWorkload(object)).map(async (change) => await applyChange(change, run)))
  await wait(unit, run)
  return await act(unit, run)
}

/** Workloads come after the ConfigMaps, claims and accounts that their Pods name. */
const isWorkload = (object: KubeObject | undefined): boolean => object !== undefined && ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'].includes(object.kind)

async function wait(unit: Unit, run: UnitRun): Promise<void> {
  const event = { type: 'unit', unit: unit.id, group: groupOf(unit), state: 'waiting' } as const
  let last = ''
  const say = (reason: string): void => {
    if (reason === last) return
    last = reason
    run.emit({ ...event, reason })
  }
  await untilReady(unit.objects, { kube: run.kube, store: run.store, signal: run.signal, timeoutSeconds: unit.timeoutSeconds, say, now: run.now, unit: unit.id })
}

async function act(unit: Unit, run: UnitRun): Promise<string | undefined> {
  if (unit.action === undefined) return undefined
  const action = run.actions[unit.action.name]
  if (action === undefined) throw new CroqueError('action-unknown', { what: `nothing is known by the name ${unit.action.name}` })
  const event = { type: 'unit', unit: unit.id, group: groupOf(unit), state: 'running' } as const
  const result = await action.run((message) => run.emit({ ...event, message }))
  told(run, { action: result.action, subject: { kind: unit.kind, name: unit.id } })
  return result.message
}

async function applyChange(change: PlannedChange, run: UnitRun): Promise<void> {
  const { object, action } = change
  if (object === undefined) return
  const failedJob = change.live !== undefined && object.kind === 'Job' && judge(change.live, run.store.surroundings()).state === 'failed'
  if (action === 'unchanged' && !failedJob) return told(run, change)
  if (action === 'replaced' || failedJob) await removeAndWait(change.live ?? object, run)
  // Forced: what others changed was shown by the plan, and `up` puts back what the document says.
  await run.kube.apply(object, { force: true, signal: run.signal })
  told(run, failedJob ? { ...change, action: 'replaced', reason: 'it had failed' } : change)
}

function told(run: UnitRun, change: Pick<PlannedChange, 'action' | 'subject' | 'reason' | 'diff'>): void {
  run.done.push({ action: change.action })
  if (change.action === 'unchanged') return
  const { action, subject, reason, diff } = change
  run.emit({ type: 'change', action, subject, planned: false, ...(reason === undefined ? {} : { reason }), ...(diff === undefined ? {} : { diff }) })
}

async function removeAndWait(object: KubeObject, { kube, signal }: UnitRun): Promise<void> {
  const ref = refOf(object)
  await kube.delete(ref, { propagation: 'Foreground', signal })
  while ((await kube.get(ref, { signal })) !== undefined) await sleep(300, undefined, { signal })
}

/** Last, when all that is desired is ready: what was ours and is no longer part of the document. */
async function prune(run: UnitRun): Promise<void> {
  for (const change of run.planned.changes.filter(({ action }) => action === 'deleted')) {
    if (change.object === undefined) continue
    const { uid } = change.object.metadata
    await run.kube.delete(refOf(change.object), { signal: run.signal, ...(uid === undefined ? {} : { uid }) })
    told(run, change)
  }
}

/** Whether a unit's objects are all ready right now, from a store that follows them; for `status`. */
export function readinessOf(unit: Unit, store: Store): { readonly ready: boolean; readonly reason: string } {
  const around = store.surroundings()
  for (const object of unit.objects.filter(hasReadiness)) {
    const live = store.get(refOf(object))
    if (live === undefined) return { ready: false, reason: `${object.kind} ${object.metadata.name} is not there` }
    const { state, reason } = judge(live, around)
    if (state !== 'ready') return { ready: false, reason }
  }
  return { ready: true, reason: 'is ready' }
}
