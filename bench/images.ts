/** Compressed size of the whole image set: every layer counted once. Needs built images. */

import type { Benchmark } from '../src/cli/commands/bench.ts'
import { imageLayers } from '../src/images/index.ts'
import { row } from './measure/index.ts'

export const bench: Benchmark = {
  measure: async ({ repoDir, cacheDir }) => {
    const layers = imageLayers({ repoDir, cacheDir, release: '2026.1' })
    const bytes = layers.reduce((sum, { size }) => sum + size, 0)
    return [row(`image set, compressed (${layers.length} layers)`, bytes / 1e6, 1300, 'MB', 0)]
  },
}
