/** Rules between fields. Each looks at a document whose fields are sound by themselves and tells all that it finds. */
import type { CheckedCloud } from '../cloud.ts'
import type { Problem } from '../diagnostics.ts'
import type { KnownService } from '../known.ts'
import { endpointRules } from './endpoints.ts'
import { imageRules } from './images.ts'
import { networkRules } from './networks.ts'
import { nodeRules } from './nodes.ts'
import { osdRules } from './osds.ts'
import { serviceRules } from './services.ts'
import { storageRules, withBackends } from './storage.ts'

export interface Facts {
  readonly cloud: CheckedCloud
  readonly knownServices: readonly KnownService[]
  /** Whether the value at a path stands for one that was refused before, so that nothing can be said about it. */
  broken(path: readonly PropertyKey[]): boolean
}

export type Rule = (facts: Facts) => readonly Problem[]

const rules: readonly Rule[] = [
  networkRules,
  endpointRules,
  serviceRules,
  nodeRules,
  imageRules,
  osdRules,
  storageRules,
]

export const checkRules: Rule = (facts) => {
  const known = { ...facts, knownServices: withBackends(facts) }
  return rules.flatMap((rule) => rule(known))
}
