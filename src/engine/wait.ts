/** Waits until the objects of a unit are ready, saying why they are not. */
import { CroqueError } from '../errors/index.ts'
import { diagnose, hasReadiness, judge, type Kube, type KubeObject, refOf, type Store } from '../kube/index.ts'

export interface WaitOptions {
  readonly kube: Kube
  readonly store: Store
  readonly signal: AbortSignal
  readonly timeoutSeconds: number
  readonly say: (reason: string) => void
  readonly now: () => number
  /** For the message of a failure. */
  readonly unit: string
}

/** A Pod that crashes may be waiting for something in its own way: only one that goes on crashing has failed. */
const patienceSeconds = 120

const podKind = { apiVersion: 'v1', kind: 'Pod' }
const eventKind = { apiVersion: 'v1', kind: 'Event' }

/** Resolves when all are ready. Throws `unit-failed` with a diagnosis, or `unit-timeout`. */
export async function untilReady(objects: readonly KubeObject[], options: WaitOptions): Promise<void> {
  const { store, signal, now } = options
  const watched = objects.filter(hasReadiness)
  if (watched.length === 0) return
  for (const object of watched) {
    await store.follow(object, object.metadata.namespace)
    if (object.metadata.namespace !== undefined) {
      await Promise.all([store.follow(podKind, object.metadata.namespace), store.follow(eventKind, object.metadata.namespace)])
    }
  }
  const deadline = now() + options.timeoutSeconds * 1000
  let failingSince: number | undefined
  for (;;) {
    signal.throwIfAborted()
    store.check()
    const state = worst(watched, store)
    if (state === undefined) return
    failingSince = state.readiness.state === 'failed' ? (failingSince ?? now()) : undefined
    const lost = state.final || (failingSince !== undefined && now() - failingSince > patienceSeconds * 1000)
    if (lost || now() > deadline) throw await failure(state.object, options, lost ? 'unit-failed' : 'unit-timeout')
    options.say(state.readiness.reason)
    await nextChange(store, signal)
  }
}

interface Unready {
  readonly object: KubeObject
  readonly readiness: ReturnType<typeof judge>
  /** Nothing will mend it: a Job that has used up its tries. */
  readonly final: boolean
}

function worst(objects: readonly KubeObject[], store: Store): Unready | undefined {
  const around = store.surroundings()
  const unready = objects.flatMap((object): Unready[] => {
    const live = store.get(refOf(object))
    if (live === undefined) return [{ object, readiness: { state: 'waiting', reason: 'is being created' }, final: false }]
    const readiness = judge(live, around)
    return readiness.state === 'ready' ? [] : [{ object: live, readiness, final: readiness.state === 'failed' && live.kind === 'Job' }]
  })
  return unready.find(({ readiness }) => readiness.state === 'failed') ?? unready[0]
}

async function failure(object: KubeObject, { kube, store, unit, timeoutSeconds }: WaitOptions, code: 'unit-failed' | 'unit-timeout'): Promise<CroqueError> {
  const { why, look } = await diagnose(kube, object, store.surroundings())
  const what = code === 'unit-failed' ? `${unit} has failed` : `${unit} was not ready after ${timeoutSeconds} s`
  const namespace = object.metadata.namespace === undefined ? [] : ['-n', object.metadata.namespace]
  return new CroqueError(code, { what, why, next: `./croque logs ${unit}; ./croque kubectl ${[...namespace, ...look].join(' ')}; then ./croque up again.` })
}

/** The next change of anything followed, or a second: reasons hold durations. */
async function nextChange(store: Store, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      stop()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, 1000)
    const stop = store.onChange(done)
    signal.addEventListener('abort', done)
  })
}
