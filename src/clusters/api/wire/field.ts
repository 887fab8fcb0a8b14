/**
 * Field tables: one table a resource says what its fields are, and from it come the parsing of a POST body, the answers and the
 * OpenAPI document. The order of a table is the order of the fields in answers.
 *
 * ```ts
 * export const clusterFields = {
 *   uuid: field(uuid(), { readOnly: true }),
 *   name: field(text({ min: 1, max: 242, pattern: /^[a-zA-Z][a-zA-Z0-9_.-]*$/ })),
 *   node_count: field(integer({ min: 0 }), { default: 1 }),
 *   cluster_id: field(plainText(), { readOnly: true, versions: { from: 13 } }),
 * } as const satisfies FieldTable
 * ```
 */
import type { Schema } from '../route.ts'
import type { Json } from './python.ts'

/** Minor versions, both ends included. */
export interface VersionRange {
  readonly from?: number
  readonly to?: number
}

/**
 * What a field can hold. WSME looks at a value twice: `convert` turns JSON into the field's class on POST only (`"3"` becomes 3), and its
 * complaints name the whole argument; `check` looks at values from POST and PATCH, and its complaints name the field.
 */
export interface FieldType<Value> {
  /** @throws Unacceptable (complaint about the argument) */
  convert(value: Json): unknown
  /** Null never gets here: every field takes null. @throws Unacceptable (complaint about the field), ApiError */
  check(value: unknown): Value
  readonly schema: Schema
}

/** A value was refused; {@link parseBody} and {@link checkFields} make an {@link ApiError} of it. */
export class Unacceptable extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Unacceptable'
  }
}

export interface FieldOptions<Value> {
  /** Must be in a POST body, and may not be removed by PATCH. */
  readonly mandatory?: boolean
  /** In a POST body it is refused: "Cannot set read only field." */
  readonly readOnly?: boolean
  /** What an unset field has, in requests and in answers (short lists included). Undefined: an unset field is left out. */
  readonly default?: Value | null
  /** Outside these versions the field is unknown in requests and not in answers. @default all */
  readonly versions?: VersionRange
  /** For the OpenAPI document. */
  readonly description?: string
}

export interface Field<Value> extends FieldOptions<Value> {
  readonly type: FieldType<Value>
}

export type FieldTable = Readonly<Record<string, Field<unknown>>>

/** What a table's fields hold: undefined where never set, null where set to nothing. */
export type Values<Table extends FieldTable> = {
  readonly [Name in keyof Table]?: (Table[Name] extends Field<infer Value> ? Value : never) | null
}

export function field<Value>(type: FieldType<Value>, options: FieldOptions<Value> = {}): Field<Value> {
  return { ...options, type }
}

export function inRange({ from = 1, to = Number.POSITIVE_INFINITY }: VersionRange = {}, minor: number): boolean {
  return minor >= from && minor <= to
}
