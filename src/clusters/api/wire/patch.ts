/** JSON patch as Magnum has it. */
import { ApiError } from '../route.ts'
import { invalidInput, missingArgument } from './failure.ts'
import { type FieldTable, type FieldType, field, Unacceptable, type Values } from './field.ts'
import { LiteralError, parseLiteral } from './literal.ts'
import { checkFields, inArgument, parseFields } from './parse.ts'
import { type Json, pythonClass, pythonRepr, pythonText } from './python.ts'
import { oneOf, text } from './types.ts'

export interface PatchOperation {
  readonly path: string
  readonly op: 'add' | 'replace' | 'remove'
  /** Text or a whole number (or a boolean, which Python takes for one); absent where none was sent. */
  readonly value?: string | number | boolean
}

export interface PatchRules {
  /** For the mandatory fields, which may not be removed. */
  readonly table: FieldTable
  /** Paths that may not be changed, beyond those of every resource: `/api_address`. */
  readonly internal?: readonly string[]
  /** Paths that may be replaced but not removed, beyond the mandatory ones: `/public`. */
  readonly kept?: readonly string[]
}

const alwaysInternal = ['/created_at', '/id', '/links', '/updated_at', '/uuid', '/project_id', '/user_id']

const patchValue: FieldType<string | number | boolean> = {
  convert: (value) => value,
  check: (value) => {
    const whole = typeof value === 'number' && Number.isInteger(value)
    if (typeof value === 'string' || typeof value === 'boolean' || whole) return value
    throw new Unacceptable(
      `Wrong type. Expected '(<class 'str'>, <class 'int'>)', got '<class '${pythonClass(value)}'>'`,
    )
  },
  schema: { type: ['string', 'integer'] },
}

/** Each copies what it changes. */
const mostOperations = 1000

/** Of one operation. */
const patchFields = {
  path: field(text({ pattern: /^(\/[\w-]+)+$/ }), { mandatory: true }),
  op: field(oneOf('add', 'replace', 'remove'), { mandatory: true }),
  value: field(patchValue),
} as const satisfies FieldTable

/**
 * A body as a list of operations. Comes before anything is looked up: a body that is no patch is 400, even for an object that is not there.
 * An empty list is one that changes nothing.
 * @throws ApiError 400
 */
export function parsePatch(body: unknown, rules: PatchRules): readonly PatchOperation[] {
  if (body === undefined) throw missingArgument('patch')
  return inArgument('patch', body, () => {
    if (!Array.isArray(body)) throw new Unacceptable(`Value not a valid list: ${pythonText(body)}`)
    if (body.length > mostOperations) throw new Unacceptable(`A patch has at most ${mostOperations} operations`)
    return body.map((entry: Json) => operation(entry, rules))
  })
}

function operation(entry: Json, rules: PatchRules): PatchOperation {
  const { path, op, value } = parseFields(patchFields, entry)
  if (path === undefined || path === null) throw invalidInput('path', null, 'Mandatory field missing.')
  if (op === undefined || op === null) throw invalidInput('op', null, 'Mandatory field missing.')
  const isInternal = alwaysInternal.includes(path) || rules.internal?.includes(path) === true
  if (isInternal && !isOfId({ op, path })) throw internalAttribute(path)
  if (op === 'remove' && isKept(path, rules))
    throw new ApiError(400, `'${path}' is a mandatory attribute and can not be removed`)
  if (value !== undefined && value !== null) return { path, op, value }
  if (op !== 'remove') throw new ApiError(400, "'add' and 'replace' operations needs value")
  return { path, op }
}

const internalAttribute = (path: string): ApiError =>
  new ApiError(400, `'${path}' is an internal attribute and can not be updated`)

/** openstacksdk adds the id before every change. That it is the id which the object has anyway, {@link applyPatch} sees. */
const isOfId = ({ op, path }: Pick<PatchOperation, 'op' | 'path'>): boolean => op === 'add' && path === '/id'

