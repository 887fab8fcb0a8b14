import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checks, writeCheck } from './fixture.ts'
import { type Check, parseCheck } from './index.ts'

const role = (name: string): Check => ({ kind: 'role', role: name })
const match = (left: string, right: string): Check => ({ kind: 'match', left, right })

test.each<[string, Check]>([
  ['', { kind: 'true' }],
  ['@', { kind: 'true' }],
  ['!', { kind: 'false' }],
  ['rule:admin_api', { kind: 'rule', name: 'admin_api' }],
  ['https://host/%(id)s', { kind: 'remote', url: 'https://host/%(id)s' }],
  ['project_id:%(target.user.id)s', match('project_id', '%(target.user.id)s')],
  ["'public':%(visibility)s", match("'public'", '%(visibility)s')],
  ['True:%(shared)s', match('True', '%(shared)s')],
  ['role:a or role:b AND role:c', { kind: 'or', checks: [role('a'), { kind: 'and', checks: [role('b'), role('c')] }] }],
  [
    '(role:a or role:b) and not role:c',
    {
      kind: 'and',
      checks: [
        { kind: 'or', checks: [role('a'), role('b')] },
        { kind: 'not', check: role('c') },
      ],
    },
  ],
  ['not not role:a', { kind: 'not', check: { kind: 'not', check: role('a') } }],
  ['not (((role:a)))', { kind: 'not', check: role('a') }],
])('%s', (text, check) => {
  expect(parseCheck(text)).toEqual({ ok: true, check })
})

test.each([
  ['role:a and', 'a check is missing at the end'],
  ['or role:a', 'a check is missing before "or"'],
  ['(role:a', '"(" is not closed'],
  ['role:a)', '")" closes nothing'],
  ['()', 'a check is missing before ")"'],
  ['role:a role:b', '"and" or "or" is missing before "role:b"'],
  ['(role:a role:b)', '"and", "or" or ")" is missing before "role:b"'],
  [`${'('.repeat(101)}role:a${')'.repeat(101)}`, 'checks stand more than 100 deep in each other'],
  [`${'not '.repeat(101)}role:a`, 'checks stand more than 100 deep in each other'],
  ['admin', '"admin" is no check; one is KIND:VALUE, "@" (everybody) or "!" (nobody)'],
  ['user_id:%(user_id)', 'a "%" in "user_id:%(user_id" does not begin a %(name)s'],
  ['role:', '"role:" is no check; one is KIND:VALUE, "@" (everybody) or "!" (nobody)'],
])('%s is refused', (text, reason) => {
  expect(parseCheck(text)).toEqual({ ok: false, reason })
})

test('what is written is read as the same tree', () => {
  fc.assert(
    fc.property(checks, (tree) => {
      expect(parseCheck(writeCheck(tree))).toEqual({ ok: true, check: tree })
    }),
  )
})

test('no text makes it throw, and what it takes can be written and read again', () => {
  const word = fc.constantFrom('(', ')', 'and', 'or', 'not', '@', '!', 'role:a', 'x:%(y)s', '((', '%', ':')
  const text = fc.oneof(
    fc.string(),
    fc.array(word).map((words) => words.join(' ')),
  )
  fc.assert(
    fc.property(text, (given) => {
      const read = parseCheck(given)
      if (read.ok) expect(parseCheck(writeCheck(read.check))).toEqual(read)
    }),
  )
})
