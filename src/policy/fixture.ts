/** Check strings out of trees, for what tests read back, and trees of all kinds. */
import fc from 'fast-check'
import type { Check } from './parse.ts'

const strength = { or: 0, and: 1, not: 2 } as const

/** The text that `parseCheck` reads as the same tree, but for parentheses that nothing needs. */
export function writeCheck(check: Check): string {
  switch (check.kind) {
    case 'true':
      return '@'
    case 'false':
      return '!'
    case 'rule':
      return `rule:${check.name}`
    case 'role':
      return `role:${check.role}`
    case 'remote':
      return check.url
    case 'match':
      return `${check.left}:${check.right}`
    case 'not':
      return `not ${inside(check.check, strength.not)}`
    case 'and':
    case 'or':
      return check.checks.map((each) => inside(each, strength[check.kind])).join(` ${check.kind} `)
  }
}

function inside(check: Check, around: number): string {
  const own = check.kind === 'and' || check.kind === 'or' || check.kind === 'not' ? strength[check.kind] : 3
  return own > around ? writeCheck(check) : `(${writeCheck(check)})`
}

const name = fc.stringMatching(/^[a-z][a-z0-9_.]{0,8}$/)
const leaf: fc.Arbitrary<Check> = fc.oneof(
  fc.constantFrom<Check>({ kind: 'true' }, { kind: 'false' }),
  name.map((text): Check => ({ kind: 'rule', name: text })),
  name.map((text): Check => ({ kind: 'role', role: text })),
  fc
    .tuple(
      name.filter((text) => !['rule', 'role', 'http', 'https'].includes(text)),
      name,
    )
    .map(([left, right]): Check => ({ kind: 'match', left, right: `%(${right})s` })),
)
/** Any tree that can be written. */
export const checks = fc.letrec<{ check: Check }>((tie) => ({
  check: fc.oneof(
    { maxDepth: 4 },
    leaf,
    tie('check').map((of): Check => ({ kind: 'not', check: of })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('check'), { minLength: 2, maxLength: 4 }))
      .map(([kind, checks]): Check => ({ kind, checks })),
  ),
})).check
