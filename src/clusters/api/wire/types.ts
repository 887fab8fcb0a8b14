/** The types a field can have, as WSME and Magnum know them. */
import { isIPv4 } from 'node:net'
import { ApiError } from '../route.ts'
import { type Field, type FieldTable, type FieldType, Unacceptable, type Values } from './field.ts'
import { parseFields } from './parse.ts'
import { type Json, pythonClass, pythonRepr, pythonText } from './python.ts'

export interface TextLimits {
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
}

const asIs = (value: Json): unknown => value

/** WSME's StringType: lengths in characters, a pattern that is searched for. */
export function text({ min, max, pattern }: TextLimits = {}): FieldType<string> {
  return {
    convert: asIs,
    check: (value) => {
      if (typeof value !== 'string') throw new Unacceptable('Value should be string')
      const length = [...value].length
      if (min !== undefined && length < min)
        throw new Unacceptable(`Value should have a minimum character requirement of ${min}`)
      if (max !== undefined && length > max)
        throw new Unacceptable(`Value should have a maximum character requirement of ${max}`)
      if (pattern !== undefined && !pattern.test(value))
        throw new Unacceptable(`Value should match the pattern ${sourceOf(pattern)}`)
      return value
    },
    schema: {
      type: 'string',
      ...(min === undefined ? {} : { minLength: min }),
      ...(max === undefined ? {} : { maxLength: max }),
      ...(pattern === undefined ? {} : { pattern: sourceOf(pattern) }),
    },
  }
}

/** As Python writes it: a slash needs no escape there. */
const sourceOf = (pattern: RegExp): string => pattern.source.replaceAll('\\/', '/')

/** A text without limits. */
export function plainText(): FieldType<string> {
  return {
    convert: asIs,
    check: (value) => {
      if (typeof value !== 'string') throw wrongType('str', value)
      return value
    },
    schema: { type: 'string' },
  }
}

/** A whole number; on POST also a text of digits. */
export function integer({ min, max }: { readonly min?: number; readonly max?: number } = {}): FieldType<number> {
  return {
    convert: pythonInt,
    check: (value) => {
      // A PATCH value is text or int; Python cannot compare a text with a number.
      if (typeof value !== 'number' && typeof value !== 'boolean')
        throw new Unacceptable(`'<' not supported between instances of '${pythonClass(value)}' and 'int'`)
      const number = Number(value)
      if (min !== undefined && number < min) throw new Unacceptable(`Value should be greater or equal to ${min}`)
      if (max !== undefined && number > max) throw new Unacceptable(`Value should be lower or equal to ${max}`)
      if (!Number.isSafeInteger(number)) throw new Unacceptable('Value is too large')
      return number
    },
    schema: {
      type: 'integer',
      ...(min === undefined ? {} : { minimum: min }),
      ...(max === undefined ? {} : { maximum: max }),
    },
  }
}

/** `int()`: whole numbers, numbers cut to whole ones, texts of digits. */
export function pythonInt(value: Json): number {
  const number = typeof value === 'string' ? intOfText(value) : intOfNumber(value)
  if (!Number.isSafeInteger(number)) throw new Unacceptable('Value is too large')
  return number
}

function intOfText(value: string): number {
  const trimmed = value.trim()
  if (!/^[+-]?\d+(_\d+)*$/.test(trimmed))
    throw new Unacceptable(`invalid literal for int() with base 10: ${pythonRepr(value)}`)
  return Number(trimmed.replaceAll('_', ''))
}

function intOfNumber(value: Json): number {
  if (typeof value === 'number') return Math.trunc(value)
  if (typeof value === 'boolean') return Number(value)
  throw new Unacceptable(
    `int() argument must be a string, a bytes-like object or a real number, not '${pythonClass(value)}'`,
  )
}

const truths = ['1', 't', 'true', 'on', 'y', 'yes']
const lies = ['0', 'f', 'false', 'off', 'n', 'no']

/** Magnum's boolean: also texts (`yes`, `off`, ...) and 0 and 1. */
export function boolean(): FieldType<boolean> {
  return { convert: pythonBoolean, check: pythonBoolean, schema: { type: 'boolean' } }
}

/** @throws ApiError */
export function pythonBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  const word = pythonText(value).trim().toLowerCase()
  if (truths.includes(word)) return true
  if (lies.includes(word)) return false
  const acceptable = [...lies, ...truths].sort().map(pythonRepr).join(', ')
  throw new ApiError(400, `Unrecognized value '${pythonText(value)}', acceptable values are: ${acceptable}`)
}

export function oneOf<Value extends string>(...values: readonly Value[]): FieldType<Value> {
  return {
    convert: asIs,
    check: (value) => {
      const found = values.find((allowed) => allowed === value)
      if (found === undefined) throw new Unacceptable(`Value should be one of: ${values.join(', ')}`)
      return found
    },
    schema: { type: 'string', enum: [...values] },
  }
}

/**
 * What labels of one request may have, as JSON. They are kept several times within one object of the API server, which takes no more
 * than a megabyte and a half.
 */
const mostOfLabels = 16_384

function checkLength(value: unknown): void {
  const { length } = JSON.stringify(value)
  if (length <= mostOfLabels) return
  throw new Unacceptable(`Value should have at most ${mostOfLabels} characters, and has ${length}`)
}

