/** Diagnostics: everything that is wrong with a document, each with its place, shown together. */

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** `spec.services.nova.replicas`; empty for the document itself. */
  readonly path: string
  readonly message: string
  /** Everything that may stand there, when that is a short list. */
  readonly allowed?: readonly string[]
  /** The nearest thing that would be right. */
  readonly suggestion?: string
}
