/** Waits until objects are ready, looking only into the shared store, and says why whenever that changes. */
import { CroqueError } from '../errors/index.ts'
import {
  diagnose,
  hasReadiness,
  judge,
  type Kube,
  type KubeObject,
  keyOf,
  type ObjectRef,
  type Readiness,
  type Store,
  subjectOf,
} from '../kube/index.ts'
import { stillLeft } from './by-hand.ts'

export interface Awaited {
  readonly ref: ObjectRef
  /** Version at which we saw or wrote it; older copies in the store do not count. */
  readonly resourceVersion: string | undefined
}

export interface WaitOptions {
  readonly unit: string
  readonly store: Store
  readonly kube: Kube
  readonly signal: AbortSignal
  readonly timeoutSeconds: number
  readonly onReason: (reason: string) => void
}

/** Least time between two reasons, and between two that differ only in a duration, milliseconds. */
const reasonPause = 1000
const tickPause = 15_000

const pods = { apiVersion: 'v1', kind: 'Pod' }
const events = { apiVersion: 'v1', kind: 'Event' }

/** Returns what is ready and yet left to somebody, a sentence each. Throws `unit-failed` with a diagnosis when one cannot become ready any more, `unit-timeout` when the time is up. */
export async function untilReady(awaited: readonly Awaited[], options: WaitOptions): Promise<readonly string[]> {
  const { store, signal, timeoutSeconds } = options
  const watched = awaited.filter(({ ref }) => hasReadiness(ref))
  await Promise.all(
    watched.flatMap(({ ref }) => [
      store.follow(ref, ref.namespace),
      ...(ref.namespace === undefined ? [] : [store.follow(pods, ref.namespace), store.follow(events, ref.namespace)]),
    ]),
  )
  const seen = new Set<string>()
  const say = teller(options.onReason)
  const until = performance.now() + timeoutSeconds * 1000
  for (;;) {
    signal.throwIfAborted()
    store.check()
    const judged = watched.map((one) => ({ one, ...look(one, store, seen) }))
    const bad = judged.find(({ readiness }) => readiness.state === 'failed')
    if (bad !== undefined) throw await failure('unit-failed', bad, options)
    const open = judged.find(({ readiness }) => readiness.state === 'waiting')
    if (open === undefined)
      return judged.flatMap(({ object, readiness: { note } }) =>
        object === undefined || note === undefined ? [] : [stillLeft(object, note)],
      )
    if (performance.now() > until) throw await failure('unit-timeout', open, options)
    say(`${open.one.ref.kind} ${open.one.ref.name}: ${open.readiness.reason}`)
    await nextChange(store, signal)
  }
}

interface Judged {
  readonly one: Awaited
  readonly object: KubeObject | undefined
  readonly readiness: Readiness
}

/** Judges an object as the store holds it. */
function look({ ref, resourceVersion }: Awaited, store: Store, seen: Set<string>): Omit<Judged, 'one'> {
  const object = store.get(ref)
  const key = keyOf(ref)
  if (object === undefined) {
    if (seen.has(key)) return { object, readiness: { state: 'failed', reason: 'was deleted by somebody else' } }
    return { object, readiness: { state: 'waiting', reason: 'is not to be seen yet' } }
  }
  if (isOlder(object.metadata.resourceVersion, resourceVersion))
    return { object, readiness: { state: 'waiting', reason: 'its change is not to be seen yet' } }
  seen.add(key)
  return { object, readiness: judge(object, store.surroundings()) }
}

/** Versions of one object are numbers that grow (Kubernetes promises it since 1.35; etcd always did it). */
function isOlder(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined || than === undefined || !/^\d+$/.test(version) || !/^\d+$/.test(than)) return false
  return BigInt(version) < BigInt(than)
}

async function failure(
  code: 'unit-failed' | 'unit-timeout',
  { one, object, readiness }: Judged,
  options: WaitOptions,
): Promise<CroqueError> {
  const what =
    code === 'unit-failed'
      ? `${options.unit} failed`
      : `${options.unit} was not ready within ${options.timeoutSeconds} s`
  if (object === undefined) return new CroqueError(code, { what, why: `${subjectOf(one.ref)} ${readiness.reason}` })
  const { why, look: args } = await diagnose(options.kube, object, options.store.surroundings())
  const namespace = one.ref.namespace === undefined ? '' : `-n ${one.ref.namespace} `
  return new CroqueError(code, {
    what,
    why,
    next: `See \`./croque kubectl ${namespace}${args.join(' ')}\`; after mending it, \`./croque up\` goes on from here.`,
  })
}

/** Says a new reason at once, but not more than one a second; one that only counts seconds now and then. */
function teller(onReason: (reason: string) => void): (reason: string) => void {
  let last: { readonly reason: string; readonly at: number } | undefined
  const bare = (reason: string): string => reason.replaceAll(/\d+ s\b/g, '')
  return (reason) => {
    const now = performance.now()
    const pause = last !== undefined && bare(last.reason) === bare(reason) ? tickPause : reasonPause
    if (last !== undefined && now - last.at < pause) return
    last = { reason, at: now }
    onReason(reason)
  }
}

/** Resolves shortly after something followed has changed, or after a second, so that durations and time limits move on. */
function nextChange(store: Store, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(tick)
      clearTimeout(soon)
      unsubscribe()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const tick = setTimeout(done, 1000)
    let soon: NodeJS.Timeout | undefined
    // One change seldom comes alone.
    const unsubscribe = store.onChange(() => (soon ??= setTimeout(done, 30)))
    signal.addEventListener('abort', done, { once: true })
  })
}
