import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate, type Facts } from './evaluate.ts'
import { checks } from './fixture.ts'
import { type Check, parseCheck } from './index.ts'

const credentials = {
  roles: ['Member', 'reader'],
  user_id: 'u1',
  project_id: 'p1',
  is_admin: false,
  system_scope: null,
  token: { project: { domain: { id: 'd1' } }, roles: [{ name: 'one' }, { name: 'two' }] },
}
const target = {
  project_id: 'p1',
  user_id: 'u2',
  role: 'MEMBER',
  visibility: 'public',
  shared: true,
  size: 3,
  gone: null,
  'target.user.id': 'u1',
  target: { project: { id: 'p1' } },
  labels: { a: 'b' },
}

function parsed(text: string): Check {
  const read = parseCheck(text)
  if (read.ok) return read.check
  throw new Error(read.reason)
}

const holds = (text: string, given: Facts = credentials): boolean =>
  evaluate(parsed(text), { credentials: given, target }, { rules: new Map(), remote: () => false })

test.each([
  ['', true],
  ['!', false],
  ['role:member', true],
  ['role:READER', true],
  ['role:%(role)s', true],
  ['role:admin', false],
  ['role:%(nothing)s', false],
  ['project_id:%(project_id)s', true],
  ['user_id:%(user_id)s', false],
  ['user_id:%(target.user.id)s', true],
  ['project_id:%(target.project.id)s', true],
  ['project_id:%(target.project.name)s', false],
  ['user_id:%(nothing)s', false],
  ['nothing:%(project_id)s', false],
  ['nothing:%(nothing)s', false],
  ['is_admin:False', true],
  ['is_admin:True', false],
  ['system_scope:all', false],
  ['system_scope:None', true],
  ['user_id:u1', true],
  ['roles:reader', true],
  ['token.project.domain.id:d1', true],
  ['token.project.domain.name:d1', false],
  ['token.roles.name:two', true],
  ['token.roles.name:three', false],
  ['token.project:d1', false],
  ["'public':%(visibility)s", true],
  ['"public":%(visibility)s', true],
  ["'private':%(visibility)s", false],
  ['True:%(shared)s', true],
  ['None:%(gone)s', true],
  ['3:%(size)s', true],
  ['user_id:%(labels)s', false],
  ['constructor.name:Object', false],
  ['__proto__.x:y', false],
  ['not role:admin and (role:x or role:member)', true],
  ['role:x or role:y', false],
  ['rule:nowhere', false],
  ['not rule:nowhere', true],
])('%j is %s', (text, expected) => {
  expect(holds(text)).toBe(expected)
})

test.each([
  ['system', { system_scope: 'all' }, 'system_scope:all'],
  ['domain', { domain_id: 'd' }, 'domain_id:d'],
])('a token of a %s', (_, given, text) => {
  expect([holds(text, given), holds(text, {})]).toEqual([true, false])
})

test('roles that are no list of texts give no role', () => {
  for (const roles of ['member', { 0: 'member' }, [null, 1, ['member']], undefined])
    expect(holds('role:member', { roles })).toBe(false)
})

describe('for any check, credentials and target', () => {
  const rules = new Map([['a', parsed('role:member or x:%(y)s')]])
  const decide = (check: Check, given: Facts, to: Facts): boolean =>
    evaluate(check, { credentials: given, target: to }, { rules, remote: () => false })
  const facts = fc.object({ withNullPrototype: true, withBigInt: true, withSparseArray: true, withDate: true })
  const hold = (claim: (check: Check, given: Facts, to: Facts) => void): void => {
    fc.assert(fc.property(checks, facts, facts, claim))
  }

  test('there is an answer', () => {
    hold((check, given, to) => {
      expect(typeof decide(check, given, to)).toBe('boolean')
    })
  })

  test('not not x is x, and not (x and y) is not x or not y', () => {
    hold((check, given, to) => {
      const not = (of: Check): Check => ({ kind: 'not', check: of })
      const admin = parsed('role:admin')
      expect(decide(not(not(check)), given, to)).toBe(decide(check, given, to))
      expect(decide(not({ kind: 'and', checks: [check, admin] }), given, to)).toBe(
        decide({ kind: 'or', checks: [not(check), not(admin)] }, given, to),
      )
    })
  })

  test('the order in "and" and "or" does not matter', () => {
    hold((check, given, to) => {
      for (const kind of ['and', 'or'] as const) {
        const other = parsed('role:member')
        expect(decide({ kind, checks: [check, other] }, given, to)).toBe(
          decide({ kind, checks: [other, check] }, given, to),
        )
      }
    })
  })
})
