import { expect, test } from 'vitest'
import { momentAfter, momentOf } from './index.ts'

const now = new Date('2026-11-28T16:00:00.123Z')

test.each([
  [undefined, '2026-11-28T16:00:00.123000Z'],
  ['2026-11-28T16:00:00.122999Z', '2026-11-28T16:00:00.123000Z'],
  ['2026-11-28T16:00:00.123000Z', '2026-11-28T16:00:00.123001Z'],
  ['2026-11-28T16:00:00.999999Z', '2026-11-28T16:00:01.000000Z'],
  ['2026-11-28T23:59:59.999999Z', '2026-11-29T00:00:00.000000Z'],
])('after %s', (previous, moment) => {
  expect(momentAfter(previous, now)).toBe(moment)
})

test('without a past it is now', () => {
  expect(momentOf(now)).toBe('2026-11-28T16:00:00.123000Z')
})