function isKept(path: string, { table, kept }: PatchRules): boolean {
  const name = path.slice(1)
  return kept?.includes(path) === true || (Object.hasOwn(table, name) && table[name]?.mandatory === true)
}

type Document = Readonly<Record<string, unknown>>

/** Why a patch does not fit the document. */
class Unfit extends Error {}

/**
 * The document after the patch. `document` has every attribute the object has, null where unset: `add` takes only those that are null,
 * or keys within a dictionary (`/labels/k`); the object's own `uuid` as `/id` is passed over. `/labels` and `/health_status_reason` are
 * replaced by Python literals.
 * @throws ApiError 400 `Couldn't apply patch '[...]'. Reason: ...`
 */
export function applyPatch(document: Document, patch: readonly PatchOperation[]): Document {
  if (patch.some((change) => isOfId(change) && change.value !== document['uuid'])) throw internalAttribute('/id')
  const changes = patch.filter((change) => !isOfId(change))
  for (const { op, path } of changes) if (op === 'add' && path.lastIndexOf('/') === 0) mayBeAdded(document, path)
  try {
    return changes.reduce((present, change) => applied(present, change), document)
  } catch (error) {
    if (error instanceof Unfit || error instanceof LiteralError)
      throw new ApiError(400, `Couldn't apply patch '${pythonRepr(patch)}'. Reason: ${error.message}`)
    throw error
  }
}

function mayBeAdded(document: Document, path: string): void {
  const name = path.slice(1)
  if (!Object.hasOwn(document, name))
    throw new ApiError(400, `Adding a new attribute ${path} to the root of the resource is not allowed.`)
  if (document[name] !== null && document[name] !== undefined)
    throw new ApiError(400, `The attribute ${path} has existed, please use 'replace' operation instead.`)
}

const literals = ['/labels', '/health_status_reason', '/node_labels', '/node_taints']

function applied(document: Document, { op, path, value }: PatchOperation): Document {
  const parts = path.slice(1).split('/')
  if (parts.includes('__proto__')) throw new Unfit("member '__proto__' not found")
  if (op === 'remove') return changed(document, parts, op, undefined)
  return changed(document, parts, op, op === 'replace' && literals.includes(path) ? literalOf(value) : value)
}

function literalOf(value: PatchOperation['value']): Json {
  if (typeof value === 'string') return parseLiteral(value)
  throw new LiteralError(`malformed node or string: ${pythonRepr(value)}`)
}

/** A copy along the path; what is beside it is shared. */
function changed(
  target: Document,
  [name = '', ...rest]: readonly string[],
  op: PatchOperation['op'],
  value: unknown,
): Document {
  if (rest.length > 0) {
    if (!Object.hasOwn(target, name)) throw new Unfit(`member '${name}' not found`)
    return { ...target, [name]: changed(asDictionary(target[name], rest[0] ?? ''), rest, op, value) }
  }
  if (op === 'add') return { ...target, [name]: value }
  if (!Object.hasOwn(target, name)) throw new Unfit(`can't ${op} a non-existent object '${name}'`)
  if (op === 'replace') return { ...target, [name]: value }
  return Object.fromEntries(Object.entries(target).filter(([key]) => key !== name))
}

/** Lists are never patched: every one that Magnum has is internal. */
function asDictionary(value: unknown, part: string): Document {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Document
  if (typeof value === 'string' || Array.isArray(value)) throw new Unfit(`'${part}' is not a valid sequence index`)
  throw new Unfit(
    `Document '<class '${pythonClass(value)}'>' does not support indexing, must be mapping/sequence or support __getitem__`,
  )
}

/** {@link applyPatch}, and every field checked against the table. A field that was removed has its default again. @throws ApiError 400 */
export function patched<Table extends FieldTable>(
  table: Table,
  document: Document,
  patch: readonly PatchOperation[],
): Values<Table> {
  return checkFields(table, applyPatch(document, patch))
}
