/** `./croque --help` from start to its first output, after one run that fills the compile cache. Reach: 300 ms. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const runs = 9

async function once(): Promise<number> {
  const begin = performance.now()
  const child = spawn(join(import.meta.dirname, '../croque'), ['--help'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const first = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', () => resolve(performance.now() - begin))
    child.once('error', reject)
    child.once('close', () => reject(new Error('no output')))
  })
  child.stdout.resume()
  return first
}

await once()
const times: number[] = []
for (let run = 0; run < runs; run += 1) times.push(await once())
const [median = 0] = times.toSorted((a, b) => a - b).slice(Math.floor(runs / 2))
process.stdout.write(
  `what                        median ms   reach ms\n${'--help to first output'.padEnd(26)} ${median.toFixed(0).padStart(10)} ${'300'.padStart(10)}\n`,
)
