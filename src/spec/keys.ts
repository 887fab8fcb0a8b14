/** Walks the schema along a path: which keys may stand there. */
import type { z } from 'zod'
import { cloudSchema } from './cloud.ts'

type Schema = z.core.$ZodType

/** What stands in the document at a path. */
interface Values {
  valueAt(path: readonly PropertyKey[]): unknown
}

/** The keys of the map at a path; empty where any key may stand. */
export function keysAt(path: readonly PropertyKey[], values: Values): readonly string[] {
  let schema: Schema | undefined = cloudSchema
  for (const [index, part] of path.entries())
    schema = schema === undefined ? undefined : step(one(schema, path.slice(0, index), values), part)
  return schema === undefined ? [] : keysOf(one(schema, path, values))
}

/** The schema under defaults; of several maps the one that the document's own key names. */
function one(schema: Schema, path: readonly PropertyKey[], values: Values): Schema {
  const inner = bare(schema)
  const { def } = (inner as z.core.$ZodTypes)._zod
  if (def.type !== 'union' || !('discriminator' in def)) return inner
  const key = String(def.discriminator)
  const value = values.valueAt([...path, key])
  const named = def.options.find((option) => option._zod.propValues?.[key]?.has(value as z.core.util.Primitive))
  return named ?? def.options[0] ?? inner
}

function keysOf(schema: Schema): readonly string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'object') return Object.keys(def.shape)
  if (def.type !== 'record') return []
  const names = def.keyType._zod.values
  return names === undefined ? [] : [...names].map(String)
}

function step(schema: Schema, part: PropertyKey): Schema | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'object') return def.shape[String(part)]
  if (def.type === 'record') return def.valueType
  if (def.type === 'array') return def.element
  return undefined
}

/** The schema under defaults and optionality. */
function bare(schema: Schema): Schema {
  const { def } = (schema as z.core.$ZodTypes)._zod
  return def.type === 'default' || def.type === 'prefault' || def.type === 'optional' ? bare(def.innerType) : schema
}
