/** Diagnostics: everything that is wrong with a document, each with its place, shown together. */

export interface Place {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

export interface Diagnostic extends Place {
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** `spec.services.nova.replicas`; empty for the document itself. */
  readonly path: string
  readonly message: string
  /** Everything that may stand there, when that is a short list. */
  readonly allowed?: readonly string[]
  /** The nearest thing that would be right. */
  readonly suggestion?: string
}

/** A finding before the file's name is known. */
export interface Problem extends Partial<Place> {
  readonly severity: 'error' | 'warning'
  readonly path: readonly PropertyKey[]
  /** The key is wrong, not its value. */
  readonly atKey?: boolean
  readonly message: string
  readonly allowed?: readonly string[]
  readonly suggestion?: string
}

/** `spec.services.nova.config.'nova.conf'.DEFAULT`; parts that hold a dot are quoted. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.map((part) => (/^[\w-]+$/.test(String(part)) ? String(part) : `'${String(part)}'`)).join('.')

/** In the order of the text; of two findings with the same words at one place, one. */
export function arrange(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const unique = new Map(diagnostics.map((each) => [`${each.line}:${each.column}:${each.path}:${each.message}`, each]))
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column)
}
