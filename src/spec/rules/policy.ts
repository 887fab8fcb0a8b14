/** Policy rules: the service has them, and their check strings can be read. */
import { nearest } from '../../errors/index.ts'
import { type Check, parseCheck } from '../../policy/index.ts'
import type { CheckedSpec } from '../cloud.ts'
import type { Problem } from '../diagnostics.ts'
import { error } from '../issues.ts'
import { withSuggestion } from './config.ts'

type Policy = CheckedSpec['services'][string]['policy']

/** `known`: rules of the service; undefined when it has none. */
export function checkPolicy(
  path: readonly PropertyKey[],
  policy: Policy,
  known: readonly string[] | undefined,
): readonly Problem[] {
  const entries = Object.entries(policy)
  if (entries.length === 0) return []
  if (known === undefined) return [error({ path, atKey: true, message: 'this service has no policy rules' })]
  return entries.flatMap(([name, text]) => {
    const place = [...path, name]
    const stranger = known.includes(name)
      ? []
      : [
          error({
            path: place,
            atKey: true,
            message: `there is no rule "${name}"`,
            ...withSuggestion(nearest(name, known)),
          }),
        ]
    const parsed = parseCheck(text)
    if (!parsed.ok) return [...stranger, error({ path: place, message: parsed.reason })]
    return [...stranger, ...unknownReferences(place, parsed.check, known)]
  })
}

function unknownReferences(path: readonly PropertyKey[], check: Check, known: readonly string[]): readonly Problem[] {
  return referencesOf(check)
    .filter((name) => !known.includes(name))
    .map((name) =>
      error({
        path,
        message: `it refers to a rule "${name}", which is not there`,
        ...withSuggestion(nearest(name, known)),
      }),
    )
}

function referencesOf(check: Check): readonly string[] {
  if (check.kind === 'rule') return [check.name]
  if (check.kind === 'not') return referencesOf(check.check)
  return check.kind === 'and' || check.kind === 'or' ? check.checks.flatMap(referencesOf) : []
}
