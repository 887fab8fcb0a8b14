import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cache } from './cache.ts'

test('the least recently used goes first', () => {
  const kept = cache<number>(2, () => 0)
  kept.set('a', 1, 9)
  kept.set('b', 2, 9)
  kept.get('a')
  kept.set('c', 3, 9)
  expect([kept.get('a'), kept.get('b'), kept.get('c')]).toEqual([1, undefined, 3])
})

test('never more than allowed, never past its end, and always the last value', () => {
  const action = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    value: fc.option(fc.nat(), { nil: undefined }),
    lives: fc.nat(5),
    passes: fc.nat(3),
  })
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), fc.integer({ min: 0, max: 3 }), (actions, most) => {
      let now = 0
      const kept = cache<number>(most, () => now)
      const written = new Map<string, { value: number; until: number }>()
      for (const { key, value, lives, passes } of actions) {
        if (value === undefined) {
          const got = kept.get(key)
          const last = written.get(key)
          if (got !== undefined)
            expect({ got, alive: (last?.until ?? 0) > now }).toEqual({ got: last?.value, alive: true })
        } else {
          kept.set(key, value, now + lives)
          written.set(key, { value, until: now + lives })
        }
        expect(kept.size()).toBeLessThanOrEqual(most)
        now += passes
      }
    }),
  )
})
