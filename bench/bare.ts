/** `up` with empty caches: Kubernetes built from source, all images built. Takes its time; packages that `up` installed before stay installed. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { Benchmark } from '../src/cli/commands/bench.ts'
import { benchCloud, row, runCroque } from './measure/index.ts'

export const bench: Benchmark = {
  measure: async ({ cacheDir }) => {
    const cloud = benchCloud()
    const empty = mkdtempSync(`${cacheDir}-bench-`)
    try {
      const { seconds } = runCroque(['up', '--file', cloud.file], { CROQUE_CACHE_DIR: empty })
      return [row('up from a bare machine', seconds / 60, 25, 'min')]
    } finally {
      cloud.remove()
      rmSync(empty, { recursive: true, force: true })
    }
  },
}
