/** Deletes an object, waits until it is gone, and makes it anew. Killed in between, the next run makes it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../errors/index.ts'
import { type Kube, type KubeObject, type ObjectRef, refOf, subjectOf } from '../kube/index.ts'

/** Finalizers and Pods that end slowly may take a while, seconds. */
const goneSeconds = 180

export async function replace(
  desired: KubeObject,
  live: KubeObject | undefined,
  kube: Kube,
  signal: AbortSignal,
): Promise<KubeObject> {
  const ref = refOf(desired)
  const { uid, deletionTimestamp } = live?.metadata ?? {}
  // Only the very object that the plan looked at is deleted. Its Pods go first, so that no two generations run side by side.
  if (uid !== undefined && deletionTimestamp === undefined)
    await kube.delete(ref, { uid, propagation: 'Foreground', signal })
  await untilGone(ref, kube, signal, uid)
  return (await kube.apply(desired, { signal })).object
}

/** Resolves when nothing of that name is there or being deleted; with `uid`, when that very object is gone. */
export async function untilGone(ref: ObjectRef, kube: Kube, signal: AbortSignal, uid?: string): Promise<void> {
  const until = performance.now() + goneSeconds * 1000
  for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
    const live = await kube.get(ref, { signal })
    const gone =
      live === undefined ||
      (uid === undefined ? live.metadata.deletionTimestamp === undefined : live.metadata.uid !== uid)
    if (gone) return
    if (performance.now() > until) {
      const finalizers = (live.metadata as { finalizers?: readonly string[] }).finalizers ?? []
      const why =
        finalizers.length === 0 ? 'It is still shutting down' : `These finalizers hold it: ${finalizers.join(', ')}`
      throw new CroqueError('unit-timeout', { what: `${subjectOf(ref)} was not gone within ${goneSeconds} s`, why })
    }
    await sleep(pause, undefined, { signal })
  }
}
