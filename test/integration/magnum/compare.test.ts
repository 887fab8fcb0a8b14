import { expect, test } from 'vitest'
import { compare, line } from './compare.ts'
import type { Exchange } from './exchange.ts'

const exchange = (status: number, body: unknown): Exchange => ({
  ask: 'POST /clusters',
  as: 'member',
  version: null,
  answer: { status, headers: { vary: 'x' }, body },
})

test('a difference names the smallest place', () => {
  const { differences, same } = compare(
    [[exchange(200, { a: [1, { b: 2 }] }), exchange(200, {})]],
    [exchange(200, { a: [1, { b: 3 }] }), exchange(200, {})],
    [],
  )
  expect(same).toBe(1)
  expect(differences.map(({ at }) => at)).toEqual(['body.a.1.b'])
  expect(differences.map(line)[0]).toContain('body.a.1.b is 2 there, 3 here')
})

test('what is missing on either side differs', () => {
  const { differences } = compare([[exchange(200, { a: 1 })]], [exchange(200, { b: null })], [])
  expect(differences.map(({ at }) => at)).toEqual(['body.a', 'body.b'])
})

test('a departure covers only what it says', () => {
  const departure = { title: 'no crash', ask: /^POST /, magnum: { status: 500 }, croque: { status: [400] }, reason: '' }
  const at = (theirs: number, ours: number) => compare([[exchange(theirs, 'x')]], [exchange(ours, 'y')], [departure])
  expect(at(500, 400)).toMatchObject({ same: 0, differences: [] })
  expect(at(500, 400).departed.get('no crash')).toHaveLength(1)
  expect(at(500, 200).differences).toHaveLength(2)
  expect(at(404, 400).differences).toHaveLength(2)
})

test('a departure of single places covers those alone, with the values it allows, for whom it is', () => {
  const departure = {
    title: 'later',
    ask: /^POST /,
    as: ['member'] as const,
    magnum: {},
    croque: { status: [200] },
    at: /^body\.a$/,
    values: (theirs: unknown) => theirs === 1,
    reason: '',
  }
  const at = (theirs: object, ours: object) => compare([[exchange(200, theirs)]], [exchange(200, ours)], [departure])
  const { departed, differences } = at({ a: 1 }, { a: 2 })
  expect(differences).toEqual([])
  expect([...departed.keys()]).toEqual(['later'])
  expect(at({ a: 3 }, { a: 2 }).differences.map((one) => one.at)).toEqual(['body.a'])
  expect(at({ a: 1, b: 1 }, { a: 2, b: 2 }).differences.map((one) => one.at)).toEqual(['body.b'])
  const others = compare([[exchange(200, { a: 1 })]], [exchange(200, { a: 2 })], [{ ...departure, as: ['admin'] }])
  expect(others.differences).toHaveLength(1)
})

test('a departure is for the versions and bodies that it names', () => {
  const departure = { title: 'x', ask: /./, magnum: {}, croque: { status: [400] }, reason: '' }
  const asked = { ...exchange(200, 'x'), version: 'container-infra 1.9', body: { a: null } }
  const ours = { ...asked, answer: { ...asked.answer, status: 400 } }
  const at = (more: object) => compare([[asked]], [ours], [{ ...departure, ...more }]).differences.length
  expect(at({ version: / 1\.9$/, body: /"a":null/ })).toBe(0)
  expect(at({ version: / 1\.8$/ })).toBe(1)
  expect(at({ body: /"b"/ })).toBe(1)
})

test('what follows from a departure is allowed after it, not before', () => {
  const departure = {
    title: 'made here only',
    ask: /^POST /,
    magnum: { status: 500 },
    croque: { status: [201] },
    later: { ask: /^GET /, at: /^body\.count$/ },
    reason: '',
  }
  const get = (count: number): Exchange => ({ ...exchange(200, { count }), ask: 'GET /clusters' })
  const at = (theirs: readonly Exchange[], ours: readonly Exchange[]) => compare([theirs], ours, [departure])
  const made = [exchange(500, 'x'), exchange(201, 'y')] as const
  expect(at([made[0], get(1)], [made[1], get(2)]).differences).toEqual([])
  expect(at([get(1), made[0]], [get(2), made[1]]).differences).toHaveLength(1)
})

test('like one of several is enough, and a difference is told of the first', () => {
  const at = (ours: number) => compare([[exchange(200, 'a')], [exchange(404, 'b')]], [exchange(ours, 'b')], [])
  expect(at(404)).toMatchObject({ same: 1, differences: [] })
  expect(at(400).differences.map(({ magnum }) => magnum)).toEqual([200, 'a'])
})

test('what was recorded of another list of requests is of no use', () => {
  expect(() => compare([[]], [exchange(200, 'a')], [])).toThrow('record anew')
})
