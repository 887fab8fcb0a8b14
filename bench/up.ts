/**
 * `up` of an empty state from built images to a server that is ACTIVE, the memory of everything then, a second `up` and a `plan` with
 * nothing to change, and `down`: on a cloud of its own. Images and Kubernetes are built first where the cache lacks them.
 */
import { join } from 'node:path'
import type { Benchmark, BenchmarkRow } from '../src/cli/commands/bench.ts'
import { benchCloud, type Measured, median, memoryOf, row, runCroque, writesAtServer } from './measure/index.ts'

interface Timing {
  readonly criticalPath: { readonly seconds: number }
  readonly wallSeconds: number
}

function timingRows({ events }: Measured): readonly BenchmarkRow[] {
  const timing = events.find(({ type }) => type === 'timing') as Timing | undefined
  if (timing === undefined) throw new Error('up printed no timing')
  return [row('its wall clock over its critical path', timing.wallSeconds / timing.criticalPath.seconds, 1.25, 'x', 2)]
}

export const bench: Benchmark = {
  measure: async ({ stateDir }) => {
    const cloud = benchCloud()
    const file = ['--file', cloud.file]
    try {
      // Fills the caches, so that what follows measures no build.
      runCroque(['up', ...file])
      runCroque(['down', ...file, '--yes'])
      const up = runCroque(['up', ...file])
      const memory = memoryOf(cloud.name)
      const writesSoFar = (): number => writesAtServer(join(stateDir, cloud.name), cloud.name)
      const before = writesSoFar()
      const again = Array.from({ length: 5 }, () => runCroque(['up', ...file]).seconds)
      const writes = writesSoFar() - before
      const plans = Array.from({ length: 5 }, () => runCroque(['plan', ...file]).seconds)
      return [
        row('up from built images to an ACTIVE server', up.seconds, 360, 's', 0),
        ...timingRows(up),
        row('memory of everything with one guest (PSS)', memory / 2 ** 30, 5.5, 'GiB', 2),
        row('second up, nothing changed', median(again), 3, 's'),
        row('writes of five such runs at the API server', writes, 0, '', 0),
        row('plan on the running cloud', median(plans), 3, 's'),
        row('down', runCroque(['down', ...file, '--yes']).seconds, undefined, 's'),
      ]
    } finally {
      cloud.remove()
    }
  },
}
