/** From the start of `./croque --help` to its first output, with everything installed and cached. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Benchmark } from '../src/cli/commands/bench.ts'

const runs = 11
const reachMs = 300

export const bench: Benchmark = {
  title: 'start of the program',
  async measure({ repoDir, env }) {
    const times: number[] = []
    for (let run = 0; run <= runs; run++) times.push(await firstOutput(join(repoDir, 'croque'), env))
    const median = times.slice(1).sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN
    return [
      {
        what: `./croque --help to first output (median of ${runs})`,
        measured: `${median.toFixed(0)} ms`,
        reach: `< ${reachMs} ms`,
        ok: median < reachMs,
      },
    ]
  },
}

async function firstOutput(program: string, env: Readonly<Record<string, string>>): Promise<number> {
  const began = performance.now()
  const child = spawn(program, ['--help'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const first = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.stdout.once('data', () => resolve(performance.now()))
    child.once('close', () => reject(new Error('croque --help printed nothing')))
  })
  child.stdout.resume()
  return first - began
}
