import { expect, test } from 'vitest'
import { rateLimiter } from './rate.ts'
import { requestIds } from './request-id.ts'

test('a bucket empties by requests and fills by time, up to its burst', () => {
  let now = 0
  const { admit } = rateLimiter({ perSecond: 2, burst: 3 }, () => now)
  expect([admit('a'), admit('a'), admit('a')]).toEqual([0, 0, 0])
  expect(admit('a')).toBe(1)
  expect(admit('b')).toBe(0)
  now = 500
  expect([admit('a'), admit('a')]).toEqual([0, 1])
  now = 1_000_000
  expect([admit('a'), admit('a'), admit('a'), admit('a')]).toEqual([0, 0, 0, 1])
})

test('who was quiet longest is forgotten when there are too many, not who asks all the time', () => {
  const { admit } = rateLimiter({ perSecond: 0.001, burst: 1 }, () => 0)
  admit('busy')
  for (let at = 0; at < 20_000; at++) {
    admit(`other ${at}`)
    if (at % 1000 === 0) expect(admit('busy')).toBeGreaterThan(0)
  }
  expect(admit('other 0')).toBe(0)
})

const uuid = '5d12f6fd-a196-4bf0-ae4c-1f639a523a52'

test.each<[string | readonly string[] | undefined, string | undefined]>([
  [undefined, undefined],
  [`req-${uuid}`, `req-${uuid}`],
  [uuid, undefined],
  [`req-${uuid}\n`, undefined],
  [`req-${uuid}, req-${uuid}`, undefined],
  [[`req-${uuid}`], undefined],
])('a request id that came in: %j', (sent, global) => {
  expect(requestIds(sent, () => 'own')).toEqual({ own: 'req-own', ...(global === undefined ? {} : { global }) })
})
