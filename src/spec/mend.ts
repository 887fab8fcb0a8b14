/** Takes the broken parts out of a document, so that the rules between fields can look at the sound rest in the same run. */
import type { z } from 'zod'
import { apiVersion, type CheckedCloud, cloudSchema } from './cloud.ts'

type Path = readonly PropertyKey[]

export interface Mended {
  readonly cloud: CheckedCloud
  /** Whether what stands at the path was taken out, wholly or in part, so that its value is a default. */
  broken(path: Path): boolean
}

/** The document with every value at fault replaced by its default; undefined when nothing is left to look at. */
export function mend(value: unknown, issues: readonly z.core.$ZodIssue[]): Mended | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const rest = structuredClone(value)
  const taken: Path[] = []
  let open = issues
  for (let round = 0; round < 8; round++) {
    for (const path of open.flatMap(pathsOf)) taken.push(takeOut(rest, path))
    Object.assign(rest, { apiVersion, kind: 'Cloud' })
    const parsed = cloudSchema.safeParse(rest)
    if (parsed.success) return { cloud: parsed.data, broken: (path) => taken.some((each) => related(each, path)) }
    open = parsed.error.issues
  }
  return undefined
}

const pathsOf = (issue: z.core.$ZodIssue): readonly Path[] =>
  issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]

/** Removes the value, or the nearest thing around it that is there: a map that misses a key goes whole. */
function takeOut(root: unknown, path: Path): Path {
  for (let length = path.length; length > 0; length--) {
    const key = path[length - 1]
    const parent = path.slice(0, length - 1).reduce<unknown>(childOf, root)
    if (key === undefined || childOf(parent, key) === undefined) continue
    if (Array.isArray(parent)) parent.splice(Number(key), 1)
    else Reflect.deleteProperty(parent as object, key)
    return path.slice(0, length)
  }
  return path
}

const childOf = (parent: unknown, key: PropertyKey): unknown =>
  typeof parent === 'object' && parent !== null ? Reflect.get(parent, key) : undefined

const related = (a: Path, b: Path): boolean =>
  a.slice(0, b.length).every((part, index) => String(part) === String(b[index]))
