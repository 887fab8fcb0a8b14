/** From the text of a document to a Cloud, or to everything that is wrong with it. */
import { apiVersion, cloudSchema, type Release } from './cloud.ts'
import { arrange, type Diagnostic, type Problem, pathText } from './diagnostics.ts'
import { error, problemsOf } from './issues.ts'
import type { KnownService } from './known.ts'
import { mend } from './mend.ts'
import { type Cloud, resolveCloud } from './resolve.ts'
import { checkRules } from './rules/index.ts'
import { findSecrets } from './secrets.ts'
import { readSource, type Source } from './source.ts'

export interface LoadOptions {
  /** Name of the document in diagnostics. */
  readonly file: string
  /** Services, components and files that the catalog has for a release. */
  readonly knownServices: KnownServices
}

type KnownServices = (release: Release) => readonly KnownService[]

export type LoadResult =
  | { readonly ok: true; readonly cloud: Cloud; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/**
 * Checks a document and fills in its defaults; undefined is the default document: a tiny cloud on an embedded underlay.
 * Pure. Tells all problems at once: those of the text, of each field, and of fields that do not fit together.
 */
export function loadCloud(text: string | undefined, options: LoadOptions): LoadResult {
  if (text === undefined) return loadDefault(options)
  const source = readSource(text)
  const { problems, cloud } = check(source, options.knownServices)
  const diagnostics = arrange(problems.map((problem) => place(problem, source, options.file)))
  if (cloud === undefined || diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics }
  return { ok: true, cloud, warnings: diagnostics }
}

function loadDefault({ knownServices }: LoadOptions): LoadResult {
  const checked = cloudSchema.parse({ apiVersion, kind: 'Cloud' })
  return { ok: true, cloud: resolveCloud(checked, namesOf(knownServices(checked.spec.release))), warnings: [] }
}

const namesOf = (services: readonly KnownService[]): readonly string[] => services.map(({ name }) => name)

function check(source: Source, knownServices: KnownServices): { problems: readonly Problem[]; cloud?: Cloud } {
  if (!source.readable) return { problems: source.problems }
  if (source.value === undefined || source.value === null) return { problems: [...source.problems, empty] }
  const parsed = cloudSchema.safeParse(source.value)
  const issues = parsed.success ? [] : parsed.error.issues
  const look = { valueAt: (path: readonly PropertyKey[]) => valueAt(source.value, path), plainAt: source.plainAt }
  const secrets = findSecrets(source.value)
  const mended = parsed.success ? { cloud: parsed.data, broken: () => false } : mend(source.value, issues)
  const known = mended === undefined ? [] : knownServices(mended.cloud.spec.release)
  const problems = [
    ...source.problems,
    ...secrets,
    ...issues.flatMap((issue) => problemsOf(issue, look)),
    ...(mended === undefined ? [] : checkRules({ ...mended, knownServices: known })),
  ]
  return parsed.success ? { problems, cloud: resolveCloud(parsed.data, namesOf(known)) } : { problems }
}

const empty = error({
  path: [],
  message: `the document is empty; it begins with "apiVersion: ${apiVersion}" and "kind: Cloud"`,
})

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (parent, part) => (typeof parent === 'object' && parent !== null ? Reflect.get(parent, part) : undefined),
    value,
  )

function place(problem: Problem, source: Source, file: string): Diagnostic {
  const { path, atKey, line, column, ...rest } = problem
  const found = atKey === true ? source.keyAt(path) : source.valueAt(path)
  return { ...rest, file, line: line ?? found.line, column: column ?? found.column, path: pathText(path) }
}
