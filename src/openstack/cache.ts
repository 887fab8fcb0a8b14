/** Values for a while, of which the least recently used go when there are too many. */

export interface Cache<Value> {
  readonly get: (key: string) => Value | undefined
  /** `until` is a moment of the clock; what has ended is not kept. */
  readonly set: (key: string, value: Value, until: number) => void
  readonly size: () => number
}

export function cache<Value>(most: number, now: () => number): Cache<Value> {
  const entries = new Map<string, { readonly value: Value; readonly until: number }>()
  return {
    get: (key) => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      if (entry.until <= now()) return undefined
      // Last is most recently used.
      entries.set(key, entry)
      return entry.value
    },
    set: (key, value, until) => {
      entries.delete(key)
      if (until <= now()) return
      entries.set(key, { value, until })
      for (const oldest of entries.keys()) {
        if (entries.size <= most) break
        entries.delete(oldest)
      }
    },
    size: () => entries.size,
  }
}
