/** Plan: what is desired, asked of the server as a dry run, against what is observed. Writes nothing. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createGraph, type Graph, topologicalOrder } from '../dag/index.ts'
import { CroqueError } from '../errors/index.ts'
import { judge, type Kube, KubeError, type KubeObject, keyOf, refOf, subjectOf } from '../kube/index.ts'
import type { GeneratedSecret, Rendering, Unit } from '../render/index.ts'
import type { Actions } from './actions.ts'
import { leftOver } from './by-hand.ts'
import { type Change, type Plan, planOf, stepVersion } from './change.ts'
import { diffDesired, diffObjects } from './compare.ts'
import { otherWriters } from './drift.ts'
import { refuseLoss } from './keep-data.ts'
import { eachOf } from './limit.ts'
import { type Observed, observe } from './observe.ts'
import { superfluous } from './prune.ts'
import { rollsOut, withoutHashes } from './rollout.ts'
import { missingKeys, secretRef } from './secrets.ts'

export interface PlanOptions {
  /** Content and verification steps by name. Steps with `observe` are asked when all they need is unchanged. */
  readonly actions?: Actions
  readonly signal?: AbortSignal
}

/** Dry runs in flight at once. */
const width = 16

export async function plan(rendering: Rendering, kube: Kube, options: PlanOptions = {}): Promise<Plan> {
  const graph = graphOf(rendering)
  const observed = await observe(rendering, kube, options.signal)
  const units = topologicalOrder(graph).map((id) => unitOf(graph, id))
  const work = units.flatMap((unit) => unit.objects.map((object) => ({ unit, object })))
  const problems: string[] = []
  const planned = await eachOf(work, width, ({ unit, object }) =>
    planObject(unit.id, object, observed, kube, options.signal).catch((error: unknown) => {
      if (!(error instanceof KubeError) || error.code !== 'kube-invalid') throw error
      problems.push(`${unit.id}: ${subjectOf(refOf(object))}: ${error.why}`)
      return undefined
    }),
  )
  if (problems.length > 0)
    throw new CroqueError('kube-invalid', {
      what: `The API server refuses ${problems.length} of ${work.length} objects`,
      why: problems.toSorted().join('\n'),
    })
  const secrets = await eachOf(
    units.flatMap((unit) => unit.secrets.map((secret) => ({ unit, secret }))),
    width,
    ({ unit, secret }) => planSecret(unit.id, secret, observed, kube),
  )
  const objects = [...secrets, ...planned].filter((change) => change !== undefined)
  const steps = await planSteps(units, graph, objects, options.actions ?? {})
  const place = new Map(units.map((unit, index) => [unit.id, index]))
  const inOrder = [...objects, ...steps].sort((a, b) => (place.get(a.unit ?? '') ?? 0) - (place.get(b.unit ?? '') ?? 0))
  const all = [...inOrder, ...superfluous(rendering, observed)]
  refuseLoss(rendering, all)
  return planOf(all)
}

export function graphOf(rendering: Rendering): Graph<Unit> {
  return createGraph(rendering.units.map((unit) => ({ id: unit.id, value: unit, needs: unit.needs })))
}

function unitOf(graph: Graph<Unit>, id: string): Unit {
  const node = graph.nodes.get(id)
  if (node === undefined) throw new TypeError(`no unit ${id}`)
  return node.value
}

/** Plans one object. Throws a {@link KubeError} when the server finds the object wrong. */
export async function planObject(
  unit: string,
  desired: KubeObject,
  observed: Observed,
  kube: Kube,
  signal?: AbortSignal,
): Promise<Change> {
  const ref = refOf(desired)
  const stop = signal === undefined ? {} : { signal }
  const created: Change = { unit, action: 'created', ref, reasons: [], diff: [], drift: false }
  const away = observed.missingNamespaces.has(desired.kind === 'Namespace' ? ref.name : (ref.namespace ?? ''))
  if (away) return created
  const live = observed.ours.get(keyOf(ref)) ?? (await kube.get(ref, stop).catch(undefinedIfUnknownKind))
  if (live?.metadata.deletionTimestamp !== undefined)
    return { ...created, reasons: ['the present one is being deleted'] }
  if (live !== undefined && hasFailedForGood(live))
    return { ...created, action: 'replaced', reasons: ['its last run failed'], live }
  try {
    const answer = await kube.apply(desired, { dryRun: true, force: true, ...stop })
    if (answer.created || live === undefined) return created
    return configuredOrNot(unit, live, answer.object)
  } catch (error) {
    if (
      live === undefined &&
      error instanceof CroqueError &&
      ['kube-unknown-kind', 'kube-not-found'].includes(error.code)
    )
      return created
    if (live === undefined || !(error instanceof KubeError) || !error.immutable || keeps(desired)) throw error
    return {
      ...created,
      action: 'replaced',
      reasons: ['a field that cannot be changed differs'],
      diff: withoutHashes(diffDesired(live, desired)),
      live,
    }
  }
}

