/** Disks of the block storage: their nodes are there, and it is either ours or somebody else's. */
import type { Problem } from '../diagnostics.ts'
import { error } from '../issues.ts'
import type { Rule } from './index.ts'
import { unknownNode } from './nodes.ts'

export const osdRules: Rule = (facts) => {
  const { storage } = facts.cloud.spec
  const path = ['spec', 'storage']
  const nodes = Object.keys(storage.osds)
  const problems: Problem[] = nodes.flatMap((node) => unknownNode([...path, 'osds', node], node, facts))
  for (const [node, { directory, device }] of Object.entries(storage.osds))
    if (directory !== undefined && device !== undefined)
      problems.push(error({ path: [...path, 'osds', node], message: 'a directory or a device, not both' }))
  if (storage.external !== undefined && nodes.length > 0)
    problems.push(
      error({ path: [...path, 'osds'], message: 'OSDs are for a Ceph of our own, not for an external one' }),
    )
  return problems
}
