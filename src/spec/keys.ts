/** Walks the schema along a path: which keys may stand there. */
import type { z } from 'zod'
import { cloudSchema } from './cloud.ts'

type Schema = z.core.$ZodType

/** The keys of the map at a path; empty where any key may stand. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let schema: Schema | undefined = cloudSchema
  for (const part of path) schema = schema === undefined ? undefined : step(bare(schema), part)
  return schema === undefined ? [] : keysOf(bare(schema))
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
