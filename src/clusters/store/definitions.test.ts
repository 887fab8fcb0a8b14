import { expect, test } from 'vitest'
import { z } from 'zod'
import { structuralSchema } from './structural.ts'

const refused: readonly (readonly [string, z.ZodType])[] = [
  ['either of two', z.object({ a: z.union([z.string(), z.int()]) })],
  ['null', z.object({ a: z.string().nullable() })],
  ['anything', z.object({ a: z.unknown() })],
  ['a record of anything', z.record(z.string(), z.unknown())],
  ['a pattern', z.object({ a: z.string().regex(/x/) })],
  ['a constant', z.array(z.literal('x'))],
]
test.each(refused)('what a definition cannot say is no schema: %s', (_what, schema) => {
  expect(() => structuralSchema(schema)).toThrow(/CustomResourceDefinition/)
})

test('descriptions and bounds are kept', () => {
  const schema = z.object({
    size: z.int().min(1).describe('GB'),
    names: z.array(z.string()).describe('All.').optional(),
  })
  expect(structuralSchema(schema)).toEqual({
    type: 'object',
    properties: {
      size: { type: 'integer', format: 'int64', description: 'GB', minimum: 1 },
      names: { type: 'array', description: 'All.', items: { type: 'string' } },
    },
    required: ['size'],
  })
})
