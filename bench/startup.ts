/** `./croque --help` from start to its first output, after one run that fills the compile cache. */
import { spawn } from 'node:child_process'
import type { Benchmark } from '../src/cli/commands/bench.ts'
import { croque, median, row } from './measure/index.ts'

const runs = 9

async function once(): Promise<number> {
  const begin = performance.now()
  const child = spawn(croque, ['--help'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const first = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', () => resolve(performance.now() - begin))
    child.once('error', reject)
    child.once('close', () => reject(new Error('no output')))
  })
  child.stdout.resume()
  return first
}

export const bench: Benchmark = {
  measure: async () => {
    await once()
    const times: number[] = []
    for (let run = 0; run < runs; run += 1) times.push(await once())
    return [row('--help to its first output', median(times), 300, 'ms', 0)]
  },
}
