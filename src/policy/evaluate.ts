/**
 * Whether a check holds, as oslo.policy decides it. Only own properties are looked at, and whatever cannot be compared does not match:
 * no target and no credentials make it throw.
 */
import type { Check } from './parse.ts'

export type Facts = Readonly<Record<string, unknown>>

export interface Question {
  /** Who asks: `roles` is a list of names; names with dots reach into nested facts (`token.project.id`), lists match by any entry. */
  readonly credentials: Facts
  /** What is acted on: `%(project_id)s`, and `%(target.user.id)s` for a fact of that very name or a nested one. */
  readonly target: Facts
}

export interface World {
  /** Free of circles. */
  readonly rules: ReadonlyMap<string, Check>
  /** What the service at the URL says. */
  readonly remote: (url: string) => boolean
}

/** A rule that is not there lets nobody. */
export function evaluate(check: Check, question: Question, world: World): boolean {
  switch (check.kind) {
    case 'true':
      return true
    case 'false':
      return false
    case 'not':
      return !evaluate(check.check, question, world)
    case 'and':
      return check.checks.every((each) => evaluate(each, question, world))
    case 'or':
      return check.checks.some((each) => evaluate(each, question, world))
    case 'rule': {
      const rule = world.rules.get(check.name)
      return rule !== undefined && evaluate(rule, question, world)
    }
    case 'role':
      return hasRole(check.role, question)
    case 'match':
      return matches(check.left, check.right, question)
    case 'remote': {
      const url = filled(check.url, question.target)
      return url !== undefined && world.remote(url)
    }
  }
}

function hasRole(pattern: string, { credentials, target }: Question): boolean {
  const wanted = filled(pattern, target)?.toLowerCase()
  const roles = own(credentials, 'roles')
  return (
    wanted !== undefined &&
    Array.isArray(roles) &&
    roles.some((role) => typeof role === 'string' && role.toLowerCase() === wanted)
  )
}

function matches(left: string, right: string, { credentials, target }: Question): boolean {
  const wanted = filled(right, target)
  if (wanted === undefined) return false
  const literal = literalText(left)
  return literal === undefined ? reaches(credentials, left.split('.'), wanted) : literal === wanted
}

/** The text with its `%(…)s` filled in; undefined when one of them is not known. */
function filled(pattern: string, target: Facts): string | undefined {
  let missing = false
  const text = pattern.replaceAll(/%\(([^()]+)\)s/g, (_, name: string) => {
    const value = pythonText(factOf(target, name))
    missing ||= value === undefined
    return value ?? ''
  })
  return missing ? undefined : text
}

function factOf(target: Facts, name: string): unknown {
  const whole = own(target, name)
  if (whole !== undefined || !name.includes('.')) return whole
  return name.split('.').reduce<unknown>(own, target)
}

function reaches(from: unknown, path: readonly string[], wanted: string): boolean {
  const [name, ...rest] = path
  if (name === undefined) return pythonText(from) === wanted
  const value = own(from, name)
  return Array.isArray(value) ? value.some((each) => reaches(each, rest, wanted)) : reaches(value, rest, wanted)
}

/** What stands for itself in a check: `'public'`, `True`, `None`, `1`. */
function literalText(word: string): string | undefined {
  if (/^(?:True|False|None|-?(?:0|[1-9]\d*))$/.test(word)) return word
  return /^(['"])(.*)\1$/s.exec(word)?.[2]
}

/** As Python writes it, since policies are written for that (`is_admin:True`); undefined for what has no plain text. */
function pythonText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value === null) return 'None'
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}

/** The value of an own property; getters are not run. */
function own(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null
    ? Object.getOwnPropertyDescriptor(holder, name)?.value
    : undefined
}
