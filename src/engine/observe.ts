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

/** Kinds that are looked at: the usual ones (of a namespace, where nothing outside it is ours) and all that are rendered. */
function kindsOf(rendering: Rendering): readonly KindRef[] {
  const usual = builtinKinds.filter(
    ({ kind, namespaced }) => !madeByControllers.includes(kind) && (namespaced || rendering.confined !== true),
  )
  const rendered = rendering.units.flatMap((unit) => unit.objects)
  const all = new Map(
    [...usual, ...rendered].map(({ apiVersion, kind }) => [
      `${groupOf({ apiVersion, kind })}/${kind}`,
      { apiVersion, kind },
    ]),
  )
  return [...all.values()]
}

/** All objects of a kind that carry our labels; of a confined rendering only those in its namespace. Empty for a kind that is not defined yet. */
export async function listOurs(
  { namespace, confined, ownLabels }: Rendering,
  kube: Kube,
  kind: KindRef,
  signal?: AbortSignal,
): Promise<readonly KubeObject[]> {
  const labelSelector = Object.entries(ownLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  try {
    const within = confined === true && (await kube.kindEntry(kind)).namespaced ? { namespace } : {}
    const stop = signal === undefined ? {} : { signal }
    return (await kube.list(kind, { labelSelector, ...within, ...stop })).items
  } catch (error) {
    return emptyIfUnknown(error)
  }
}

export async function observe(rendering: Rendering, kube: Kube, signal?: AbortSignal): Promise<Observed> {
  const stop = signal === undefined ? {} : { signal }
  const lists = kindsOf(rendering).map((kind) => listOurs(rendering, kube, kind, signal))
  const namespaces = [...namespacesOf(rendering)].map((name) =>
    kube.get({ apiVersion: 'v1', kind: 'Namespace', name }, stop).then((found) => ({ name, found })),
  )
  const [listed, spaces] = await Promise.all([Promise.all(lists), Promise.all(namespaces)])
  return {
    ours: new Map(listed.flat().map((object) => [keyOf(refOf(object)), object])),
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
function emptyIfUnknown(error: unknown): readonly KubeObject[] {
  if (error instanceof KubeError && error.status === 404) return []
  if (error instanceof Error && 'code' in error && error.code === 'kube-unknown-kind') return []
  throw error
}
