/** Check strings out of trees, for what tests read back. */
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
