/** What is ours and no longer desired. Pure. */
import { type KubeObject, keyOf, refOf } from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'
import type { Change } from './change.ts'
import type { Observed } from './observe.ts'
import { generatedAnnotation, secretRef } from './secrets.ts'

/**
 * Objects with our labels that are not rendered any more. Never what holds data that exists nowhere else (claims, namespaces,
 * definitions with their objects, generated Secrets), and never what a controller made from something of ours.
 */
export function superfluous(rendering: Rendering, observed: Observed): readonly Change[] {
  const desired = new Set([
    ...rendering.units.flatMap((unit) => unit.objects.map((object) => keyOf(refOf(object)))),
    ...rendering.units.flatMap((unit) => unit.secrets.map((secret) => keyOf(secretRef(secret)))),
  ])
  return [...observed.ours]
    .filter(([key, object]) => !desired.has(key) && !isKept(object))
    .map(([, live]) => ({
      action: 'deleted',
      ref: refOf(live),
      reasons: ['it is ours and no longer desired'],
      diff: [],
      drift: false,
      live,
    }))
}

function isKept(object: KubeObject): boolean {
  const { annotations, ownerReferences, deletionTimestamp } = object.metadata
  if (deletionTimestamp !== undefined) return true
  if ((ownerReferences ?? []).some((owner) => owner.controller === true)) return true
  return (
    ['PersistentVolumeClaim', 'Namespace', 'CustomResourceDefinition'].includes(object.kind) ||
    annotations?.[generatedAnnotation] === 'true'
  )
}
