/** From the text of a document to a Cloud, or to everything that is wrong with it. */
import { parse } from 'yaml'
import { apiVersion, cloudSchema } from './cloud.ts'
import type { Diagnostic } from './diagnostics.ts'
import type { KnownService } from './known.ts'
import { type Cloud, resolveCloud } from './resolve.ts'

export interface LoadOptions {
  /** Name of the document in diagnostics. */
  readonly file: string
  readonly knownServices: readonly KnownService[]
}

export type LoadResult =
  | { readonly ok: true; readonly cloud: Cloud; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

const defaultDocument = `apiVersion: ${apiVersion}\nkind: Cloud\n`

/** Checks a document and fills in its defaults; undefined is the default document: a tiny cloud on an embedded underlay. Pure. */
export function loadCloud(text: string | undefined, options: LoadOptions): LoadResult {
  const parsed = cloudSchema.safeParse(parse(text ?? defaultDocument))
  if (!parsed.success) {
    const diagnostics = parsed.error.issues.map((issue) => ({ severity: 'error' as const, file: options.file, line: 1, column: 1, path: issue.path.join('.'), message: issue.message }))
    return { ok: false, diagnostics }
  }
  return { ok: true, cloud: resolveCloud(parsed.data, options.knownServices.map((service) => service.name)), warnings: [] }
}
