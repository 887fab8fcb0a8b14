/** What turns one spec into another as a JSON merge patch (RFC 7386): fields of nobody's knowledge stay as they are. */
type Json = Readonly<Record<string, unknown>>

/** Empty when they are alike. Neither holds a null. */
export function mergePatch(from: Json, to: Json): Json {
  const gone = Object.keys(from).filter((key) => own(to, key) === undefined && own(from, key) !== undefined)
  const changed = Object.entries(to).flatMap(([key, value]): (readonly [string, unknown])[] => {
    if (value === undefined) return []
    const before = own(from, key)
    if (!isObject(value)) return isAlike(before, value) ? [] : [[key, value]]
    // A field that was no object becomes one by being merged into.
    const patch = mergePatch(isObject(before) ? before : {}, value)
    return isObject(before) && Object.keys(patch).length === 0 ? [] : [[key, patch]]
  })
  return Object.fromEntries([...gone.map((key) => [key, null] as const), ...changed])
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Own ones only: a label may be called `constructor`. */
function own(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Of scalars and arrays. Another order of an object's keys in an array counts as a change, which does no harm. */
function isAlike(one: unknown, other: unknown): boolean {
  return one === other || (Array.isArray(one) && JSON.stringify(one) === JSON.stringify(other))
}
