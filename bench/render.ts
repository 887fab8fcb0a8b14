/** Rendering the whole kit: in process (after one warm-up) and as a process. */
import { spawnSync } from 'node:child_process'
import type { Benchmark } from '../src/cli/commands/bench.ts'
import { knownServices, render, type Site } from '../src/render/index.ts'
import { loadCloud } from '../src/spec/index.ts'
import { croque, median, row } from './measure/index.ts'

const site: Site = { images: {}, virtType: 'qemu', datapath: 'netdev' }
const runs = 9

function inProcess(): number {
  const begin = performance.now()
  const loaded = loadCloud(undefined, { file: 'default', knownServices })
  if (!loaded.ok) throw new Error('the default document is not valid')
  render(loaded.cloud, site)
  return performance.now() - begin
}

function asProcess(): number {
  const begin = performance.now()
  const result = spawnSync(croque, ['render'], { stdio: 'ignore' })
  if (result.status !== 0) throw new Error('croque render failed')
  return performance.now() - begin
}

export const bench: Benchmark = {
  measure: async () => {
    inProcess()
    asProcess()
    return [
      row('render in process', median(Array.from({ length: runs }, inProcess)), 40, 'ms', 0),
      row('render as a process', median(Array.from({ length: runs }, asProcess)), 300, 'ms', 0),
    ]
  },
}
