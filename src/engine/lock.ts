/**
 * One `up` at a time on one cloud, from whatever machine: a Lease, renewed while the run lasts.
 * It also remembers a run that did not end well, so that the next one verifies even when nothing is left to change.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../errors/index.ts'
import { type Kube, KubeError, type KubeObject, type ObjectRef } from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'

export interface LockOptions {
  /** Who holds it, for people and to tell runs apart. */
  readonly holder: string
  readonly signal: AbortSignal
  /** Called when somebody else holds it, at first and then every ten seconds. */
  readonly onWait: (holder: string) => void
  /** How long to wait for somebody else, seconds. */
  readonly waitSeconds: number
}

export interface Lock {
  /** Aborts when the lock was lost: somebody else believed us dead. */
  readonly lost: AbortSignal
  /** True when we had to wait for somebody: what was planned before is out of date. */
  readonly waited: boolean
  release(finished: boolean): Promise<void>
}

interface Lease extends KubeObject {
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string }
}

/** A holder that has not renewed for this long, seconds on our own clock, is taken for dead. */
const leaseSeconds = 15
const renewSeconds = 4
const unfinishedAnnotation = 'croque.dev/unfinished'

type Place = Pick<Rendering, 'namespace' | 'confined'>

/** In kube-system, where it is before the cloud has a namespace; on a cluster of somebody else preflight has made that one. */
export const lockRef = ({ namespace, confined }: Place): ObjectRef => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  name: `croque-up-${namespace}`,
  namespace: confined === true ? namespace : 'kube-system',
})

/** True when the last run on this cloud was killed or failed. Reads only. */
export async function leftUnfinished(kube: Kube, place: Place): Promise<boolean> {
  const lease = await kube.get(lockRef(place))
  return lease?.metadata.annotations?.[unfinishedAnnotation] === 'true'
}

export async function acquireLock(kube: Kube, place: Place, options: LockOptions): Promise<Lock> {
  const ref = lockRef(place)
  const begun = performance.now()
  let seen: { readonly version: string | undefined; readonly at: number } | undefined
  let told = Number.NEGATIVE_INFINITY
  for (;;) {
    options.signal.throwIfAborted()
    const lease = leaseOf(await kube.get(ref))
    const version = lease?.metadata.resourceVersion
    if (seen?.version !== version || seen === undefined) seen = { version, at: performance.now() }
    const holder = lease?.spec?.holderIdentity ?? ''
    const dead = performance.now() - seen.at > leaseSeconds * 1000
    if (lease === undefined || holder === '' || dead) {
      if (await take(kube, ref, lease, options.holder)) return hold(kube, ref, options.holder, told > 0)
      continue
    }
    if (performance.now() - begun > options.waitSeconds * 1000) {
      throw new CroqueError('run-locked', { what: `Another run (${holder}) is at work on ${place.namespace}` })
    }
    if (performance.now() - told > 10_000) {
      told = performance.now()
      options.onWait(holder)
    }
    await sleep(500, undefined, { signal: options.signal })
  }
}

const leaseOf = (object: KubeObject | undefined): Lease | undefined => object

/** False when somebody else was quicker. */
async function take(kube: Kube, ref: ObjectRef, lease: Lease | undefined, holder: string): Promise<boolean> {
  const metadata = { annotations: { [unfinishedAnnotation]: 'true' } }
  const spec = { holderIdentity: holder, leaseDurationSeconds: leaseSeconds, acquireTime: stamp(), renewTime: stamp() }
  try {
    if (lease === undefined) {
      const { apiVersion, kind, name, namespace } = ref
      await kube.create({
        apiVersion,
        kind,
        metadata: { ...metadata, name, ...(namespace === undefined ? {} : { namespace }) },
        spec,
      })
    } else await kube.patch(ref, { metadata: { ...metadata, resourceVersion: lease.metadata.resourceVersion }, spec })
    return true
  } catch (error) {
    if (error instanceof KubeError && error.status === 409) return false
    throw error
  }
}

function hold(kube: Kube, ref: ObjectRef, holder: string, waited: boolean): Lock {
  const lost = new AbortController()
  const stop = new AbortController()
  const renewing = renew(kube, ref, holder, stop.signal).then(() => {
    if (!stop.signal.aborted)
      lost.abort(
        new CroqueError('run-locked', { what: 'Another run has taken over: this one was silent for too long' }),
      )
  })
  return {
    lost: lost.signal,
    waited,
    release: async (finished) => {
      stop.abort()
      await renewing
      if (lost.signal.aborted) return
      const annotations = { [unfinishedAnnotation]: finished ? null : 'true' }
      // A lock that cannot be given back expires by itself.
      await kube.patch(ref, { metadata: { annotations }, spec: { holderIdentity: '' } }).catch(() => undefined)
    },
  }
}

/** Ends when the lock is somebody else's, or when told to. */
async function renew(kube: Kube, ref: ObjectRef, holder: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(renewSeconds * 1000, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    try {
      const lease = leaseOf(await kube.get(ref, { signal }))
      if (lease?.spec?.holderIdentity !== holder) return
      await kube.patch(
        ref,
        { metadata: { resourceVersion: lease.metadata.resourceVersion }, spec: { renewTime: stamp() } },
        { signal },
      )
    } catch {
      // The API server restarts: the next round tells whether the lock is still ours.
    }
  }
}

/** Kubernetes' MicroTime. */
function stamp(): string {
  return new Date().toISOString().replace('Z', '000Z')
}
