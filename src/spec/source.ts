/** The YAML text of a document: its value, the place of every path in it, and what is wrong with the text itself. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml'
import type { Place, Problem } from './diagnostics.ts'

export interface Source {
  readonly value: unknown
  /** Whether the text could be read whole; otherwise only `problems` are worth telling. */
  readonly readable: boolean
  readonly problems: readonly Problem[]
  /** Where the value of a path stands, or as far down the path as the document goes. */
  valueAt(path: readonly PropertyKey[]): Place
  /** Where the key of a path stands. */
  keyAt(path: readonly PropertyKey[]): Place
  /** The text of a scalar as written, without quotes; undefined for anything else and for quoted text. */
  plainAt(path: readonly PropertyKey[]): string | undefined
}

const start: Place = { line: 1, column: 1 }

export function readSource(text: string): Source {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, version: '1.2', stringKeys: true })
  const documents = 'empty' in parsed ? [] : parsed
  const [document] = documents
  const place = (offset: number | undefined): Place => {
    if (offset === undefined) return start
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const contents = document?.contents ?? undefined
  const resolve = (node: unknown): unknown => (isAlias(node) && document !== undefined ? node.resolve(document) : node)
  const find = (path: readonly PropertyKey[]) => walk(contents, path, resolve)
  const errors = documents.flatMap((each) => each.errors)
  const aliases = document === undefined ? [] : badAliases(document).map((alias) => aliasProblem(place(offset(alias))))
  const readable = aliases.length === 0 && errors.every((error) => error.code === 'DUPLICATE_KEY')
  const content = readable && document !== undefined ? read(document) : {}
  const problems = [
    ...(content.problem === undefined ? [] : [content.problem]),
    ...aliases,
    ...errors.map((error) => syntaxProblem(error, place(error.pos[0]))),
    ...documents.slice(1, 2).map((second) => secondDocument(place(second.range?.[0]))),
    ...(contents === undefined ? [] : numberTraps(contents, place)),
  ]
  return {
    value: content.value,
    readable: readable && content.problem === undefined,
    problems,
    valueAt: (path) => place(find(path).value),
    keyAt: (path) => place(find(path).key),
    plainAt: (path) => find(path).plain,
  }
}

/** The aliases that name nothing, or the very thing they stand in. */
function badAliases(document: Document.Parsed): readonly Alias[] {
  const found: Alias[] = []
  visit(document, {
    Alias: (_key, alias) => {
      const target = alias.resolve(document)
      const at = alias.range?.[0] ?? 0
      if (target === undefined || (target.range !== undefined && target.range !== null && at < target.range[2]))
        found.push(alias)
    },
  })
  return found
}

const aliasProblem = (place: Place): Problem => ({
  ...place,
  severity: 'error',
  path: [],
  message: 'an alias must name an anchor that stands before it, and not hold itself',
})

/** Aliases of aliases can stand for more than fits into memory; the reader stops at that. */
function read(document: Document.Parsed): { readonly value?: unknown; readonly problem?: Problem } {
  try {
    return { value: document.toJS() }
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause
    return { problem: { severity: 'error', path: [], message: 'too many aliases of aliases' } }
  }
}

interface Found {
  readonly key: number | undefined
  readonly value: number | undefined
  readonly plain: string | undefined
}

function walk(root: unknown, path: readonly PropertyKey[], resolve: (node: unknown) => unknown): Found {
  let node = root
  let key = offset(root)
  for (const part of path) {
    const target = resolve(node)
    if (isSeq(target) && target.items[Number(part)] !== undefined) {
      node = target.items[Number(part)]
      key = offset(node)
      continue
    }
    const pair = isMap(target)
      ? target.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      : undefined
    if (!isPair(pair)) return { key, value: key, plain: undefined }
    key = offset(pair.key)
    node = pair.value
  }
  const scalar = isScalar(node) ? node : undefined
  return { key, value: offset(node) ?? key, plain: scalar?.type === 'PLAIN' ? scalar.source : undefined }
}

const offset = (node: unknown): number | undefined =>
  (node as { range?: readonly number[] } | null | undefined)?.range?.[0]

const syntax: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'the indentation does not fit the lines above',
  DUPLICATE_KEY: 'this key stands here a second time; one of the two would be lost',
  MISSING_CHAR: 'a closing quote, bracket or ":" is missing',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is a ":" or a quote missing?',
  NON_STRING_KEY: 'a key must be text; put it in quotes',
  TAB_AS_INDENT: 'a tab cannot indent; use spaces',
}

function syntaxProblem(error: YAMLError, place: Place): Problem {
  const message = syntax[error.code]
  return {
    ...place,
    severity: 'error',
    path: [],
    message: message === undefined ? `not YAML: ${error.message}` : message,
  }
}

const secondDocument = (place: Place): Problem => ({
  ...place,
  severity: 'error',
  path: [],
  message: 'a second document begins here; a file describes one Cloud',
})

/** Numbers that YAML 1.2 reads otherwise than people, or YAML 1.1, do. */
function numberTraps(contents: Node, place: (offset: number | undefined) => Place): readonly Problem[] {
  const found: Problem[] = []
  visit(contents, {
    Scalar: (_key, node) => {
      if (node.type !== 'PLAIN' || typeof node.value !== 'number' || node.source === undefined) return
      const message = trapOf(node.source, node.value)
      if (message !== undefined) found.push({ ...place(node.range?.[0]), severity: 'warning', path: [], message })
    },
  })
  return found
}

function trapOf(source: string, value: number): string | undefined {
  if (/^[-+]?0\d+$/.test(source)) {
    const octal = /^[-+]?[0-7]+$/.test(source) ? `, not octal ${Number.parseInt(source, 8)}` : ''
    return `${source} is read as the number ${value}${octal}; put it in quotes to keep its text, or write 0o for octal`
  }
  if (!Number.isSafeInteger(value) && /^\d+$/.test(source))
    return `${source} is read as ${value}; put it in quotes to keep its digits`
  return undefined
}
