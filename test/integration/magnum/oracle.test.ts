/**
 * What Magnum answers to the requests of the scenarios, as it is recorded. A few scenarios show that the recordings are true; with
 * `CROQUE_TEST_ORACLE=all` it is all of them, which takes minutes, and `--update` records them anew.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareWithRecorded } from './against.ts'
import { play, recording } from './exchange.ts'
import { type Magnum, type MagnumVersion, startMagnum } from './magnum.ts'
import { scenarios } from './requests/index.ts'
import { openWorld, type World } from './world.ts'

let dir: string
let world: World

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-oracle-'))
  world = await openWorld(dir)
})

afterAll(async () => {
  await world.close()
  await rm(dir, { recursive: true })
})

const versions: readonly MagnumVersion[] = ['22', '23']
const all = process.env['CROQUE_TEST_ORACLE'] === 'all'
const few = ['templates', 'templates-in-use', 'cluster-patches', 'nodegroups', 'credentials', 'stats', 'newest']

/** The release has them, and they were asked for. */
const chosen = (version: MagnumVersion) =>
  scenarios
    .filter(({ name, since = '22' }) => since <= version && (all || few.includes(name)))
    .map((scenario) => [scenario.name, scenario] as const)

describe.each(versions)('Magnum %s', (version) => {
  let magnum: Magnum

  beforeAll(async () => {
    magnum = await startMagnum({ keystone: world.keystone, dir: join(dir, version), version })
  })

  afterAll(async () => await magnum.stop())

  test.each(chosen(version))(
    'answers as recorded: %s',
    async (name, scenario) => {
      const text = recording(await play(scenario, world, magnum))
      await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'recorded', version, `${name}.json`))
    },
    900_000,
  )

  if (version === '23')
    test('the comparison finds nothing at a Magnum', async () => {
      const scenario = scenarios.find(({ name }) => name === 'services')
      if (scenario === undefined) throw new Error('no such scenario')
      const { same, differences, departed } = await compareWithRecorded(scenario, world, magnum)
      expect({ same, differences, departed: [...departed] }).toEqual({ same: 12, differences: [], departed: [] })
    })
})
