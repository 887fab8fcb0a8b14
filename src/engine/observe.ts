/** What is ours in the underlay at this moment. */
import {
  builtinKinds,
  groupOf,
  type KindRef,
  type Kube,
  KubeError,
  type KubeObject,
  keyOf,
  refOf,
} from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'

export interface Observed {
  /** Objects that carry our labels, by `keyOf`. */
  readonly ours: ReadonlyMap<string, KubeObject>
  /** Namespaces that are rendered or used and do not exist, or are on their way out. */
  readonly missingNamespaces: ReadonlySet<string>
}

/** Kinds that controllers make from ours and label alike, or that nobody renders. */
const madeByControllers = [
  'ControllerRevision',
  'EndpointSlice',
  'Event',
  'Lease',
  'Node',
  'PersistentVolume',
  'Pod',
  'ReplicaSet',
]

function ownSelector(rendering: Rendering): string {
  return Object.entries(rendering.ownLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/** Kinds that are looked at: the usual ones and all that are rendered. */
function kindsOf(rendering: Rendering): readonly KindRef[] {
  const usual = builtinKinds.filter(({ kind }) => !madeByControllers.includes(kind))
  const rendered = rendering.units.flatMap((unit) => unit.objects)
  const all = new Map(
    [...usual, ...rendered].map(({ apiVersion, kind }) => [
      `${groupOf({ apiVersion, kind })}/${kind}`,
      { apiVersion, kind },
    ]),
  )
  return [...all.values()]
}

export async function observe(rendering: Rendering, kube: Kube, signal?: AbortSignal): Promise<Observed> {
  const stop = signal === undefined ? {} : { signal }
  const labelSelector = ownSelector(rendering)
  const lists = kindsOf(rendering).map((kind) => kube.list(kind, { labelSelector, ...stop }).catch(emptyIfUnknown))
  const namespaces = [...namespacesOf(rendering)].map((name) =>
    kube.get({ apiVersion: 'v1', kind: 'Namespace', name }, stop).then((found) => ({ name, found })),
  )
  const [listed, spaces] = await Promise.all([Promise.all(lists), Promise.all(namespaces)])
  return {
    ours: new Map(listed.flatMap((list) => list.items).map((object) => [keyOf(refOf(object)), object])),
    missingNamespaces: new Set(
      spaces
        .filter(({ found }) => found?.metadata.deletionTimestamp !== undefined || found === undefined)
        .map(({ name }) => name),
    ),
  }
}

function namespacesOf(rendering: Rendering): ReadonlySet<string> {
  const objects = rendering.units.flatMap((unit) => [...unit.objects.map((object) => object.metadata), ...unit.secrets])
  return new Set(objects.map(({ namespace }) => namespace).filter((name) => name !== undefined))
}

/** A kind that its own CustomResourceDefinition, not applied yet, will define. */
function emptyIfUnknown(error: unknown): { readonly items: readonly KubeObject[] } {
  if (error instanceof KubeError && error.status === 404) return { items: [] }
  if (error instanceof Error && 'code' in error && error.code === 'kube-unknown-kind') return { items: [] }
  throw error
}
