/** Rendering the whole kit: in process (after one warm-up) and as a process. Reach: 40 ms and 0.3 s. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { knownServices, render, type Site } from '../src/render/index.ts'
import { loadCloud } from '../src/spec/index.ts'

const site: Site = { images: {}, virtType: 'qemu', datapath: 'netdev', gatewayNodePort: 30443 }
const runs = 9

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function inProcess(): number {
  const begin = performance.now()
  const loaded = loadCloud(undefined, { file: 'default', knownServices: knownServices('2026.1') })
  if (!loaded.ok) throw new Error('the default document is not valid')
  render(loaded.cloud, site)
  return performance.now() - begin
}

function asProcess(): number {
  const begin = performance.now()
  const result = spawnSync(join(import.meta.dirname, '../croque'), ['render'], { stdio: 'ignore' })
  if (result.status !== 0) throw new Error('croque render failed')
  return performance.now() - begin
}

inProcess()
asProcess()
const rows = [
  ['render in process', median(Array.from({ length: runs }, inProcess)), 40],
  ['render as a process', median(Array.from({ length: runs }, asProcess)), 300],
] as const
process.stdout.write('what                        median ms   reach ms\n')
for (const [what, value, reach] of rows)
  process.stdout.write(`${what.padEnd(26)} ${value.toFixed(0).padStart(10)} ${String(reach).padStart(10)}\n`)
