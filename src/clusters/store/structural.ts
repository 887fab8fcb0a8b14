/**
 * A zod schema as the structural schema of a CustomResourceDefinition. The API server checks and prunes by it, so what is stored is
 * what the schema says. It takes a part of OpenAPI v3 only; a schema that needs more is refused here rather than thinned out.
 */
import { z } from 'zod'

export interface StructuralSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly format?: string
  readonly properties?: Readonly<Record<string, StructuralSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: StructuralSchema
  readonly items?: StructuralSchema
}

/** JSON Schema as zod writes it, as far as it is read. */
interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema
  readonly items?: JsonSchema
}

const scalars = ['string', 'integer', 'number', 'boolean'] as const
const understood = new Set([
  ...['$schema', 'type', 'description', 'enum', 'minimum', 'maximum'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames', 'items'],
])

/** @throws when the schema says something that a CustomResourceDefinition cannot. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  return structural(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, '')
}

function structural(schema: JsonSchema, place: string): StructuralSchema {
  const strange = Object.keys(schema).find((word) => !understood.has(word))
  if (strange !== undefined)
    throw new Error(`${place || '/'}: a CustomResourceDefinition has no ${strange} of zod's kind`)
  const { description } = schema
  const described = description === undefined ? {} : { description }
  if (schema.type === 'object') return { type: 'object', ...described, ...members(schema, place) }
  if (schema.type === 'array')
    return { type: 'array', ...described, items: structural(schema.items ?? {}, `${place}/items`) }
  const type = scalars.find((scalar) => scalar === schema.type)
  if (type === undefined) throw new Error(`${place || '/'}: a CustomResourceDefinition has no type ${schema.type}`)
  return { type, ...described, ...limits(schema) }
}

/** Either named properties or a record: the API server takes no schema with both. */
function members({ properties, required, additionalProperties }: JsonSchema, place: string) {
  if (properties === undefined)
    return { additionalProperties: structural(additionalProperties ?? {}, `${place}/additionalProperties`) }
  return {
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, structural(property, `${place}/${name}`)]),
    ),
    ...(required === undefined || required.length === 0 ? {} : { required }),
  }
}

function limits(schema: JsonSchema) {
  // Zod's bounds of a whole number are those of JavaScript; they are nothing a reader has to know.
  const bound = (limit: number | undefined) =>
    limit !== undefined && Number.isSafeInteger(limit - 1) && Number.isSafeInteger(limit + 1)
  return {
    ...(schema.enum === undefined ? {} : { enum: schema.enum }),
    ...(schema.type === 'integer' ? { format: 'int64' } : {}),
    ...(bound(schema.minimum) ? { minimum: schema.minimum } : {}),
    ...(bound(schema.maximum) ? { maximum: schema.maximum } : {}),
  }
}
