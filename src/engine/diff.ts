/** What differs between an object as observed and as it would be, field by field; what could be a secret is masked. */
import type { KubeObject } from '../kube/index.ts'

/** Fields that the API server keeps for itself. */
const serverFields = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'])

const secretName = /passw|secret|token|cookie|private|credential/i

/** Lines `path: before -> after`, sorted by path; empty when nothing differs. Long values are shortened. */
export function diffObjects(before: KubeObject, after: KubeObject): readonly string[] {
  const lines: string[] = []
  compare(strip(before), strip(after), '', before.kind === 'Secret', lines)
  return lines.sort()
}

function strip(object: KubeObject): unknown {
  const { metadata, status: _status, ...rest } = object
  return { ...rest, metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !serverFields.has(key))) }
}

function compare(before: unknown, after: unknown, path: string, secret: boolean, lines: string[]): void {
  if (Object.is(before, after)) return
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const hidden = secret ? key === 'data' || key === 'stringData' || path.startsWith('data') : secretName.test(named(before) ?? named(after) ?? '')
      compare(before[key], after[key], path === '' ? key : `${path}.${key}`, secret || hidden, lines)
    }
    return
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length)
    for (let index = 0; index < length; index += 1) compare(before[index], after[index], `${path}[${index}]`, secret, lines)
    return
  }
  lines.push(`${path}: ${show(before, secret)} -> ${show(after, secret)}`)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Name of an environment variable or the like, whose value then is masked. */
const named = (value: Readonly<Record<string, unknown>>): string | undefined => (typeof value['name'] === 'string' && 'value' in value ? value['name'] : undefined)

const longest = 120

function show(value: unknown, secret: boolean): string {
  if (value === undefined) return '(none)'
  if (secret) return '(masked)'
  const text = JSON.stringify(value)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
