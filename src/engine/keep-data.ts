/** Nothing is taken away that holds what exists nowhere else: the last look at a plan before it is followed. Pure. */
import { CroqueError } from '../errors/index.ts'
import { type KubeObject, keyOf, refOf, subjectOf } from '../kube/index.ts'
import { holdsData, type Rendering } from '../render/index.ts'
import type { Change } from './change.ts'

/** Throws `data-held` when a workload that says that its Pods hold data would have fewer of them, or would go. */
export function refuseLoss(rendering: Rendering, changes: readonly Change[]): void {
  const desired = new Map(
    rendering.units.flatMap(({ objects }) => objects).map((object) => [keyOf(refOf(object)), object]),
  )
  const refused = changes.flatMap((change) => {
    const how = [desired.get(keyOf(change.ref)), change.live].map(wayOut).find((way) => way !== undefined)
    const lost = how === undefined ? undefined : lossOf(change)
    return lost === undefined ? [] : [{ change, how, lost }]
  })
  if (refused.length === 0) return
  throw new CroqueError('data-held', {
    what: refused.map(({ change, lost }) => `${subjectOf(change.ref)} ${lost}`).join('; '),
    why: 'What its Pods hold exists nowhere else. Nothing was changed.',
    next: `Put it back into the document; or take it away by hand: ${[...new Set(refused.map(({ how }) => how))].join('. And: ')}. Then run the same command again.`,
  })
}

const wayOut = (object: KubeObject | undefined): string | undefined => object?.metadata.annotations?.[holdsData]

function lossOf({ action, diff, live }: Change): string | undefined {
  const replicas = (live?.['spec'] as { readonly replicas?: number } | undefined)?.replicas
  if (action === 'deleted') return replicas === 0 ? undefined : 'would be deleted'
  const fewer = diff.find(({ path }) => path === 'spec.replicas')
  if (fewer === undefined || Number(fewer.before) <= Number(fewer.after)) return undefined
  return `would have ${String(fewer.after)} Pods in place of ${String(fewer.before)}`
}
