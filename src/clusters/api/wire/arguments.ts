/** Query arguments: what a route takes, and WSME's complaints about the rest. */
import type { ApiError } from '../route.ts'
import { invalidInput, invalidValue, unknownArgument } from './failure.ts'
import { Unacceptable } from './field.ts'
import type { PageArguments } from './page.ts'
import { isUuid, pythonBoolean, pythonInt } from './types.ts'

export type ArgumentType = 'text' | 'integer' | 'boolean' | 'uuid'
export type ArgumentTypes = Readonly<Record<string, ArgumentType>>

export type Arguments<Types extends ArgumentTypes> = {
  readonly [Name in keyof Types]?: Types[Name] extends 'integer'
    ? number
    : Types[Name] extends 'boolean'
      ? boolean
      : string
}

/** What the query holds. An argument that stands there twice is refused. @throws ApiError 400 */
export function readArguments<const Types extends ArgumentTypes>(
  query: URLSearchParams,
  types: Types,
): Arguments<Types> {
  const names = [...new Set(query.keys())]
  const known = names.filter((name) => Object.hasOwn(types, name))
  // WSME converts what it knows before it looks for what it does not know.
  const read = known.map((name) => [name, convert(name, types[name] ?? 'text', query.getAll(name))])
  if (known.length < names.length) throw unknownArgument(names.filter((name) => !known.includes(name)))
  return Object.fromEntries(read) as Arguments<Types>
}

function convert(name: string, type: ArgumentType, values: readonly string[]): string | number | boolean {
  const [value = ''] = values
  const sent = values.length > 1 ? values : value
  if (type === 'boolean') return pythonBoolean(several(name, sent, 'bool'))
  if (type === 'text') return several(name, sent, 'str')
  if (type === 'uuid') {
    if (isUuid(several(name, sent, 'uuid'))) return value
    throw unconvertible(name, sent, 'uuid', `Expected a uuid but received ${value}.`)
  }
  try {
    return pythonInt(sent)
  } catch (error) {
    if (error instanceof Unacceptable) throw unconvertible(name, sent, 'int', error.message)
    throw error
  }
}

/** An argument that stands there twice is none that one could choose from. */
function several(name: string, sent: string | readonly string[], type: string): string {
  if (typeof sent === 'string') return sent
  throw unconvertible(name, sent, type, `Expected one value but received ${sent.length}.`)
}

function unconvertible(name: string, sent: string | readonly string[], type: string, error: string): ApiError {
  return invalidInput(name, sent, `unable to convert to ${type}. Error: ${error}`)
}

/** For {@link readArguments}: what every list takes. Quotas have `marker: 'integer'` instead. */
export const pageArgumentTypes = { marker: 'uuid', limit: 'integer', sort_key: 'text', sort_dir: 'text' } as const

/** `maxLimit` is also the limit when none is given. @throws ApiError 400 */
export function pageArguments(
  read: {
    readonly marker?: string | number
    readonly limit?: number
    readonly sort_key?: string
    readonly sort_dir?: string
  },
  maxLimit: number,
): PageArguments {
  if (read.limit !== undefined && read.limit <= 0) throw invalidValue('Limit must be positive')
  const sortDir = read.sort_dir ?? 'asc'
  if (sortDir !== 'asc' && sortDir !== 'desc')
    throw invalidValue(`Invalid sort direction: ${sortDir}. Acceptable values are 'asc' or 'desc'`)
  return {
    limit: Math.min(read.limit ?? maxLimit, maxLimit),
    // The empty text is no column.
    sortKey: read.sort_key || 'id',
    sortDir,
    // Zero and the empty text are no markers.
    ...(read.marker ? { marker: String(read.marker) } : {}),
  }
}
