import fc from 'fast-check'
import { expect, test } from 'vitest'
import { waitAfter } from './back-off.ts'

const backOff = { first: 1000, most: 300_000 }

test.each([
  [1, 0, 500],
  [1, 0.5, 750],
  [2, 0, 1000],
  [3, 0, 2000],
  [9, 0, 128_000],
  [10, 0, 150_000],
  [1000, 0, 150_000],
])('after %i failures with chance %f: %i ms', (failures, chance, expected) => {
  expect(waitAfter(failures, backOff, () => chance)).toBe(expected)
})

test('no wait is shorter than half of the first, or longer than the most', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.nat(), chance, (failures, random) => {
      const wait = waitAfter(failures, backOff, () => random)
      expect(wait).toBeGreaterThanOrEqual(500)
      expect(wait).toBeLessThanOrEqual(300_000)
    }),
  )
})
