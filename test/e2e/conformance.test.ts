/** A tenant's Kubernetes conforms: Kubernetes' own end-to-end tests, those of `conformance/chosen.txt`, are put to a cluster as tenants get it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { workshop } from '../integration/workshop.ts'
import { kubernetesOf, timed, tryCreate } from './clusters.ts'
import { ensureImages } from './conformance/images.ts'
import { importImages } from './conformance/nodes.ts'
import { ensurePrograms } from './conformance/programs.ts'
import { runConformance } from './conformance/run.ts'
import { failures, installation, resultOf } from './installation.ts'

const cloud = installation('e2e-conformance', { api: 16462, public: 18462, lxcNodes: 1 })
cloud.write('  services: {ceph: {enabled: false}, cinder: {enabled: false}, horizon: {enabled: false}}\n')
const name = 'conform'
const outside = join(cloud.stateDir, 'netns', `${cloud.name}-1`)
/** A full name a line; what begins with `#` is for who reads it. */
const names = readFileSync(join(import.meta.dirname, 'conformance/chosen.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const print = (text: string): void => void process.stdout.write(text)

afterAll(cloud.remove)

test('a cluster is what Kubernetes itself takes for one', { timeout: 5_400_000 }, async () => {
  const work = { signal: new AbortController().signal, say: (line: string): void => print(`${line}\n`) }
  const programs = await timed('programs of the tests', async () => await ensurePrograms(workshop, work))
  const images = await ensureImages(workshop, work, programs)
  const up = cloud.withFile('up', '--output', 'json')
  expect(resultOf(up).ok, failures(up)).toBe(true)
  await tryCreate({ cloud, name, outside }, 'kubernetes', { nodes: 2 })
  const { paths, ready, remove } = kubernetesOf({ cloud, name, outside })
  try {
    const nodes = ready()
    expect(nodes).toHaveLength(3)
    for (const node of nodes) importImages(cloud, node, images)
    const run = { programs: programs.dir, ...paths, names, at: 4, say: print }
    const { passed, failed, skipped } = await timed(
      `${names.length} tests of Kubernetes' own`,
      async () => await runConformance(run),
    )
    print(`conformance: ${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped\n`)
    expect(failed).toEqual([])
    expect(skipped).toEqual([])
    expect(passed.toSorted()).toEqual(names.toSorted())
  } finally {
    remove()
  }
})
