/** The document as a JSON Schema, for editors. */
import { z } from 'zod'
import { cloudSchema } from './cloud.ts'
import type { KnownService } from './known.ts'

/** A JSON Schema object. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

const title = 'Cloud, a document of croque'

/**
 * JSON Schema (draft 2020-12) of the document as a user writes it, with descriptions and defaults; unknown keys are refused.
 * With the services of the catalog, their names, components and files are offered too.
 */
export function cloudJsonSchema(knownServices: readonly KnownService[] = []): JsonSchema {
  const schema = z.toJSONSchema(cloudSchema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' }) as Schema
  const spec = schema.properties?.['spec']
  const services = spec?.properties?.['services']
  const service = services?.additionalProperties
  if (knownServices.length > 0 && services !== undefined && typeof service === 'object') {
    services.properties = Object.fromEntries(knownServices.map((known) => [known.name, named(service, known)]))
    services.additionalProperties = false
  }
  const { $schema, ...rest } = schema
  return { $schema, title, ...rest }
}

interface Schema {
  [keyword: string]: unknown
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
}

function named(service: Schema, { components, files }: KnownService): Schema {
  const copy = structuredClone(service)
  offer(copy.properties?.['components'], components)
  offer(copy.properties?.['config'], Object.keys(files))
  return copy
}

/** Turns "any name" into these names. */
function offer(map: Schema | undefined, names: readonly string[]): void {
  if (map === undefined || typeof map.additionalProperties !== 'object') return
  const value = map.additionalProperties
  map.properties = Object.fromEntries(names.map((name) => [name, value]))
  map.additionalProperties = false
}
