/** What a token of a restricted application credential may be used for. */
import type { TokenFacts } from './token.ts'

export interface Requested {
  readonly method: string
  /** Below the endpoint of the catalog, decoded, without the query: `/v1/clusters`. */
  readonly path: string
}

/** As keystonemiddleware: one rule has to match, and the catalog has to know the service. */
export function allows(
  { accessRules, services }: Pick<TokenFacts, 'accessRules' | 'services'>,
  service: string,
  { method, path }: Requested,
): boolean {
  if (accessRules === undefined) return true
  return (
    services.includes(service) &&
    accessRules.some((rule) => rule.service === service && rule.method === method && pathMatches(path, rule.path))
  )
}

type Piece = { readonly text: string } | 'segment' | 'rest'

/**
 * `*` and `{name}` stand for one segment or a part of it, at least one character; `**` for anything. A user writes the patterns,
 * so what they cost is bounded by the product of the lengths: no regular expression.
 */
export function pathMatches(path: string, pattern: string): boolean {
  /** Places of `path` that what was read of the pattern can end at. */
  let ends: readonly boolean[] = Array.from({ length: path.length + 1 }, (_, at) => at === 0)
  for (const piece of piecesOf(pattern)) ends = advance(ends, piece, path)
  return ends[path.length] === true
}

function piecesOf(pattern: string): readonly Piece[] {
  return [...pattern.matchAll(/\{[^}]*\}|\*\*|\*|[^{}*]+/g)].map(([text]) => {
    if (text === '**') return 'rest'
    return text === '*' || text.startsWith('{') ? 'segment' : { text }
  })
}

function advance(ends: readonly boolean[], piece: Piece, path: string): readonly boolean[] {
  const next = ends.map(() => false)
  if (typeof piece === 'object') {
    for (const [at, reached] of ends.entries())
      if (reached && path.startsWith(piece.text, at)) next[at + piece.text.length] = true
    return next
  }
  for (const at of ends.keys()) {
    if (piece === 'rest') next[at] = ends[at] === true || next[at - 1] === true
    else if (at > 0 && path[at - 1] !== '/') next[at] = ends[at - 1] === true || next[at - 1] === true
  }
  return next
}
