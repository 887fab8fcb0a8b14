/**
 * Check strings of oslo.policy (https://docs.openstack.org/oslo.policy/latest/reference/api/oslo_policy.policy.html), into a tree.
 * Stricter than the original: what that one reads as "nobody" with a line in its log is an error here.
 */

export type Check =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  /** The rule of that name. */
  | { readonly kind: 'rule'; readonly name: string }
  /** The user has the role; `%(…)s` in it stands for what is acted on. */
  | { readonly kind: 'role'; readonly role: string }
  /** A remote service is asked. */
  | { readonly kind: 'remote'; readonly url: string }
  /** `left` names something of the user (`project_id`), or is a literal (`'admin'`, `True`); `right` may hold `%(…)s`. */
  | { readonly kind: 'match'; readonly left: string; readonly right: string }
  | { readonly kind: 'not'; readonly check: Check }
  | { readonly kind: 'and' | 'or'; readonly checks: readonly Check[] }

export type ParsedCheck =
  | { readonly ok: true; readonly check: Check }
  /** Why, as a clause: `"(" is not closed`. */
  | { readonly ok: false; readonly reason: string }

/** `role:admin and (project_id:%(project_id)s or not rule:owner)`; the empty text lets everybody. `and` binds closer than `or`. */
export function parseCheck(text: string): ParsedCheck {
  const state: State = { tokens: tokensOf(text), next: 0, depth: 0 }
  if (state.tokens.length === 0) return { ok: true, check: { kind: 'true' } }
  try {
    const check = disjunction(state)
    const rest = state.tokens[state.next]
    if (rest !== undefined)
      throw new SyntaxError(rest === ')' ? '")" closes nothing' : `"and" or "or" is missing before ${quoted(rest)}`)
    return { ok: true, check }
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, reason: error.message }
    throw error
  }
}

interface State {
  readonly tokens: readonly string[]
  next: number
  depth: number
}

const deepest = 100
const quoted = (text: string): string => JSON.stringify(text)

/** Parentheses at the ends of a word are the language's; those inside belong to the check (`%(user_id)s`). */
function tokensOf(text: string): readonly string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const [, open = '', inner = '', close = ''] = /^(\(*)(.*?)(\)*)$/.exec(word) ?? []
      return [...open, ...(inner === '' ? [] : [inner]), ...close]
    })
}

const disjunction = (state: State): Check => series(state, 'or', () => series(state, 'and', () => negation(state)))

function series(state: State, kind: 'and' | 'or', operand: () => Check): Check {
  const checks = [operand()]
  while (isWord(state, kind)) {
    state.next++
    checks.push(operand())
  }
  const [first] = checks
  return checks.length === 1 && first !== undefined ? first : { kind, checks }
}

const isWord = ({ tokens, next }: State, word: string): boolean => tokens[next]?.toLowerCase() === word

function negation(state: State): Check {
  if (!isWord(state, 'not')) return atom(state)
  state.next++
  return nested(state, (): Check => ({ kind: 'not', check: negation(state) }))
}

/** Who reads and evaluates the tree calls itself. */
function nested(state: State, read: () => Check): Check {
  if (++state.depth > deepest) throw new SyntaxError(`checks stand more than ${deepest} deep in each other`)
  const check = read()
  state.depth--
  return check
}

function atom(state: State): Check {
  const token = state.tokens[state.next++]
  if (token === undefined) throw new SyntaxError('a check is missing at the end')
  if (token === '(') return inParentheses(state)
  if (token === ')' || /^(and|or|not)$/i.test(token))
    throw new SyntaxError(`a check is missing before ${quoted(token)}`)
  return single(token)
}

function inParentheses(state: State): Check {
  const check = nested(state, () => disjunction(state))
  const end = state.tokens[state.next++]
  if (end === undefined) throw new SyntaxError('"(" is not closed')
  if (end !== ')') throw new SyntaxError(`"and", "or" or ")" is missing before ${quoted(end)}`)
  return check
}

function single(token: string): Check {
  if (token === '@') return { kind: 'true' }
  if (token === '!') return { kind: 'false' }
  const at = token.indexOf(':')
  if (at < 1 || at === token.length - 1)
    throw new SyntaxError(`${quoted(token)} is no check; one is KIND:VALUE, "@" (everybody) or "!" (nobody)`)
  const [left, right] = [token.slice(0, at), token.slice(at + 1)]
  if (/%(?!\([^()\s]+\)s)/.test(right)) throw new SyntaxError(`a "%" in ${quoted(token)} does not begin a %(name)s`)
  if (left === 'rule') return { kind: 'rule', name: right }
  if (left === 'role') return { kind: 'role', role: right }
  if (left === 'http' || left === 'https') return { kind: 'remote', url: token }
  return { kind: 'match', left, right }
}
