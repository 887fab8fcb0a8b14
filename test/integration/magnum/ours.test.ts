/** Our own API against everything that was recorded of the Magnums: an answer is the same, or departs for a reason in `departures.ts`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestCluster, type TestCluster } from '../cluster.ts'
import { compareWithRecorded } from './against.ts'
import { line } from './compare.ts'
import { departures } from './departures.ts'
import { type Ours, startOurs } from './ours.ts'
import { scenarios } from './requests/index.ts'
import { openWorld, type World } from './world.ts'

let dir: string
let cluster: TestCluster | undefined
let world: World | undefined
let ours: Ours | undefined

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-ours-'))
  ;[cluster, world] = await Promise.all([openTestCluster(), openWorld(dir)])
  ours = await startOurs(world, cluster)
})

afterAll(async () => {
  await ours?.stop()
  await world?.close()
  await cluster?.close()
  await rm(dir, { recursive: true, force: true })
})

const met = new Map<string, readonly string[]>()

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
  'answers as Magnum does: %s',
  async (name, scenario) => {
    if (world === undefined || ours === undefined) throw new Error('nothing was started')
    const { departed, differences } = await compareWithRecorded(scenario, world, ours)
    met.set(name, [...departed.keys()])
    expect(differences.map(line)).toEqual([])
    expect(ours.faults).toEqual([])
  },
  900_000,
)

test('every departure is met', ({ skip }) => {
  if (met.size < scenarios.length) skip('not all scenarios were asked')
  const titles = new Set([...met.values()].flat())
  expect(departures.filter(({ title }) => !titles.has(title)).map(({ title }) => title)).toEqual([])
})
