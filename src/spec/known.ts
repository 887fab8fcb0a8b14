/** What the catalog tells the document's checks; `spec` imports no catalog, so it comes as data. */
import type { OptionList } from '../oslo/index.ts'

export interface KnownService {
  readonly name: string
  readonly components: readonly string[]
  /** Configuration files a user may change; undefined where the options of a file are not known. */
  readonly files: Readonly<Record<string, OptionList | undefined>>
  /** Names of its policy rules; undefined where it has none. */
  readonly policyRules?: readonly string[] | undefined
  /** Other services without which one of its containers never starts. */
  readonly needs?: readonly string[]
  /** Source of images -> why it has none of this service. */
  readonly lacking?: Readonly<Record<string, string>>
  /** Components that can only run once in this version. */
  readonly singletons?: readonly string[]
  /** Components that run once on every node of their role, so that replicas mean nothing, with those of `files` that each reads. */
  readonly perNode?: Readonly<Record<string, readonly string[]>>
}

/** Services of later versions: a document that names one gets told so, not that it mistyped something. */
export const plannedServices: readonly string[] = [
  'barbican',
  'ceilometer',
  'designate',
  'ironic',
  'manila',
  'octavia',
  'swift',
]
