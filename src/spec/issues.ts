/** From what zod found to sentences for people. */
import type { z } from 'zod'
import { nearest } from '../errors/index.ts'
import { isSecretKey, isSecretText } from '../secrecy/index.ts'
import type { Problem } from './diagnostics.ts'
import { keysAt } from './keys.ts'

type Issue = z.core.$ZodIssue

/** What was found at a path: its value, and the text that stands there when it is not quoted. */
export interface Look {
  valueAt(path: readonly PropertyKey[]): unknown
  plainAt(path: readonly PropertyKey[]): string | undefined
}

/** Known values that this version refuses: the reader mistyped nothing. */
const planned: Readonly<Record<string, readonly string[]>> = {
  'spec.underlay.type': ['hosts'],
  'spec.release': ['2025.1'],
  'spec.networks.project.types': ['flat', 'vlan', 'vxlan', 'gre'],
}

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  array: 'a list',
}

export function problemsOf(issue: Issue, look: Look): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue.path, key, look))
  const path = issue.path
  if (issue.code === 'invalid_key')
    return [error({ path, atKey: true, message: `this name must be ${issue.issues[0]?.message ?? 'another'}` })]
  const value = look.valueAt(path)
  if (value === undefined) return [missing(issue, path)]
  const kinds = kindsOf(issue)
  if (kinds !== undefined) return [wrongValue(kinds, path, look)]
  if (issue.code === 'invalid_value') return [wrongValue(issue.values.map(String), path, look)]
  if (issue.code === 'invalid_type') return [wrongType(issue, path, look)]
  return [error({ path, message: `must be ${issue.message}, not ${shown(value, path)}` })]
}

/** What may stand where a key tells which of several maps this is. */
function kindsOf(issue: Issue): readonly string[] | undefined {
  if (issue.code !== 'invalid_union' || issue.inclusive === false || issue.discriminator === undefined) return undefined
  return (issue.options ?? []).filter((option) => typeof option === 'string')
}

function unknownKey(path: readonly PropertyKey[], key: string, look: Look): Problem {
  const allowed = keysAt(path, look)
  const suggestion = nearest(key, allowed)
  return error({
    path: [...path, key],
    atKey: true,
    message: `there is no "${key}" here`,
    allowed,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}

function missing(issue: Issue, path: readonly PropertyKey[]): Problem {
  const allowed = issue.code === 'invalid_value' ? issue.values.map(String) : undefined
  const only = allowed?.length === 1 ? `: ${String(path.at(-1))}: ${allowed[0]}` : ''
  return error({
    path,
    message: `"${String(path.at(-1))}" is missing${only}`,
    ...(allowed === undefined ? {} : { allowed }),
  })
}

function wrongValue(allowed: readonly string[], path: readonly PropertyKey[], look: Look): Problem {
  const value = look.valueAt(path)
  const written = look.plainAt(path) ?? String(value)
  const known = planned[path.filter((part) => typeof part !== 'number').join('.')] ?? []
  if (known.includes(written))
    return error({ path, message: `"${written}" is planned, and not in this version`, allowed })
  if (typeof value !== 'string' && allowed.includes(written)) {
    return error({ path, message: `${written} is read as a number here; put it in quotes: "${written}"`, allowed })
  }
  const suggestion = typeof value === 'string' ? nearest(value, allowed) : undefined
  return error({
    path,
    message: `${shown(value, path)} is not allowed here`,
    allowed,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}

function wrongType(issue: z.core.$ZodIssueInvalidType, path: readonly PropertyKey[], look: Look): Problem {
  const value = look.valueAt(path)
  const wanted = issue.message.startsWith('Invalid') ? (nouns[issue.expected] ?? issue.expected) : issue.message
  if (value === null)
    return error({ path, message: `nothing stands here; it must be ${wanted}, or the key be left out` })
  const hint = hintFor(issue.expected, value, look.plainAt(path))
  return error({ path, message: `must be ${wanted}, not ${shown(value, path)}${hint}` })
}

/** Explains what YAML 1.1 readers are used to, and numbers in quotes. */
function hintFor(expected: string, value: unknown, plain: string | undefined): string {
  if (expected === 'boolean' && plain !== undefined) {
    if (/^(yes|on|y)$/i.test(plain)) return '; since YAML 1.2 that is a text: write true'
    if (/^(no|off|n)$/i.test(plain)) return '; since YAML 1.2 that is a text: write false'
  }
  if (expected === 'string' && plain !== undefined && typeof value !== 'object') return `; put it in quotes: "${plain}"`
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)) return '; a date is a text'
  if (typeof value === 'string' && (expected === 'number' || expected === 'int') && /^-?\d+(\.\d+)?$/.test(value))
    return `; leave the quotes out: ${value}`
  if (typeof value === 'string' && expected === 'boolean' && /^(true|false)$/.test(value))
    return `; leave the quotes out: ${value}`
  return ''
}

function shown(value: unknown, path: readonly PropertyKey[]): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'a map'
  const text = String(value)
  if (path.some((part) => isSecretKey(String(part))) || isSecretText(text)) return 'this value'
  const short = text.length > 40 ? `${text.slice(0, 39)}…` : text
  return typeof value === 'string' ? JSON.stringify(short) : short
}

export const error = (problem: Omit<Problem, 'severity'>): Problem => ({ severity: 'error', ...problem })