function configuredOrNot(unit: string, live: KubeObject, after: KubeObject): Change {
  const diff = diffObjects(live, after)
  if (diff.length === 0) return { unit, action: 'unchanged', ref: refOf(after), reasons: [], diff, drift: false, live }
  const writers = otherWriters(live, diff, 'croque')
  const reasons = [
    ...[...writers].map(([manager, paths]) => `${manager} changed ${paths.join(', ')}`),
    ...rollsOut(after, diff),
    ...leftOver(after, diff),
  ]
  const told = withoutHashes(diff)
  return { unit, action: 'configured', ref: refOf(after), reasons, diff: told, drift: writers.size > 0, live }
}

/** A Job that gave up never runs again by itself. */
function hasFailedForGood(live: KubeObject): boolean {
  if (live.kind !== 'Job') return false
  return (
    judge(live, { now: 0, pods: () => [], waitNote: () => undefined, mountNote: () => undefined }).state === 'failed'
  )
}

/** Never deleted, not even to be made anew: they hold data. */
function keeps(object: KubeObject): boolean {
  return ['PersistentVolumeClaim', 'Namespace', 'CustomResourceDefinition'].includes(object.kind)
}

function undefinedIfUnknownKind(error: unknown): undefined {
  if (error instanceof CroqueError && error.code === 'kube-unknown-kind') return undefined
  throw error
}

async function planSecret(unit: string, secret: GeneratedSecret, observed: Observed, kube: Kube): Promise<Change> {
  const ref = secretRef(secret)
  const change = { unit, ref, reasons: [], drift: false }
  if (observed.missingNamespaces.has(secret.namespace)) return { ...change, action: 'created', diff: [] }
  const live = observed.ours.get(keyOf(ref)) ?? (await kube.get(ref))
  if (live === undefined) return { ...change, action: 'created', diff: [] }
  const missing = missingKeys(secret, live)
  if (missing.length === 0) return { ...change, action: 'unchanged', diff: [], live }
  const data = (live['data'] ?? {}) as Readonly<Record<string, string>>
  const renewed = missing.filter((key) => data[`${key}.crt`] !== undefined)
  return {
    ...change,
    action: 'configured',
    reasons: renewed.map((key) => `the certificate ${key} ends soon, or other names are wanted`),
    diff: missing.map((key) => ({
      path: `data.${key}`,
      before: renewed.includes(key) ? '(generated)' : undefined,
      after: '(generated anew)',
    })),
    live,
  }
}

/** Steps are observed only when all that they need, however far, is there: otherwise nobody answers yet. */
async function planSteps(
  units: readonly Unit[],
  graph: Graph<Unit>,
  objects: readonly Change[],
  actions: Actions,
): Promise<readonly Change[]> {
  const standing = new Map<string, Promise<Standing>>()
  const changes: Change[] = []
  for (const unit of units) {
    const needs = (graph.nodes.get(unit.id)?.needs ?? []).map(
      (need) => standing.get(need) ?? Promise.resolve<Standing>('settled'),
    )
    const stand = async (): Promise<Standing> => {
      const here = worst([
        ...(await Promise.all(needs)),
        standingOf(objects.filter((change) => change.unit === unit.id)),
      ])
      const observe = unit.action === undefined ? undefined : actions[unit.action.name]?.observe
      if (observe === undefined) return here
      const change =
        here === 'missing'
          ? stepChange(unit, 'created', ['what it needs is made first'])
          : await observeStep(unit, observe, here)
      changes.push(change)
      return worst([here, change.action === 'created' ? 'missing' : 'settled'])
    }
    standing.set(unit.id, stand())
  }
  await Promise.all(standing.values())
  return changes
}

/** How a unit and all that it needs stands: as wished, there but about to change, or not all there. */
type Standing = 'settled' | 'changing' | 'missing'

const worst = (all: readonly Standing[]): Standing =>
  (['missing', 'changing'] as const).find((standing) => all.includes(standing)) ?? 'settled'

const servers = ['Deployment', 'StatefulSet', 'DaemonSet', 'Service', 'Namespace']

function standingOf(changes: readonly Change[]): Standing {
  if (changes.some(({ action, ref }) => action === 'created' && servers.includes(ref.kind))) return 'missing'
  return changes.every(({ action }) => action === 'unchanged') ? 'settled' : 'changing'
}

/** What is about to change may not answer any more; nobody waits for that. */
const changingLimit = 5000

async function observeStep(
  unit: Unit,
  observeAction: () => Promise<Change['action']>,
  standing: Standing,
): Promise<Change> {
  try {
    const observed = observeAction()
    return stepChange(unit, await (standing === 'settled' ? observed : withinLimit(observed)), [])
  } catch (error) {
    return stepChange(unit, 'configured', [
      `it cannot be looked at now: ${error instanceof Error ? error.message : String(error)}`,
    ])
  }
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  const limit = new AbortController()
  const late = sleep(changingLimit, undefined, { signal: limit.signal }).then((): never => {
    throw new Error(`no answer within ${changingLimit / 1000} s`)
  })
  late.catch(() => undefined)
  work.catch(() => undefined)
  return await Promise.race([work, late]).finally(() => limit.abort())
}

function stepChange(unit: Unit, action: Change['action'], reasons: readonly string[]): Change {
  const ref = { apiVersion: stepVersion, kind: unit.kind === 'verify' ? 'Verification' : 'Content', name: unit.id }
  return { unit: unit.id, action, ref, reasons, diff: [], drift: false }
}
