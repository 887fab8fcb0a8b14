/** A POST body against a field table. */
import { ApiError } from '../route.ts'
import { invalidInput, missingArgument, unknownAttribute } from './failure.ts'
import { type Field, type FieldTable, inRange, Unacceptable, type Values } from './field.ts'
import type { Json } from './python.ts'

/** Names fields that are unknown; the argument they stand in is known further up. */
class UnknownFields extends Error {
  readonly path: readonly string[]
  readonly names: readonly string[]

  constructor(path: readonly string[], names: readonly string[]) {
    super(`unknown fields ${names.join(', ')}`)
    this.name = 'UnknownFields'
    this.path = path
    this.names = names
  }
}

/**
 * The fields of a body, defaults filled in; a field that was not sent and has no default is undefined, one that was sent as null is null.
 * `argument` is the word Magnum's messages use for the body: `cluster`, `cluster_template`, `nodegroup`.
 * @throws ApiError 400 in WSME's words
 */
export function parseBody<Table extends FieldTable>(
  argument: string,
  table: Table,
  body: unknown,
  minor: number,
): Values<Table> {
  if (body === undefined) throw missingArgument(argument)
  return inArgument(argument, body, () => parseFields(table, body as Json, minor))
}

/** Complaints of `read` about the argument as a whole, in WSME's words. */
export function inArgument<Value>(argument: string, body: unknown, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnknownFields) throw unknownAttribute([argument, ...error.path].join('.'), error.names)
    if (error instanceof Unacceptable) throw invalidInput(argument, body, error.message)
    throw error
  }
}

/** One object of a body. @throws Unacceptable, UnknownFields (both become complaints about the argument), ApiError */
export function parseFields<Table extends FieldTable>(table: Table, value: Json, minor?: number): Values<Table> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Unacceptable('Value should be a JSON object')
  const sent = value as Readonly<Record<string, Json>>
  const known = Object.entries(table).filter(([, { versions }]) => minor === undefined || inRange(versions, minor))
  const names = new Set(known.map(([name]) => name))
  const unknown = Object.keys(sent).filter((name) => !names.has(name))
  if (unknown.length > 0) throw new UnknownFields([], unknown)
  return Object.fromEntries(known.map(([name, entry]) => [name, readField(name, entry, sent)])) as Values<Table>
}

function readField(name: string, entry: Field<unknown>, sent: Readonly<Record<string, Json>>): unknown {
  const value = Object.hasOwn(sent, name) ? sent[name] : undefined
  if (value === undefined) {
    if (entry.mandatory) throw invalidInput(name, null, 'Mandatory field missing.')
    return entry.default
  }
  const converted = value === null ? null : within(name, () => entry.type.convert(value))
  if (entry.readOnly) throw invalidInput(name, converted, 'Cannot set read only field.')
  return checkField(name, entry, converted)
}

function within<Value>(name: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnknownFields) throw new UnknownFields([name, ...error.path], error.names)
    throw error
  }
}

/** One value of a field, from POST or PATCH. @throws ApiError 400 about the field */
function checkField<Value>(name: string, entry: Field<Value>, value: unknown): Value | null {
  if (value === null || value === undefined) return null
  try {
    return entry.type.check(value)
  } catch (error) {
    if (error instanceof Unacceptable) throw invalidInput(name, value, error.message)
    if (error instanceof ApiError) throw error
    throw error
  }
}

/** Values that were changed by a patch, checked as WSME does when an object is made of them; unknown names are left out. */
export function checkFields<Table extends FieldTable>(
  table: Table,
  values: Readonly<Record<string, unknown>>,
): Values<Table> {
  const entries = Object.entries(table).flatMap(([name, entry]): [string, unknown][] => {
    if (!Object.hasOwn(values, name)) return entry.default === undefined ? [] : [[name, entry.default]]
    return [[name, checkField(name, entry, values[name])]]
  })
  return Object.fromEntries(entries) as Values<Table>
}
