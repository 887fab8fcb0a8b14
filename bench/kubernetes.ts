/**
 * Kubernetes of a tenant on a cloud of its own with one node for container guests: made, grown, shrunk and taken away by
 * `croque cluster`, which ends when the API says that it is done; then ten control planes at once. Images are built first where the
 * cache lacks them.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Benchmark, BenchmarkRow } from '../src/cli/commands/bench.ts'
import type { ContainerCluster } from '../src/openstack/index.ts'
import { benchCloud, memoryOfGuests, row, runCroque } from './measure/index.ts'

/** Ten control planes asked for at once, until each is there or refused by a quota; throws when one fails otherwise. */
async function atOnce(cloud: string, file: readonly string[]): Promise<readonly BenchmarkRow[]> {
  const begin = performance.now()
  for (let count = 1; count <= 10; count += 1)
    runCroque(['cluster', 'create', `bench-${count}`, '--node-count', '0', '--no-wait', ...file])
  for (;;) {
    const { events } = runCroque(['cluster', 'list', ...file])
    const clusters = events.find(({ type }) => type === 'data')?.['data'] as readonly ContainerCluster[]
    const failed = clusters.filter(({ status }) => status === 'CREATE_FAILED')
    const ready = clusters.filter(({ status }) => status === 'CREATE_COMPLETE')
    const broken = failed.find(({ reason }) => reason?.includes('quota') !== true)
    if (broken !== undefined) throw new Error(`${broken.name}: ${broken.reason}`)
    if (ready.length + failed.length === clusters.length) {
      const memory = memoryOfGuests(cloud) / ready.length / 2 ** 20
      return [
        row('ten control planes at once: of them ready', ready.length, undefined, '', 0),
        row('ten control planes at once: refused by quota', failed.length, undefined, '', 0),
        row('ten control planes at once: until all are', (performance.now() - begin) / 1000, undefined, 's', 0),
        row('memory of each (PSS)', memory, 700, 'MiB', 0),
      ]
    }
    await pause(2000)
  }
}

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
        ...(await atOnce(cloud.name, file)),
      ]
    } finally {
      cloud.remove()
    }
  },
}
