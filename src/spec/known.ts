/** What the catalog tells the document's checks; `spec` imports no catalog, so it comes as data. */

/** Options by section: `{DEFAULT: ['debug', …]}`. */
export type OptionList = Readonly<Record<string, readonly string[]>>

export interface KnownService {
  readonly name: string
  readonly components: readonly string[]
  /** Configuration files a user may change; undefined where the options of a file are not known. */
  readonly files: Readonly<Record<string, OptionList | undefined>>
  /** Components that can only run once in this version. */
  readonly singletons?: readonly string[]
  /** Components that run once on every node of their role, so that replicas mean nothing. */
  readonly perNode?: readonly string[]
}
