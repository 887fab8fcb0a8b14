/** The real clients: put to Magnum, which shows that what they are asked is right, and to our own API. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openTestCluster } from '../cluster.ts'
import {
  functionsOfGophercloud,
  packagedCommands,
  tryCommands,
  tryGophercloud,
  tryMethods,
  tryProgram,
} from './clients/clients.ts'
import { commands } from './clients/commands.ts'
import { callsLeft, callsOfPanels, startHorizon } from './clients/horizon.ts'
import { shownTo, tryPanels } from './clients/panels.ts'
import type { Subject } from './exchange.ts'
import { startMagnum } from './magnum.ts'
import { startOurs } from './ours.ts'
import { openWorld, type World } from './world.ts'

test('the table has every command of the client', async () => {
  const known = await packagedCommands()
  const tried = (name: string): boolean => commands.some(({ words }) => `${words} `.startsWith(`${name} `))
  expect(known.filter((name) => !tried(name))).toEqual([])
  expect(known.length).toBeGreaterThan(25)
})

test('the program calls every function of gophercloud', async () => {
  const { known, left } = await functionsOfGophercloud()
  expect(left).toEqual([])
  expect(known.length).toBeGreaterThan(20)
}, 900_000)

interface Stage {
  readonly world: World
  readonly subject: Subject
  /** Goes with the stage. */
  readonly dir: string
  /** What the subject logged of faults of its own. */
  readonly faults: readonly string[]
}

/** What ends is added to the parts. */
type Open = (parts: AsyncDisposableStack) => Promise<Stage>

async function openStage(parts: AsyncDisposableStack): Promise<{ readonly world: World; readonly dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'croque-clients-'))
  parts.defer(async () => await rm(dir, { recursive: true }))
  const world = await openWorld(dir)
  parts.defer(world.close)
  return { world, dir }
}

const magnum: Open = async (parts) => {
  const { world, dir } = await openStage(parts)
  const subject = await startMagnum({ keystone: world.keystone, dir: join(dir, 'magnum') })
  parts.defer(subject.stop)
  return { world, subject, dir, faults: [] }
}

const ours: Open = async (parts) => {
  const { world, dir } = await openStage(parts)
  const cluster = await openTestCluster()
  parts.defer(cluster.close)
  const subject = await startOurs(world, cluster)
  parts.defer(subject.stop)
  await world.keystone.identity.offer('container-infra', subject.url)
  return { world, subject, dir, faults: subject.faults }
}

test('Horizon shows no panels of a service that is not in the catalog', async () => {
  await using parts = new AsyncDisposableStack()
  const { world, dir } = await openStage(parts)
  const horizon = await startHorizon(world, dir)
  parts.defer(horizon.stop)
  expect(await shownTo(await horizon.as('member'))).toEqual({ inMenu: false, status: 403 })
}, 600_000)

describe.each([
  // Its updates put `add /id` first, which Magnum refuses.
  ['Magnum', magnum, ['update_cluster_template', 'update_cluster']],
  ['our own API', ours, []],
] as const)('at %s', (_, open, broken) => {
  const parts = new AsyncDisposableStack()
  let stage: Stage

  beforeAll(async () => {
    stage = await open(parts)
  })

  afterEach(() => expect(stage.faults).toEqual([]))

  afterAll(async () => await parts.disposeAsync())

  test('openstack coe: the program', async () => await tryProgram(stage.world))

  test('openstack coe: every command', async () => await tryCommands(stage.world, stage.subject), 600_000)

  test('python-magnumclient and openstacksdk: every method', async () => {
    expect(await tryMethods(stage.world, stage.subject)).toMatchObject({ left: [], broken })
  }, 600_000)

  test('the panels of Horizon: every call', async () => {
    const known = await callsOfPanels()
    expect(known.length).toBeGreaterThan(25)
    expect(callsLeft(known, await tryPanels(stage.world, stage.subject, stage.dir))).toEqual([])
  }, 600_000)

  test('gophercloud: every function', async () => await tryGophercloud(stage.world, stage.subject), 900_000)
})
