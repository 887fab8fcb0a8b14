/** Python's literals, without evaluating anything: dictionaries travel in JSON patches as their text, `{'a': '1'}`. */
import type { Json } from './python.ts'

/** What is wrong with a literal. */
export class LiteralError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LiteralError'
  }
}

interface State {
  readonly source: string
  at: number
  depth: number
}

const deepest = 20

/**
 * Texts (with their escapes, side by side joined), numbers, `True`, `False`, `None`, lists, tuples (as lists) and dictionaries with
 * texts as keys. @throws LiteralError
 */
export function parseLiteral(source: string): Json {
  const state: State = { source, at: 0, depth: 0 }
  const value = literal(state)
  if (take(state, tokens.anything) !== undefined) throw new LiteralError(`invalid syntax at character ${state.at}`)
  return value
}

const tokens = {
  space: /[\s]*/y,
  anything: /[\s\S]/y,
  open: /[[({]/y,
  comma: /,/y,
  colon: /:/y,
  name: /(?:True|False|None)\b/y,
  number: /[+-]?(?:\d+(?:_\d+)*)?(?:\.\d*)?(?:[eE][+-]?\d+)?/y,
  text: /[uU]?(?:'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")/y,
} as const

/** The next token of a kind, spaces before it left out. */
function take(state: State, token: RegExp): string | undefined {
  tokens.space.lastIndex = state.at
  tokens.space.exec(state.source)
  token.lastIndex = tokens.space.lastIndex
  const [found] = token.exec(state.source) ?? []
  if (found === undefined || found === '') return undefined
  state.at = token.lastIndex
  return found
}

function literal(state: State): Json {
  const name = take(state, tokens.name)
  if (name !== undefined) return name === 'None' ? null : name === 'True'
  const text = take(state, tokens.text)
  if (text !== undefined) return joined(state, unquoted(text))
  const open = take(state, tokens.open)
  if (open !== undefined) return within(state, () => collection(state, open))
  const number = take(state, tokens.number)
  if (number !== undefined && /\d/.test(number)) return numberOf(number)
  throw new LiteralError(`malformed node or string at character ${state.at}`)
}

function within<Value>(state: State, read: () => Value): Value {
  if (++state.depth > deepest) throw new LiteralError(`nested more than ${deepest} deep`)
  const value = read()
  state.depth--
  return value
}

/** Texts side by side are one. */
function joined(state: State, first: string): string {
  let all = first
  for (let next = take(state, tokens.text); next !== undefined; next = take(state, tokens.text)) all += unquoted(next)
  return all
}

function numberOf(text: string): number {
  const number = Number(text.replaceAll('_', ''))
  if (/^[+-]?0\d/.test(text) && Number.isInteger(number) && !/[.eE]/.test(text))
    throw new LiteralError('leading zeros in decimal integer literals are not permitted')
  if (!Number.isFinite(number)) throw new LiteralError(`${text} is no number`)
  return number
}

const closing: Readonly<Record<string, RegExp>> = { '[': /\]/y, '(': /\)/y, '{': /\}/y }

function collection(state: State, open: string): Json {
  return open === '{' ? dictionary(state) : sequence(state, open)
}

function sequence(state: State, open: string): Json {
  const items: Json[] = []
  let comma = false
  const end = closing[open] ?? tokens.anything
  while (take(state, end) === undefined) {
    items.push(literal(state))
    if (take(state, tokens.comma) !== undefined) comma = true
    else {
      if (take(state, end) === undefined) throw new LiteralError(`'${open}' was never closed`)
      break
    }
  }
  const [only] = items
  // Parentheses around one value, without a comma, are no tuple.
  return open === '(' && items.length === 1 && !comma && only !== undefined ? only : items
}

function dictionary(state: State): Json {
  const entries: [string, Json][] = []
  const end = closing['{'] ?? tokens.anything
  while (take(state, end) === undefined) {
    const key = literal(state)
    if (typeof key !== 'string' || key === '__proto__') throw new LiteralError('keys have to be texts')
    if (take(state, tokens.colon) === undefined) throw new LiteralError(`':' expected after dictionary key`)
    entries.push([key, literal(state)])
    if (take(state, tokens.comma) !== undefined) continue
    if (take(state, end) === undefined) throw new LiteralError(`'{' was never closed`)
    break
  }
  return Object.fromEntries(entries)
}

const single: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

function unquoted(token: string): string {
  const body = token.replace(/^[uU]/, '').slice(1, -1)
  return body.replace(
    /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[\s\S])/g,
    (whole, letters: string) => single[letters] ?? coded(letters) ?? whole,
  )
}

function coded(letters: string): string | undefined {
  const number = /^[0-7]/.test(letters) ? Number.parseInt(letters, 8) : Number.parseInt(letters.slice(1), 16)
  if (!/^([xuU].|[0-7])/.test(letters)) return undefined
  if (number > 0x10ffff) throw new LiteralError('illegal Unicode character')
  return String.fromCodePoint(number)
}
