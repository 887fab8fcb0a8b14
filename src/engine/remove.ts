/** Remove: everything that carries our labels, data included. */
import { type Kube, refOf } from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'
import { changeEvent, countChanges } from './change.ts'
import type { ChangeCounts, Emit } from './events.ts'
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
  await Promise.all(
    doomed.map(async (live) => {
      const { uid } = live.metadata
      await kube.delete(refOf(live), { signal, ...(uid === undefined ? {} : { uid }) })
      await untilGone(refOf(live), kube, signal, uid)
      emit(changeEvent({ action: 'deleted', ref: refOf(live), reasons: [], diff: [], drift: false }, false))
    }),
  )
  // The lock goes with its namespace, and so may the right to delete it.
  if (!namespaces.has(rendering.namespace)) await kube.delete(lockRef(rendering), { signal })
  return countChanges(doomed.map(() => 'deleted'))
}