export interface Bounded {
  /** What is patched is bounded too. Not where the document has more than was sent: labels that were merged, addresses. @default false */
  readonly bounded?: boolean
}

/** Text, number or boolean each; kept as the text Python makes of it (`true` becomes `True`). */
export function labels({ bounded = false }: Bounded = {}): FieldType<Readonly<Record<string, string>>> {
  return {
    convert: (value) => {
      checkLength(value)
      return asDictionary(value)
    },
    check: (value) =>
      mapDictionary(value, bounded, (item) => {
        if (item !== null && typeof item !== 'object') return pythonText(item)
        throw new Unacceptable(
          `Wrong type. Expected '(<class 'str'>, <class 'int'>, <class 'bool'>, <class 'float'>)', got '<class '${pythonClass(item)}'>'`,
        )
      }),
    schema: { type: 'object', additionalProperties: { type: ['string', 'integer', 'boolean', 'number'] } },
  }
}

/** Text to text. */
export function dictionary({ bounded = false }: Bounded = {}): FieldType<Readonly<Record<string, string>>> {
  return {
    convert: asDictionary,
    check: (value) =>
      mapDictionary(value, bounded, (item) => {
        if (typeof item !== 'string') throw wrongType('str', item)
        return item
      }),
    schema: { type: 'object', additionalProperties: { type: 'string' } },
  }
}

function asDictionary(value: Json): unknown {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value
  throw new Unacceptable(`Value not a valid dict: ${pythonText(value)}`)
}

function mapDictionary(
  value: unknown,
  bounded: boolean,
  read: (item: unknown) => string,
): Readonly<Record<string, string>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Unacceptable(
      `Wrong type. Expected '{<class 'str'>: <class 'str'>}', got '<class '${pythonClass(value)}'>'`,
    )
  if (bounded) checkLength(value)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item)]))
}

export function list<Value>(item: FieldType<Value>, { bounded = false }: Bounded = {}): FieldType<readonly Value[]> {
  return {
    convert: (value) => {
      if (!Array.isArray(value)) throw new Unacceptable(`Value not a valid list: ${pythonText(value)}`)
      return value.map((entry: Json) => (entry === null ? null : item.convert(entry)))
    },
    check: (value) => {
      if (!Array.isArray(value)) throw wrongType('list', value)
      if (bounded) checkLength(value)
      return value.map((entry: unknown) => item.check(entry))
    },
    schema: { type: 'array', items: item.schema },
  }
}

/** An object with fields of its own; `name` stands in complaints about unknown fields. */
export function nested<Table extends FieldTable>(table: Table): FieldType<Values<Table>> {
  return {
    convert: (value) => parseFields(table, value),
    check: (value) => value as Values<Table>,
    schema: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(table).map(([name, { type }]) => [name, type.schema])),
      required: Object.entries(table)
        .filter(([, entry]: readonly [string, Field<unknown>]) => entry.mandatory === true)
        .map(([name]) => name),
    },
  }
}

/** A UUID in any of the spellings Python's `uuid` reads; stays as it was sent. */
export function uuid(): FieldType<string> {
  const check = (value: unknown): string => {
    if (typeof value === 'string' && isUuid(value)) return value
    throw new ApiError(400, `Expected a uuid but received ${pythonText(value)}.`)
  }
  return { convert: check, check, schema: { type: 'string', format: 'uuid' } }
}

/** `is_uuid_like` of oslo.utils: dashes, braces, `urn:` and `uuid:` do not matter. */
export function isUuid(value: string): boolean {
  if (value.length > 64) return false
  const bare = value
    .toLowerCase()
    .replaceAll('urn:', '')
    .replaceAll('uuid:', '')
    .replace(/^[{}]+|[{}]+$/g, '')
    .replaceAll('-', '')
  return /^[0-9a-f]{32}$/.test(bare)
}

/** IPv4 addresses with commas between, or one alone. */
export function dnsServers({ several = true }: { readonly several?: boolean } = {}): FieldType<string> {
  return {
    convert: asIs,
    check: (value) => {
      if (typeof value !== 'string') throw wrongType('str', value)
      if (!several) {
        if (isIPv4(value)) return value
        throw new Unacceptable('Value should be IPv4 format')
      }
      if (value.split(',').every((address) => isIPv4(address.trim()))) return value
      throw new ApiError(400, `Expected a single dns address or comma separated dns list, but received ${value}.`)
    },
    schema: { type: 'string' },
  }
}

/** A date of a stored object; never read from requests. */
export function moment(): FieldType<string> {
  return { convert: asIs, check: String, schema: { type: 'string', format: 'date-time' } }
}

const link = {
  type: 'object',
  properties: { href: { type: 'string' }, rel: { type: 'string' }, type: { type: 'string' } },
  required: ['href', 'rel'],
} as const

/** The `links` of an object; never read from requests. */
export function links(): FieldType<readonly { readonly href: string; readonly rel: string }[]> {
  return { convert: asIs, check: () => [], schema: { type: 'array', items: link } }
}

function wrongType(expected: string, value: unknown): Unacceptable {
  return new Unacceptable(`Wrong type. Expected '<class '${expected}'>', got '<class '${pythonClass(value)}'>'`)
}
