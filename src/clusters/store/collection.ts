/** One kind, whole: its shelf with the indexes that are read by, the watch that fills it, its writes. */
import type { Kube, KubeObject } from '../../kube/index.ts'
import type { Collection } from '../model/index.ts'
import { type Feed, startFeed } from './feed.ts'
import type { Fence } from './fence.ts'
import type { Intern } from './intern.ts'
import { type Item, itemOf, oldestFirst, pared } from './item.ts'
import type { StoredKind } from './kinds.ts'
import { type Patience, sighted } from './patience.ts'
import { createShelf, type Shelf, type Sight } from './shelf.ts'
import { createIndex, type SortedIndex } from './sorted-index.ts'
import { createWrites, type Writes } from './writes.ts'

/** Of an API server's answer; a page of clusters has half a megabyte then, and little of it stays. */
const pageSize = 100

/** What all collections of a store have in common. */
export interface Surroundings {
  readonly kube: Kube
  readonly namespace: string
  readonly signal: AbortSignal
  readonly fence: Fence
  readonly intern: Intern
  readonly mark: () => string
  readonly patience: Patience
  readonly onFault: (kind: string, error: unknown) => void
}

export interface CollectionOptions<Stored extends Item> {
  readonly kind: StoredKind
  /** Beside those that every collection has. */
  readonly indexes?: readonly SortedIndex<Stored>[]
  readonly onChange: (before: Stored | undefined, after: Stored | undefined) => void
  /** What a new object has beside its labels. */
  readonly metadata?: (spec: Stored['spec']) => Partial<KubeObject['metadata']>
}

export interface OpenCollection<Stored extends Item> {
  readonly plural: string
  readonly reads: Omit<Collection<Stored, Stored['spec']>, 'create' | 'replace' | 'delete'>
  readonly writes: Writes<Stored>
  /** Resolves when reads are of this version at least. @throws CroqueError `clusters-stale` */
  reach(version: string): Promise<void>
  /** Resolves when the first list is there. */
  readonly synced: Promise<void>
  readonly ended: Promise<void>
}

export function openCollection<Stored extends Item>(
  { kube, namespace, signal, fence, intern, mark, patience, onFault }: Surroundings,
  { kind, indexes = [], onChange, metadata = () => ({}) }: CollectionOptions<Stored>,
): OpenCollection<Stored> {
  const all = createIndex<Stored>({ keyOf: () => '', compare: oldestFirst })
  const byName = createIndex<Stored>({ keyOf: ({ spec }) => spec.name, compare: oldestFirst })
  const byProject = createIndex<Stored>({ keyOf: ({ spec }) => spec.projectId, compare: oldestFirst })
  const keep = (object: KubeObject): KubeObject => pared(object, intern)
  // The API server has checked it by the schema that the type is made of.
  const storedOf = (object: KubeObject): Stored => itemOf(object) as Stored
  const shelf: Shelf<Stored> = createShelf({
    itemOf: storedOf,
    indexes: [all, byName, byProject, ...indexes],
    onChange,
  })
  let fault: unknown
  const feed: Feed = startFeed({
    watch: (round) => kube.watch(kind, { namespace, keep, pageSize, signal: round }),
    take: (event) => shelf.take(event),
    signal,
    onFault: (error) => {
      fault = error
      if (error !== undefined) onFault(kind.kind, error)
    },
  })
  const wait = async <T>(sight: Sight<T>, what: string): Promise<T> =>
    await sighted(sight, { patience, what, onSlow: () => feed.restart(), why: () => fault })

  return {
    plural: kind.plural,
    reads: {
      get: (uuid) => shelf.get(uuid),
      named: (name) => byName.of(name),
      ofProject: (projectId) => byProject.of(projectId),
      all: () => all.of(''),
    },
    writes: createWrites({
      kube,
      namespace,
      kind,
      shelf,
      itemOf: (object) => storedOf(keep(object)),
      metadata,
      mark,
      note: (version) => fence.note(kind.plural, version),
      sighted: wait,
    }),
    reach: async (version) => {
      if (!shelf.hasPassed(version)) await wait(shelf.passing(version), `What was written of ${kind.plural}`)
    },
    synced: shelf.passing('0').seen,
    ended: feed.ended,
  }
}
