/** A service's policy: its default rules, what a policy file puts in their place, and the scopes its rules are for. */
import { CroqueError, nearest } from '../errors/index.ts'
import { evaluate, type Facts, type Question } from './evaluate.ts'
import { type FileRule, type PolicyProblem, readPolicyFile } from './file.ts'
import { type Check, parseCheck } from './parse.ts'
import { remoteProblems, unknownProblems, winding } from './references.ts'

export type Scope = 'system' | 'domain' | 'project'

export interface RuleDefault {
  readonly name: string
  /** A check string. */
  readonly check: string
  /** Scopes of tokens that it is for. @default any */
  readonly scopes?: readonly Scope[]
  /** What it was before: its name then, and its check, which counts too while new defaults are not enforced. */
  readonly deprecated?: { readonly name: string; readonly check: string }
}

/** Asks the service at the URL; true lets the caller. */
export type RemoteCheck = (url: string, question: Question & { readonly rule: string }) => Promise<boolean>

export interface PolicyOptions {
  readonly defaults: readonly RuleDefault[]
  /** Text of a policy file, and what problems call it. */
  readonly file?: { readonly name: string; readonly text: string }
  /** Refuses tokens of a scope that a rule is not for. @default true */
  readonly enforceScope?: boolean
  /** Without it, what a rule was before (`deprecated`) lets too. @default true */
  readonly enforceNewDefaults?: boolean
  /** Lets checks of the kind `http:` and `https:` in. @default they are refused */
  readonly remote?: RemoteCheck
}

export type Decision = 'allowed' | 'refused' | 'wrong-scope'

export interface Policy {
  /** Refuses wherever a remote service would have to be asked. A rule that is not there is refused. */
  readonly decide: (rule: string, question: Question) => Decision
  /** The same, and asks the remote services on which the decision depends, one after the other. */
  readonly ask: (rule: string, question: Question) => Promise<Decision>
}

export type MadePolicy =
  | { readonly ok: true; readonly policy: Policy }
  /** In the order of the file. */
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] }

/** @throws CroqueError `internal` when the defaults themselves are wrong. */
export function makePolicy(options: PolicyOptions): MadePolicy {
  const file = options.file === undefined ? undefined : readPolicyFile(options.file.name, options.file.text)
  const overrides = file?.rules ?? new Map<string, FileRule>()
  const rules = effectiveRules(options, overrides)
  const known = options.defaults.flatMap(({ name, deprecated }) => [name, ...(deprecated ? [deprecated.name] : [])])
  const problems = [
    ...(file?.problems ?? []),
    ...placed(options, [
      ...unknownProblems(overrides, known, (name) => withSuggestion(name, known)),
      ...(options.remote === undefined ? remoteProblems(overrides) : []),
      ...windingProblems(rules, overrides, options.defaults),
    ]),
  ]
  if (problems.length > 0)
    return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) }
  return { ok: true, policy: policyOf(options, rules) }
}

const withSuggestion = (name: string, known: readonly string[]): string => {
  const meant = nearest(name, known)
  return meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`
}

function placed(
  { file }: PolicyOptions,
  found: readonly { readonly at: FileRule; readonly message: string }[],
): readonly PolicyProblem[] {
  return found.map(({ at: { line, column }, message }) => ({ file: file?.name ?? '', line, column, message }))
}

function effectiveRules(options: PolicyOptions, overrides: ReadonlyMap<string, FileRule>): ReadonlyMap<string, Check> {
  const written = [...overrides].map(([name, { check }]): [string, Check] => [name, check])
  return new Map([
    ...options.defaults.map((one): [string, Check] => [one.name, defaultCheck(one, overrides, options)]),
    ...written,
  ])
}

function defaultCheck(
  { name, check, deprecated }: RuleDefault,
  overrides: ReadonlyMap<string, FileRule>,
  { enforceNewDefaults = true }: PolicyOptions,
): Check {
  const current = parsedDefault(name, check)
  if (deprecated === undefined) return current
  const former = parsedDefault(deprecated.name, deprecated.check)
  // Who still overrides the rule under its former name means this one, unless the override only points here.
  const renamed = deprecated.name === name ? undefined : overrides.get(deprecated.name)?.check
  if (renamed !== undefined && !alike(renamed, former) && !alike(renamed, { kind: 'rule', name })) return renamed
  return enforceNewDefaults || alike(current, former) ? current : { kind: 'or', checks: [current, former] }
}

const alike = (one: Check, other: Check): boolean => JSON.stringify(one) === JSON.stringify(other)

function parsedDefault(name: string, text: string): Check {
  const parsed = parseCheck(text)
  if (parsed.ok) return parsed.check
  throw new CroqueError('internal', { what: `the default rule ${name} cannot be read: ${parsed.reason}` })
}

function windingProblems(
  rules: ReadonlyMap<string, Check>,
  overrides: ReadonlyMap<string, FileRule>,
  defaults: readonly RuleDefault[],
): readonly { readonly at: FileRule; readonly message: string }[] {
  const former = new Map(defaults.map(({ name, deprecated }) => [name, deprecated?.name ?? name]))
  return winding(rules).map(({ path, message }) => {
    const names = path.flatMap((name) => [name, former.get(name) ?? name])
    const at = names.map((name) => overrides.get(name)).find((rule) => rule !== undefined)
    if (at === undefined) throw new CroqueError('internal', { what: `in the default rules, ${message}` })
    return { at, message }
  })
}

function policyOf(options: PolicyOptions, rules: ReadonlyMap<string, Check>): Policy {
  const scopes = new Map(
    options.enforceScope === false ? [] : options.defaults.map((one) => [one.name, one.scopes] as const),
  )
  const settle = (rule: string, question: Question, remote: (url: string) => boolean): Decision => {
    const wanted = scopes.get(rule)
    if (wanted !== undefined && !wanted.includes(scopeOf(question.credentials))) return 'wrong-scope'
    return evaluate({ kind: 'rule', name: rule }, question, { rules, remote }) ? 'allowed' : 'refused'
  }
  const ask = async (rule: string, question: Question): Promise<Decision> => {
    const answers = new Map<string, boolean>()
    for (;;) {
      let unanswered: string | undefined
      const decision = settle(rule, question, (url) => {
        const answer = answers.get(url)
        if (answer === undefined) unanswered ??= url
        return answer ?? false
      })
      // What was decided without an answer that it hung on is no decision.
      if (unanswered === undefined) return decision
      answers.set(unanswered, (await options.remote?.(unanswered, { ...question, rule })) ?? false)
    }
  }
  const decide = (rule: string, question: Question): Decision => {
    let hangs = false
    const decision = settle(rule, question, () => {
      hangs = true
      return false
    })
    return hangs ? 'refused' : decision
  }
  return { decide, ask }
}

/** As oslo.policy: a token without any scope counts as a project's. */
function scopeOf(credentials: Facts): Scope {
  if (isSet(credentials['system_scope'])) return 'system'
  return isSet(credentials['domain_id']) ? 'domain' : 'project'
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '' && value !== false
