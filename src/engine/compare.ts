/** Field-level differences of objects. Pure. */
import type { KubeObject } from '../kube/index.ts'
import { isSecretKey, maskLine } from '../secrecy/index.ts'
import { lineCount, lineDiff } from './line-diff.ts'
import { isSecretPath, mask, maskedJson } from './mask.ts'

/** One field that differs; `undefined` means absent. Values that are secrets are masked. */
export interface FieldDiff {
  /** `spec.template.spec.containers[api].image`. */
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

/** What the server keeps for itself: it changes without anybody's wish. */
const serverFields = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink']

/** Written into DaemonSets whenever their template changes. */
const countsGenerations = 'deprecated.daemonset.template.generation'

/** Differences between two states of one object as the server shows them, without what the server keeps for itself. */
export function diffObjects(before: KubeObject, after: KubeObject): readonly FieldDiff[] {
  const found: FieldDiff[] = []
  compare(strip(before), strip(after), '', found, true)
  return found.map((diff) => masked(after.kind, diff))
}

/** Like {@link diffObjects}, but only of fields that `desired` speaks of: the rest is the server's or somebody else's. */
export function diffDesired(live: KubeObject, desired: KubeObject): readonly FieldDiff[] {
  const found: FieldDiff[] = []
  compare(strip(live), strip(desired), '', found, false)
  return found.map((diff) => masked(desired.kind, diff))
}

/**
 * For events and views: `path: before -> after`; for two texts of which one has several lines `path:` and then, two blanks
 * further in, what {@link lineDiff} tells. Of a text that comes or goes only the number of lines: it is new or gone as a whole.
 */
export function diffText({ path, before, after }: FieldDiff): readonly string[] {
  const texts = typeof before === 'string' && typeof after === 'string' && !isSecretKey(path)
  if (texts && (isText(before) || isText(after)))
    return [`${path}:`, ...lineDiff(before, after).map((line) => `  ${short(line)}`)]
  return [`${path}: ${valueText(before, path)} -> ${valueText(after, path)}`]
}

const isText = (value: string): boolean => value.includes('\n')

function strip(object: KubeObject): Record<string, unknown> {
  const { metadata, status: _, ...rest } = object
  const { annotations = {}, ...others } = metadata
  const without = (fields: object, keys: readonly string[]): object =>
    Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))
  return {
    ...rest,
    metadata: { ...without(others, serverFields), annotations: without(annotations, [countsGenerations]) },
  }
}

function compare(before: unknown, after: unknown, path: string, found: FieldDiff[], both: boolean): void {
  if (Object.is(before, after)) return
  if (isRecord(before) && isRecord(after)) compareRecords(before, after, path, found, both)
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, found, both)
  else if (isJson(before) && isJson(after)) compare(JSON.parse(before), JSON.parse(after), path, found, true)
  else if (both || after !== undefined) found.push({ path, before, after })
}

/** An argument that is data: its parts say more than two long lines. */
function isJson(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[[{].*[\]}]$/s.test(value)) return false
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}

type Fields = Readonly<Record<string, unknown>>

function compareRecords(before: Fields, after: Fields, path: string, found: FieldDiff[], both: boolean): void {
  const keys = both ? new Set([...Object.keys(before), ...Object.keys(after)]) : Object.keys(after)
  for (const key of keys) compare(before[key], after[key], path === '' ? key : `${path}.${key}`, found, both)
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  found: FieldDiff[],
  both: boolean,
): void {
  const key = listKey(before, after)
  if (key !== undefined) {
    const byKey = (list: readonly unknown[]): Record<string, unknown> =>
      Object.fromEntries(list.map((item) => [String((item as Fields)[key]), item]))
    const [left, right] = [byKey(before), byKey(after)]
    const names = both ? new Set([...Object.keys(left), ...Object.keys(right)]) : Object.keys(right)
    for (const name of names) compare(left[name], right[name], `${path}[${name}]`, found, both)
    return
  }
  for (let index = 0; index < Math.max(before.length, after.length); index++)
    compare(before[index], after[index], `${path}[${index}]`, found, true)
}

/** The field by which items of both lists are told apart, when it is there and unique in each. */
function listKey(before: readonly unknown[], after: readonly unknown[]): string | undefined {
  return ['id', 'name', 'mountPath', 'containerPort', 'port'].find((key) =>
    [before, after].every((list) => isKeyedBy(list, key)),
  )
}

function isKeyedBy(list: readonly unknown[], key: string): boolean {
  const values = list.map((item) => (isRecord(item) ? item[key] : undefined))
  return (
    values.every((value) => typeof value === 'string' || typeof value === 'number') &&
    new Set(values).size === values.length
  )
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function masked(kind: string, diff: FieldDiff): FieldDiff {
  if (!isSecretPath(kind, diff.path)) return diff
  return { path: diff.path, before: mask(diff.before), after: mask(diff.after) }
}

function valueText(value: unknown, path: string): string {
  if (value === undefined) return '(absent)'
  if (typeof value !== 'string') return short(maskedJson(value))
  // A value by itself is no pair with its name: that stands in the path.
  if (isSecretKey(path)) return isStandIn(value) ? value : String(mask(value))
  return isText(value) ? `${lineCount(value)} lines` : short(maskLine(value))
}

/** What {@link mask} and the plan of a generated Secret put in a value's place. */
const isStandIn = (value: string): boolean => value === '(secret)' || value === '(generated)'

const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 299)}…` : text)
