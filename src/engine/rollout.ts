/** New Pods for no other reason than that their configuration is another: the Pod template carries its hash. Pure. */

import type { KubeObject } from '../kube/index.ts'
import { configHash } from '../render/index.ts'
import { renewedByHand } from './by-hand.ts'
import type { FieldDiff } from './compare.ts'

const isHash = ({ path, before, after }: FieldDiff): boolean =>
  path === `spec.template.metadata.annotations.${configHash}` && before !== undefined && after !== undefined

/** Differences that say something to a person: two hashes do not. */
export const withoutHashes = (diff: readonly FieldDiff[]): readonly FieldDiff[] => diff.filter((one) => !isHash(one))

/** What a changed hash means. */
export function rollsOut(after: KubeObject, diff: readonly FieldDiff[]): readonly string[] {
  if (!diff.some(isHash)) return []
  return [renewedByHand(after) ? 'its configuration changes' : 'it rolls out because its configuration changes']
}
