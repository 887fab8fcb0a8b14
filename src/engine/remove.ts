/** Remove: everything that carries our labels, data included. */
import { type Kube, type KubeObject, refOf, subjectOf } from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'
import { changeEvent, countChanges } from './change.ts'
import type { ChangeCounts, Emit } from './events.ts'
import { clear, users } from './instances.ts'
import { lockRef } from './lock.ts'
import { observe } from './observe.ts'
import { untilGone } from './replace.ts'

export interface RemoveOptions {
  readonly emit: Emit
  readonly signal: AbortSignal
}

/** Deletes and waits until all is gone. Idempotent; works on a half-made cloud. */
export async function remove(rendering: Rendering, kube: Kube, { emit, signal }: RemoveOptions): Promise<ChangeCounts> {
  const { ours } = await observe(rendering, kube, signal)
  const owned = [...ours.values()].filter(
    ({ metadata }) => !(metadata.ownerReferences ?? []).some((owner) => owner.controller === true),
  )
  const namespaces = new Set(owned.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name))
  // What lives in a namespace that goes is deleted by the server with it.
  const doomed = owned.filter(({ metadata }) => !namespaces.has(metadata.namespace ?? ''))
  const taken: KubeObject[] = []
  const take = async (live: KubeObject): Promise<void> => {
    const { uid } = live.metadata
    await kube.delete(refOf(live), { signal, ...(uid === undefined ? {} : { uid }) })
    await untilGone(refOf(live), kube, signal, uid)
    taken.push(live)
    emit(changeEvent({ action: 'deleted', ref: refOf(live), reasons: [], diff: [], drift: false }, false))
  }
  /** A definition takes all its objects with it, wherever they are. */
  const takeDefinition = async (live: KubeObject): Promise<void> => {
    await clear(live, kube, rendering.namespace, signal)
    const others = await users(live, kube, signal)
    if (others.length === 0) return await take(live)
    const message = `${subjectOf(refOf(live))} stays: ${others.join(', ')} has objects of it`
    emit({ type: 'notice', level: 'warning', message })
  }
  await Promise.all(
    doomed.map((live) => (live.kind === 'CustomResourceDefinition' ? takeDefinition(live) : take(live))),
  )
  // The lock goes with its namespace, and so may the right to delete it.
  if (!namespaces.has(rendering.namespace)) await kube.delete(lockRef(rendering), { signal })
  return countChanges(taken.map(() => 'deleted'))
}
