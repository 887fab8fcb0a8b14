/** Applies one unit: early objects, secrets, the rest, then the wait, then its action. */
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../errors/index.ts'
import { type Kube, KubeError, type KubeObject, keyOf, refOf, type Store, subjectOf } from '../kube/index.ts'
import type { Unit } from '../render/index.ts'
import { type Actions, actionOf } from './actions.ts'
import { type Change, changeEvent, stepVersion } from './change.ts'
import type { ChangeAction, Emit } from './events.ts'
import { planObject } from './plan.ts'
import { replace } from './replace.ts'
import { ensureSecret, type Generate, secretRef } from './secrets.ts'
import { type Awaited, untilReady } from './wait.ts'

export interface UnitContext {
  readonly kube: Kube
  readonly store: Store
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly actions: Actions
  readonly generate: Generate
  /** Planned changes by `keyOf`. */
  readonly planned: ReadonlyMap<string, Change>
  /** Steps that cannot be observed run only then. */
  readonly runUnobserved: boolean
  /** Counts what was done. */
  readonly done: (action: ChangeAction) => void
  /** Takes what is left to somebody. */
  readonly left: (note: string) => void
}

/** What others in the same unit live in or refer to comes first; what runs comes last. */
const phases = [
  ['Namespace', 'CustomResourceDefinition', 'PriorityClass', 'StorageClass'],
  'secrets',
  ['*'],
  ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod'],
] as const

/** Resolves with a sentence when the unit is done. */
export async function applyUnit(unit: Unit, context: UnitContext): Promise<string | undefined> {
  const awaited: Awaited[] = []
  for (const phase of phases) {
    context.signal.throwIfAborted()
    if (phase === 'secrets') {
      // One after the other: a certificate needs its CA.
      for (const secret of unit.secrets) await applySecret(unit, secret, context)
      continue
    }
    const objects = unit.objects.filter((object) => phaseOf(object) === phase)
    const applied = await Promise.all(objects.map((object) => applyObject(unit, object, context)))
    const waited = applied.map((object) => ({ ref: refOf(object), resourceVersion: object.metadata.resourceVersion }))
    // What others live in must be there, not only be wished for.
    if (phase === phases[0]) await untilReady(waited, waitOptions(unit, context))
    else awaited.push(...waited)
  }
  for (const note of await untilReady(awaited, waitOptions(unit, context))) context.left(note)
  return await runAction(unit, context)
}

function waitOptions(unit: Unit, { kube, store, signal, emit }: UnitContext) {
  const onReason = (reason: string): void =>
    emit({ type: 'unit', unit: unit.id, group: groupOfUnit(unit), state: 'waiting', reason })
  return { unit: unit.id, kube, store, signal, timeoutSeconds: unit.timeoutSeconds, onReason }
}

export function groupOfUnit(unit: Unit): string {
  return unit.id.split('/')[0] ?? unit.id
}

function phaseOf(object: KubeObject): (typeof phases)[number] {
  return phases.find((phase) => phase !== 'secrets' && (phase as readonly string[]).includes(object.kind)) ?? phases[2]
}

async function applySecret(
  unit: Unit,
  secret: Unit['secrets'][number],
  { planned, kube, generate, done, emit }: UnitContext,
): Promise<void> {
  const ref = secretRef(secret)
  if (planned.get(keyOf(ref))?.action === 'unchanged') return done('unchanged')
  const action = await ensureSecret(secret, kube, generate)
  done(action)
  emit(changeEvent({ unit: unit.id, action, ref, reasons: [], diff: [], drift: false }, false))
}

/** Returns the object as the server holds it now. */
async function applyObject(unit: Unit, desired: KubeObject, context: UnitContext): Promise<KubeObject> {
  const { planned, kube, signal, done, emit } = context
  const change = planned.get(keyOf(refOf(desired)))
  if (change === undefined)
    throw new CroqueError('internal', { what: `${subjectOf(refOf(desired))} is not in the plan` })
  if (change.action === 'unchanged' && change.live !== undefined) {
    done('unchanged')
    return change.live
  }
  const applied =
    change.action === 'replaced' || (change.reasons.length > 0 && change.action === 'created')
      ? await replace(desired, change.live, kube, signal)
      : await put(unit, desired, change, context)
  done(change.action)
  emit(changeEvent(change, false))
  return applied
}

/** Applies without force unless the plan showed whose fields are taken back; a conflict that came up since is shown first. */
async function put(
  unit: Unit,
  desired: KubeObject,
  change: Change,
  { kube, signal, emit }: UnitContext,
): Promise<KubeObject> {
  try {
    return await applySoon(kube, desired, { force: change.drift, signal })
  } catch (error) {
    if (!(error instanceof KubeError) || error.conflicts.length === 0) throw error
    const now = await planObject(unit.id, desired, { ours: new Map(), missingNamespaces: new Set() }, kube, signal)
    emit(
      changeEvent(
        {
          ...now,
          reasons: error.conflicts.map(({ manager, field }) => `${manager} changed ${field.replace(/^\./, '')}`),
        },
        true,
      ),
    )
    return (await kube.apply(desired, { force: true, signal })).object
  }
}

/** What an object refers to, such as the role that it binds, may be written already and not yet be seen by the API server: that is answered with 404. */
async function applySoon(
  kube: Kube,
  desired: KubeObject,
  options: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<KubeObject> {
  for (let tries = 1; ; tries += 1) {
    try {
      return (await kube.apply(desired, options)).object
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 404 || tries === 20) throw error
      await sleep(250, undefined, { signal: options.signal })
    }
  }
}

async function runAction(
  unit: Unit,
  { actions, planned, runUnobserved, signal, done, emit }: UnitContext,
): Promise<string | undefined> {
  const action = actionOf(unit, actions)
  if (action === undefined) return undefined
  const change = [...planned.values()].find(({ ref, unit: id }) => ref.apiVersion === stepVersion && id === unit.id)
  if (change?.action === 'unchanged') {
    done('unchanged')
    return undefined
  }
  if (action.observe === undefined && !runUnobserved) return 'nothing has changed since it last succeeded'
  const say = (message: string): void =>
    emit({ type: 'unit', unit: unit.id, group: groupOfUnit(unit), state: 'running', message })
  const outcome = await bounded(unit, signal, (stop) => action.run(say, stop))
  if (change !== undefined) {
    done(outcome.action)
    emit(changeEvent({ ...change, action: outcome.action, reasons: [] }, false))
  }
  return outcome.message
}

/** Gives the work a signal that also aborts when the unit's time is up. */
async function bounded<T>(unit: Unit, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(unit.timeoutSeconds * 1000)
  const both = AbortSignal.any([signal, limit])
  const cut = new Promise<never>((_, reject) =>
    both.addEventListener('abort', () => reject(both.reason instanceof Error ? both.reason : new Error('aborted')), {
      once: true,
    }),
  )
  try {
    return await Promise.race([work(both), cut])
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error
    throw new CroqueError('unit-timeout', {
      what: `${unit.id} was not done within ${unit.timeoutSeconds} s`,
      why: String(error),
      cause: error,
    })
  }
}
