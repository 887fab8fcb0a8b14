/** What rules refer to: rules that are not there, remote services, and rules that lead back to themselves. */
import type { FileRule } from './file.ts'
import type { Check } from './parse.ts'

interface Found {
  readonly at: FileRule
  readonly message: string
}

type FileRules = ReadonlyMap<string, FileRule>

/** Rules of the file that nothing asks for, and references to rules that are nowhere. `hint` ends the sentence. */
export function unknownProblems(
  rules: FileRules,
  known: readonly string[],
  hint: (name: string) => string,
): readonly Found[] {
  const names = new Set([...known, ...rules.keys()])
  const asked = new Set([...known, ...[...rules.values()].flatMap(({ check }) => referencesOf(check))])
  return [...rules].flatMap(([name, at]) => [
    ...(asked.has(name) ? [] : [{ at, message: `nothing asks for a rule ${JSON.stringify(name)}${hint(name)}` }]),
    ...referencesOf(at.check)
      .filter((each) => !names.has(each))
      .map((each) => ({ at, message: `it refers to a rule ${JSON.stringify(each)}, which is not there${hint(each)}` })),
  ])
}

export function remoteProblems(rules: FileRules): readonly Found[] {
  return [...rules.values()].flatMap((at) =>
    leaves(at.check)
      .filter((leaf) => leaf.kind === 'remote')
      .map(({ url }) => ({
        at,
        message: `${JSON.stringify(url)} would ask another service, which is not enabled; write the rule without it`,
      })),
  )
}

/** How many rules may lead from one to the next. */
const longest = 100

interface Winding {
  readonly path: readonly string[]
  readonly message: string
}

/** Rules that lead back to themselves, each circle once, and chains that are too long to follow. */
export function winding(rules: ReadonlyMap<string, Check>): readonly Winding[] {
  const found: Winding[] = []
  /** Rule -> how many rules stand below it. */
  const heights = new Map<string, number>()
  const heightOf = (name: string, above: readonly string[]): number => {
    const start = above.indexOf(name)
    if (start >= 0) {
      const path = above.slice(start)
      found.push({ path, message: `rules refer to each other in a circle: ${[...path, name].join(' -> ')}` })
      return 0
    }
    const known = heights.get(name)
    if (known !== undefined || above.length > longest) return known ?? 0
    const check = rules.get(name)
    const below = new Set(check === undefined ? [] : referencesOf(check))
    const height = Math.max(0, ...[...below].map((next) => 1 + heightOf(next, [...above, name])))
    heights.set(name, height)
    if (height === longest)
      found.push({ path: [name], message: `${longest} rules refer one to the next, from ${name} on` })
    return height
  }
  for (const name of rules.keys()) heightOf(name, [])
  return found
}

const referencesOf = (check: Check): readonly string[] =>
  leaves(check).flatMap((leaf) => (leaf.kind === 'rule' ? [leaf.name] : []))

type Leaf = Exclude<Check, { readonly kind: 'not' | 'and' | 'or' }>

function leaves(check: Check): readonly Leaf[] {
  if ('check' in check) return leaves(check.check)
  return 'checks' in check ? check.checks.flatMap(leaves) : [check]
}
