/**
 * All objects of one kind in memory, from two sources that overtake each other: the watch, in the order of versions but late, and the
 * answers to our own writes, at once but in any order. Three rules keep them apart: the watch is the truth up to the version that it has
 * passed; an answer counts only while the watch has not passed its version; of two versions of an object the later stays.
 */
import type { KubeObject, WatchEvent } from '../../kube/index.ts'
import type { Item } from './item.ts'
import type { SortedIndex } from './sorted-index.ts'
import { isAfter, later } from './versions.ts'

export interface Shelf<Stored extends Item> {
  get(uuid: string): Stored | undefined
  /** What an answer of the API server to us says. */
  wrote(item: Stored): void
  take(event: WatchEvent): void
  /** Whether everything up to this version is on the shelf. False before the first `SYNC`, whatever the version. */
  hasPassed(version: string): boolean
  /** Once {@link hasPassed}. */
  passing(version: string): Sight<void>
  /** With its version, when the watch sees that the object is gone, or (`being`) being deleted. Ask before deleting. */
  deletion(uid: string, state: 'being' | 'gone'): Sight<string>
}

/** What the watch will bring some time. */
export interface Sight<T> {
  readonly seen: Promise<T>
  /** For who waits no longer. */
  forget(): void
}

export interface ShelfOptions<Stored extends Item> {
  readonly itemOf: (object: KubeObject) => Stored
  readonly indexes: readonly SortedIndex<Stored>[]
  /** After memory has it. Undefined: was not, or is not, there. */
  readonly onChange: (before: Stored | undefined, after: Stored | undefined) => void
}

interface Deletion {
  readonly uid: string
  readonly state: 'being' | 'gone'
  readonly resolve: (version: string) => void
}

export function createShelf<Stored extends Item>({ itemOf, indexes, onChange }: ShelfOptions<Stored>): Shelf<Stored> {
  let items = new Map<string, Stored>()
  let position: string | undefined
  const passings = new Set<{ readonly version: string; readonly resolve: () => void }>()
  const deletions = new Set<Deletion>()

  const hasPassed = (version: string): boolean => position !== undefined && !isAfter(version, position)

  const exchange = (before: Stored | undefined, after: Stored | undefined): void => {
    for (const index of indexes) {
      if (before !== undefined) index.remove(before)
      if (after !== undefined) index.add(after)
    }
    if (after !== undefined) items.set(after.uuid, after)
    else if (before !== undefined) items.delete(before.uuid)
    onChange(before, after)
  }
  const put = (item: Stored): void => {
    const before = items.get(item.uuid)
    if (before === undefined || isAfter(item.resourceVersion, before.resourceVersion)) exchange(before, item)
  }
  const deleted = ({ uuid, resourceVersion }: Stored): void => {
    const before = items.get(uuid)
    if (before !== undefined && !isAfter(before.resourceVersion, resourceVersion)) exchange(before, undefined)
  }
  const pass = (version: string): void => {
    position = later(position, version)
    for (const passing of passings) {
      if (!hasPassed(passing.version)) continue
      passings.delete(passing)
      passing.resolve()
    }
  }
  const settle = (stateOf: (uid: string) => 'there' | 'being' | 'gone'): void => {
    for (const deletion of deletions) {
      const state = stateOf(deletion.uid)
      if (state === 'there' || (deletion.state === 'gone' && state === 'being')) continue
      deletions.delete(deletion)
      deletion.resolve(position ?? '')
    }
  }

  /** What is on the shelf after a list. */
  const merged = (listed: readonly Stored[], version: string): Map<string, Stored> => {
    const result = new Map<string, Stored>()
    for (const item of listed) {
      const had = items.get(item.uuid)
      result.set(item.uuid, had === undefined || isAfter(item.resourceVersion, had.resourceVersion) ? item : had)
    }
    for (const [uuid, had] of items) {
      // Written by us after the list was made.
      if (!result.has(uuid) && isAfter(had.resourceVersion, version)) result.set(uuid, had)
    }
    return result
  }
  const replaceAll = (listed: readonly Stored[], version: string): void => {
    const before = items
    items = merged(listed, version)
    for (const index of indexes) index.rebuild(items.values())
    for (const [uuid, had] of before) if (!items.has(uuid)) onChange(had, undefined)
    for (const [uuid, item] of items) if (before.get(uuid) !== item) onChange(before.get(uuid), item)
  }

  const sync = (listed: readonly Stored[], version: string): void => {
    replaceAll(listed, version)
    pass(version)
    if (deletions.size === 0) return
    // Not of the list: it may be older than what we wrote.
    const states = new Map<string, 'there' | 'being'>()
    for (const { uid, deletedAt } of items.values()) states.set(uid, deletedAt === undefined ? 'there' : 'being')
    settle((uid) => states.get(uid) ?? 'gone')
  }

  return {
    get: (uuid) => items.get(uuid),
    wrote: (item) => {
      if (!hasPassed(item.resourceVersion)) put(item)
    },
    take: (event) => {
      if (event.type === 'SYNC') return sync(event.objects.map(itemOf), event.resourceVersion)
      const item = itemOf(event.object)
      if (event.type === 'DELETED') deleted(item)
      else put(item)
      pass(item.resourceVersion)
      const state = event.type === 'DELETED' ? 'gone' : item.deletedAt === undefined ? 'there' : 'being'
      settle((uid) => (uid === item.uid ? state : 'there'))
    },
    hasPassed,
    passing: (version) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const passing = { version, resolve }
      if (hasPassed(version)) resolve()
      else passings.add(passing)
      return { seen: promise, forget: () => void passings.delete(passing) }
    },
    deletion: (uid, state) => {
      const { promise, resolve } = Promise.withResolvers<string>()
      const deletion = { uid, state, resolve }
      deletions.add(deletion)
      return { seen: promise, forget: () => void deletions.delete(deletion) }
    },
  }
}
