/** Items by a key, those of one key always in order: a list is a copy, never a sort. */
export interface SortedIndex<Item> {
  of(key: string): readonly Item[]
  add(item: Item): void
  remove(item: Item): void
  /** Replaces all; cheaper than adding one after the other. */
  rebuild(items: Iterable<Item>): void
}

export interface IndexOptions<Item> {
  /** Undefined: it is in no list. */
  readonly keyOf: (item: Item) => string | undefined
  /** 0 for versions of one item only. */
  readonly compare: (one: Item, other: Item) => number
}

export function createIndex<Item>({ keyOf, compare }: IndexOptions<Item>): SortedIndex<Item> {
  const lists = new Map<string, Item[]>()

  const listOf = (key: string): Item[] => {
    const list = lists.get(key) ?? []
    if (list.length === 0) lists.set(key, list)
    return list
  }
  /** Where it is, or would be. */
  const placeOf = (list: readonly Item[], item: Item): number => {
    let [from, to] = [0, list.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      const other = list[middle]
      if (other !== undefined && compare(other, item) < 0) from = middle + 1
      else to = middle
    }
    return from
  }
  const isAt = (list: readonly Item[], place: number, item: Item): boolean => {
    const there = list[place]
    return there !== undefined && compare(there, item) === 0
  }

  return {
    of: (key) => lists.get(key)?.slice() ?? [],
    add: (item) => {
      const key = keyOf(item)
      if (key === undefined) return
      const list = listOf(key)
      const place = placeOf(list, item)
      list.splice(place, isAt(list, place, item) ? 1 : 0, item)
    },
    remove: (item) => {
      const key = keyOf(item)
      const list = key === undefined ? undefined : lists.get(key)
      if (key === undefined || list === undefined) return
      const place = placeOf(list, item)
      if (isAt(list, place, item)) list.splice(place, 1)
      if (list.length === 0) lists.delete(key)
    },
    rebuild: (items) => {
      lists.clear()
      for (const item of items) {
        const key = keyOf(item)
        if (key !== undefined) listOf(key).push(item)
      }
      for (const list of lists.values()) list.sort(compare)
    },
  }
}
