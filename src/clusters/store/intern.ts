/**
 * Parsed JSON with what repeats kept once: of ten thousand clusters most text is ids of few projects, flavors and images, and most
 * collections are empty. What is remembered is bounded by two generations; what is not met for a while is met anew.
 */
export type Intern = (value: unknown) => unknown

const emptyObject = Object.freeze({})
const emptyArray = Object.freeze([])
/** Longer text hardly repeats; shorter is kept once by JSON.parse itself. */
const lengths = { from: 11, to: 80 }

export function createIntern(generation = 20_000): Intern {
  let young = new Map<string, string>()
  let old = young

  const text = (value: string): string => {
    if (value.length < lengths.from || value.length > lengths.to) return value
    const known = young.get(value)
    if (known !== undefined) return known
    const kept = old.get(value) ?? value
    if (young.size >= generation) {
      old = young
      young = new Map()
    }
    young.set(kept, kept)
    return kept
  }
  /** Changes objects in place: nobody else has them yet. */
  const intern: Intern = (value) => {
    if (typeof value === 'string') return text(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) {
      if (value.length === 0) return emptyArray
      for (const [index, item] of value.entries()) value[index] = intern(item)
      return value
    }
    const record = value as Record<string, unknown>
    const keys = Object.keys(record)
    if (keys.length === 0) return emptyObject
    for (const key of keys) {
      const kept = intern(record[key])
      if (kept !== record[key]) record[key] = kept
    }
    return value
  }
  return intern
}
