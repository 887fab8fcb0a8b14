/**
 * Kubernetes of a tenant on a cloud of its own with one node for container guests: made, grown, shrunk and taken away by
 * `croque cluster`, which ends when the API says that it is done. Images are built first where the cache lacks them.
 */
import type { Benchmark } from '../src/cli/commands/bench.ts'
import { benchCloud, row, runCroque } from './measure/index.ts'

export const bench: Benchmark = {
  measure: async () => {
    const cloud = benchCloud({ lxcNodes: 1 })
    const file = ['--file', cloud.file]
    const seconds = (...args: readonly string[]): number => runCroque(['cluster', ...args, ...file]).seconds
    try {
      runCroque(['up', ...file])
      return [
        row('a cluster of one master and one node: create to both ready', seconds('create', 'bench'), 75, 's', 0),
        row('one more node', seconds('resize', 'bench', '2'), 45, 's', 0),
        row('one node less', seconds('resize', 'bench', '1'), undefined, 's', 0),
        row('delete to nothing left', seconds('delete', 'bench'), 45, 's', 0),
      ]
    } finally {
      cloud.remove()
    }
  },
}
