/** Field tables as JSON Schema, for the OpenAPI document. */
import type { Schema } from '../route.ts'
import type { ArgumentType, ArgumentTypes } from './arguments.ts'
import { type Field, type FieldTable, inRange } from './field.ts'
import { lastMinor } from './version.ts'

/** Of the newest version that has the table's fields. Every field takes null. */
export function requestSchema(table: FieldTable, minor: number = lastMinor): Schema {
  const entries = entriesOf(table, minor).filter(([, entry]) => !entry.readOnly)
  return {
    type: 'object',
    additionalProperties: false,
    properties: propertiesOf(entries),
    required: entries.filter(([, entry]) => entry.mandatory).map(([name]) => name),
  }
}

/** Of all versions: a field may be missing. */
export function answerSchema(table: FieldTable): Schema {
  return { type: 'object', additionalProperties: false, properties: propertiesOf(Object.entries(table)) }
}

/** Of a list with its key: `{clusters: [...], next}`. */
export function listSchema(key: string, table: FieldTable): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    properties: { [key]: { type: 'array', items: answerSchema(table) }, next: { type: 'string' } },
    required: [key],
  }
}

/** Of a body that is a JSON patch. */
export const patchSchema: Schema = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    properties: {
      path: { type: 'string', pattern: '^(/[\\w-]+)+$' },
      op: { type: 'string', enum: ['add', 'replace', 'remove'] },
      value: { type: ['string', 'integer', 'null'] },
    },
    required: ['path', 'op'],
  },
}

const argumentSchemas: Readonly<Record<ArgumentType, Schema>> = {
  text: { type: 'string' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  uuid: { type: 'string', format: 'uuid' },
}

export function querySchema(types: ArgumentTypes): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, argumentSchemas[type]]))
}

function entriesOf(table: FieldTable, minor: number): readonly (readonly [string, Field<unknown>])[] {
  return Object.entries(table).filter(([, { versions }]) => inRange(versions, minor))
}

function propertiesOf(entries: readonly (readonly [string, Field<unknown>])[]): Schema {
  return Object.fromEntries(entries.map(([name, entry]) => [name, propertyOf(entry)]))
}

function propertyOf({ type, description, default: initial }: Field<unknown>): Schema {
  const extra = {
    ...(description === undefined ? {} : { description }),
    ...(initial === undefined ? {} : { default: initial }),
  }
  return { anyOf: [type.schema, { type: 'null' }], ...extra }
}
