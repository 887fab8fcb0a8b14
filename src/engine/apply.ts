/** Apply: walks the graph of units with everything ready at once in flight. */
import { randomUUID } from 'node:crypto'
import { type Outcome, walk } from '../dag/index.ts'
import { CroqueError } from '../errors/index.ts'
import { createStore, type Kube, keyOf } from '../kube/index.ts'
import type { Rendering, Unit } from '../render/index.ts'
import type { Actions } from './actions.ts'
import { type Change, changeEvent, countChanges, type Plan } from './change.ts'
import type { ChangeAction, ChangeCounts, Emit } from './events.ts'
import { generateValues } from './generate.ts'
import { acquireLock, type Lock, leftUnfinished } from './lock.ts'
import { graphOf, plan as makePlan } from './plan.ts'
import { problemOf } from './reporter.ts'
import type { Generate } from './secrets.ts'
import { applyUnit, groupOfUnit, type UnitContext } from './unit.ts'

export interface ApplyOptions {
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly actions?: Actions
  /** What {@link makePlan} returned a moment ago; made when absent. */
  readonly plan?: Plan
  /** Makes the values of generated Secrets. @default with `pki` */
  readonly generate?: Generate
  /** Who runs, for the lock. @default a random name */
  readonly holder?: string
  /** Kinds of units that are left out; a run that did something without them counts as unfinished, so that the next one makes up for it. */
  readonly without?: readonly Unit['kind'][]
  /** How long to wait for another run on the same cloud, seconds. @default 900 */
  readonly lockSeconds?: number
}

export interface ApplyResult {
  /** Everything desired is there and ready. */
  readonly ok: boolean
  readonly changes: ChangeCounts
  /** Ids of units that failed themselves; those skipped because of them are not among them. */
  readonly failed: readonly string[]
  /** What is ready and yet left to somebody, a sentence each: Pods that guests live on keep their old template until they are deleted. */
  readonly left: readonly string[]
}

/**
 * Makes the underlay as rendered. Failures of units are events and in the result; throws `interrupted` when the signal aborted,
 * and what concerns the whole (no API server, another run, a rendering that the server refuses).
 * With nothing to change it only waits for readiness and writes nothing at all.
 */
export async function apply(whole: Rendering, kube: Kube, options: ApplyOptions): Promise<ApplyResult> {
  const { emit, signal, actions = {}, without = [] } = options
  const rendering = { ...whole, units: whole.units.filter(({ kind }) => !without.includes(kind)) }
  const planning = { actions, signal }
  const [first, unfinished] = await Promise.all([
    options.plan ?? makePlan(rendering, kube, planning),
    leftUnfinished(kube, rendering),
  ])
  if (first.empty && !unfinished) return await run(rendering, kube, first, options, undefined)
  const lock = await acquireLock(kube, rendering, {
    holder: options.holder ?? randomUUID(),
    signal,
    waitSeconds: options.lockSeconds ?? 900,
    onWait: (holder) =>
      emit({
        type: 'notice',
        level: 'info',
        message: `Another run (${holder}) is at work on this cloud; waiting for it to end`,
      }),
  })
  let finished = false
  try {
    const plan = lock.waited ? await makePlan(rendering, kube, planning) : first
    const result = await run(rendering, kube, plan, options, lock)
    finished = result.ok && rendering.units.length === whole.units.length
    return result
  } finally {
    await lock.release(finished)
  }
}

async function run(
  rendering: Rendering,
  kube: Kube,
  plan: Plan,
  options: ApplyOptions,
  lock: Lock | undefined,
): Promise<ApplyResult> {
  const { emit, actions = {}, generate = generateValues } = options
  const ended = new AbortController()
  const signal = AbortSignal.any([options.signal, ...(lock === undefined ? [] : [lock.lost])])
  const store = createStore(kube, { signal: AbortSignal.any([signal, ended.signal]), now: () => Date.now() })
  const actionsDone: ChangeAction[] = []
  const done = (action: ChangeAction): void => void actionsDone.push(action)
  announce(plan, emit)
  const planned = new Map(plan.changes.map((change) => [keyOf(change.ref), change]))
  const left: string[] = []
  const context = {
    ...{ kube, store, emit, signal, actions, generate, planned, done },
    left: (note: string): void => void left.push(note),
    runUnobserved: lock !== undefined,
  }
  try {
    const outcomes = await walkUnits(rendering, context)
    if (signal.aborted) throw interrupted(lock, outcomes)
    const failed = [...outcomes].filter(([, outcome]) => outcome.state === 'failed').map(([id]) => id)
    if (failed.length === 0) await deleteSuperfluous(plan, context)
    return { ok: failed.length === 0, changes: countChanges(actionsDone), failed, left }
  } finally {
    ended.abort()
  }
}

/** Shows beforehand what takes something away: the rest is told when it is done. */
function announce(plan: Plan, emit: Emit): void {
  const takesAway = (change: Change): boolean =>
    change.drift || change.action === 'replaced' || change.action === 'deleted'
  for (const change of plan.changes.filter(takesAway)) emit(changeEvent(change, true))
}

async function walkUnits(rendering: Rendering, context: UnitContext): Promise<ReadonlyMap<string, Outcome>> {
  const { emit, signal } = context
  const about = (unit: Unit) => ({ type: 'unit', unit: unit.id, group: groupOfUnit(unit) }) as const
  for (const unit of rendering.units) emit({ ...about(unit), state: 'pending', needs: unit.needs })
  return await walk(graphOf(rendering), {
    signal,
    onSkip: (node, cause) => emit({ ...about(node.value), state: 'skipped', cause }),
    visit: async ({ value: unit }) => {
      emit({ ...about(unit), state: 'running' })
      try {
        const message = await applyUnit(unit, context)
        emit({ ...about(unit), state: 'done', ...(message === undefined ? {} : { message }) })
      } catch (error) {
        if (!signal.aborted) emit({ ...about(unit), state: 'failed', problem: problemOf(error) })
        throw error
      }
    },
  })
}

function interrupted(lock: Lock | undefined, outcomes: ReadonlyMap<string, Outcome>): CroqueError {
  if (lock?.lost.aborted === true && lock.lost.reason instanceof CroqueError) return lock.lost.reason
  const ready = [...outcomes.values()].filter((outcome) => outcome.state === 'done').length
  return new CroqueError('interrupted', {
    what: `Stopped with ${ready} of ${outcomes.size} parts done`,
    why: 'What was applied goes on starting by itself; nothing is half-written.',
    next: 'Run `./croque up` again; it goes on from here.',
  })
}

/** Last of all, when everything desired is ready: nothing that is still needed is taken away. */
async function deleteSuperfluous(plan: Plan, { kube, emit, signal, done }: UnitContext): Promise<void> {
  const doomed = plan.changes.filter((change) => change.action === 'deleted')
  await Promise.all(
    doomed.map(async (change) => {
      const uid = change.live?.metadata.uid
      await kube.delete(change.ref, { signal, ...(uid === undefined ? {} : { uid }) })
      done('deleted')
      emit(changeEvent(change, false))
    }),
  )
}
