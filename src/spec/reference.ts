/** The reference page of the document, generated from its schema. */
import { cloudJsonSchema, type JsonSchema } from './json-schema.ts'

interface Row {
  readonly path: string
  readonly type: string
  readonly fallback: string
  readonly text: string
}

/** Markdown of `docs/reference/document.md`: one table a top-level field of `spec`. */
export function documentReference(): string {
  const schema = cloudJsonSchema()
  const spec = child(schema, 'spec')
  const parts = Object.keys(propertiesOf(spec)).map((name) => section(`spec.${name}`, child(spec, name)))
  return [
    '# The Cloud document',
    '',
    'Generated from the schema (`./croque schema` prints it for editors). Every field but `apiVersion` and `kind` may be left out.',
    'Unknown keys are refused; all problems of a document are told at once.',
    '',
    '```yaml',
    'apiVersion: croque.dev/v1alpha1',
    'kind: Cloud',
    'metadata:',
    '  name: cloud',
    'spec:',
    '  size: tiny',
    '```',
    '',
    ...section('metadata', child(schema, 'metadata')),
    ...parts.flat(),
  ].join('\n')
}

function section(path: string, schema: JsonSchema): readonly string[] {
  const rows = rowsOf(path, schema)
  const lines = rows.map((row) => `| \`${row.path}\` | ${row.type} | ${row.fallback} | ${row.text} |`)
  return [`## ${path}`, '', '| field | type | default | meaning |', '| --- | --- | --- | --- |', ...lines, '']
}

function rowsOf(path: string, schema: JsonSchema): readonly Row[] {
  const kinds = schema['oneOf']
  if (Array.isArray(kinds)) {
    const own = { path, type: 'map', fallback: '', text: String(schema['description'] ?? '') }
    return [own, ...kinds.filter(isSchema).flatMap((kind) => rowsOf(path, kind))]
  }
  const own = {
    path,
    type: typeOf(schema),
    fallback: fallbackOf(schema),
    text: String(schema['description'] ?? '').replaceAll('|', '\\|'),
  }
  const inner = Object.entries(propertiesOf(schema)).flatMap(([name, value]) => rowsOf(`${path}.${name}`, value))
  const any = schema['additionalProperties']
  // Options of configuration files are one row: three maps of names would tell nothing.
  const named = isSchema(any) && !path.endsWith('.config') ? rowsOf(`${path}.<name>`, any) : []
  return own.type === 'map' && own.text === '' ? [...inner, ...named] : [own, ...inner, ...named]
}

function typeOf(schema: JsonSchema): string {
  const values = schema['enum'] ?? (schema['const'] === undefined ? undefined : [schema['const']])
  if (Array.isArray(values)) return values.map((value) => `\`${value}\``).join(', ')
  const choices = schema['anyOf']
  if (Array.isArray(choices)) return [...new Set(choices.filter(isSchema).map(typeOf))].join(' or ')
  if (schema['type'] === 'array') return `list of ${isSchema(schema['items']) ? typeOf(schema['items']) : 'values'}`
  const type = schema['type']
  if (Array.isArray(type)) return type.join(' or ')
  return type === 'object' ? 'map' : String(type ?? 'any')
}

function fallbackOf(schema: JsonSchema): string {
  const value = schema['default']
  return value === undefined || (isSchema(value) && Object.keys(value).length === 0)
    ? ''
    : `\`${JSON.stringify(value)}\``
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const propertiesOf = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  isSchema(schema['properties']) ? (schema['properties'] as Readonly<Record<string, JsonSchema>>) : {}

const child = (schema: JsonSchema, name: string): JsonSchema => propertiesOf(schema)[name] ?? {}
