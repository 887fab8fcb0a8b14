import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergePatch } from './difference.ts'

type Json = Readonly<Record<string, unknown>>

/** RFC 7386, section 2. */
function applied(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result = new Map(
    typeof target === 'object' && target !== null && !Array.isArray(target) ? Object.entries(target) : [],
  )
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key)
    else result.set(key, applied(result.get(key), value))
  }
  return Object.fromEntries(result)
}

const key = fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString')
const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 3 }))
const { json } = fc.letrec<{ json: Json; value: unknown }>((tie) => ({
  json: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(fc.oneof(scalar, tie('json')), { maxLength: 3 }),
    tie('json'),
  ),
}))

test('a patch makes the one of the other', () => {
  fc.assert(
    fc.property(json, json, (from, to) => {
      expect(applied(from, mergePatch(from, to))).toEqual(to)
    }),
  )
})

test('between what is alike there is nothing to send', () => {
  fc.assert(
    fc.property(json, (from) => {
      expect(mergePatch(from, structuredClone(from))).toEqual({})
    }),
  )
})

test('only what differs is sent', () => {
  const from = { name: 'a', labels: { x: '1', y: '2' }, tags: ['p'], gone: 'g' }
  expect(mergePatch(from, { name: 'a', labels: { x: '1', y: '3' }, tags: ['p'] })).toEqual({
    gone: null,
    labels: { y: '3' },
  })
})
