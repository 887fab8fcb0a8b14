/** What happens below the driver and passes is not the end of a wish; what does not pass is. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NodeGroupSpec } from '../../model/index.ts'
import type { Progress } from '../driver.ts'
import type { Ailment } from './ailments-fixture.ts'
import { driverOn, sceneOf } from './driver-fixture.ts'
import type { Weather } from './fixture.ts'

const passing = ['away', 'engine', 'engine-unnoticed'] as const satisfies readonly Ailment[]

type Scene = ReturnType<typeof sceneOf>

/** As the reconciler asks it: again and again, by a process that may be another one each time. `lazily`: more rarely while it waits for the same. */
async function followed(
  { cloud, clock }: Scene,
  ask: (driver: ReturnType<typeof driverOn>) => Promise<Progress>,
  { weather = async () => undefined, lazily = false }: { readonly weather?: Weather; readonly lazily?: boolean } = {},
): Promise<Progress & { readonly told: readonly string[] }> {
  const begun = clock.elapsed()
  const told: string[] = []
  let pause = 1
  while (clock.elapsed() - begun < 60 * 60_000) {
    const progress = await ask(driverOn(cloud, weather)).catch(() => undefined)
    if (progress !== undefined && progress.state !== 'waiting') return { ...progress, told }
    pause = lazily && told.at(-1) === progress?.for ? Math.min(16, pause * 2) : 1
    if (progress !== undefined && told.at(-1) !== progress.for) told.push(progress.for)
    await clock.advance((progress?.afterMs ?? 1000) * pause)
  }
  throw new Error(`It waits for ever: ${told.slice(-5).join(' | ')}`)
}

const makes = (scene: Scene, workers: Partial<NodeGroupSpec>, masters: Partial<NodeGroupSpec> = {}) => {
  const wish = scene.wishOf(workers, masters)
  return async (driver: ReturnType<typeof driverOn>): Promise<Progress> => await driver.reconcile(wish)
}

const removes = (scene: Scene) => {
  const wish = scene.wishOf({})
  return async (driver: ReturnType<typeof driverOn>): Promise<Progress> => await driver.remove(wish)
}

const secondsOf = ({ cloud }: Scene): readonly number[] => cloud.stacks.asked.map((ms) => Math.round(ms / 1000))

test('a cloud that is away for a moment is asked again, ever more rarely, and it is told why and when', async () => {
  const scene = sceneOf()
  scene.cloud.stacks.ail(['away', 'away', 'away'])
  const { state, told } = await followed(scene, makes(scene, { nodeCount: 2 }))
  expect(state).toBe('done')
  const reason =
    'kube-minion: ConnectFailure: resources.kube-minion: Unable to establish connection to http://nova.test/servers'
  expect(told.filter((each) => each.includes('again'))).toEqual([
    `stack demo-00000000: ${reason}; it is tried again at 16:00:11 UTC`,
    `stack demo-00000000: ${reason}; it is tried again at 16:00:27 UTC`,
    `stack demo-00000000: ${reason}; it is tried again at 16:00:53 UTC`,
  ])
  expect(secondsOf(scene)).toEqual([0, 11, 27, 53])
  // No other nodes than those that were wished first, and the next wish has nothing against them.
  const wish = scene.wishOf({ nodeCount: 2 })
  const operation = { ...wish.cluster.spec.operation, id: 'the next' }
  const next = { ...wish, cluster: { ...wish.cluster, spec: { ...wish.cluster.spec, operation } } }
  expect(await followed(scene, async (driver) => await driver.reconcile(next))).toMatchObject({ state: 'done' })
  expect(scene.cloud.look(scene.cluster.uuid)?.servers.map((key) => key.slice(-4))).toEqual(['0a/0', '0b/0', '0b/1'])
})

test.each(passing)(
  'a cluster comes, grows, is upgraded and goes though each of it ends by %s at first',
  async (ailment) => {
    const scene = sceneOf()
    const [old, fresh] = [
      { templateId: 'a', imageId: 'old' },
      { templateId: 'b', imageId: 'new' },
    ]
    for (const ask of [
      makes(scene, { ...old, nodeCount: 1 }, old),
      makes(scene, { ...old, nodeCount: 3 }, old),
      makes(scene, { ...fresh, nodeCount: 3 }, fresh),
      removes(scene),
    ]) {
      scene.cloud.stacks.ail([ailment, ailment])
      expect(await followed(scene, ask, { lazily: true })).toMatchObject({ state: 'done' })
    }
    expect(scene.cloud.look(scene.cluster.uuid)).toBeUndefined()
    expect(scene.cloud.wrongs).toEqual([])
  },
)

test.each([
  ['a minute and a half', 'engine-unnoticed', 90, '01'],
  ['five minutes, while others may be at work,', 'engine-unnoticed-building', 300, '05'],
] as const)(
  'a stack whose engine died without anybody noticing is asked for again after %s',
  async (_word, ailment, seconds, minute) => {
    const scene = sceneOf()
    scene.cloud.stacks.ail([ailment])
    const { told } = await followed(scene, makes(scene, { nodeCount: 1 }))
    expect(told).toContainEqual(
      expect.stringMatching(
        new RegExp(
          `^stack demo-00000000: CREATE_IN_PROGRESS, and nothing of it has moved since 16:00:00 UTC; it is tried again at 16:${minute}:\\d\\d UTC$`,
        ),
      ),
    )
    const [, again, ...more] = secondsOf(scene)
    expect(again).toBeGreaterThanOrEqual(seconds + 5)
    expect(again).toBeLessThan(seconds + 30)
    expect(more).toEqual([])
  },
)

test('where no host has room a fair try is made, and then it is told', async () => {
  const scene = sceneOf()
  scene.cloud.stacks.ail(Array.from({ length: 20 }, () => 'room'))
  expect(await followed(scene, makes(scene, { nodeCount: 1 }))).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/No valid host was found.* \(tried 5 times\)$/) as string,
  })
  expect(secondsOf(scene)).toHaveLength(5)
  // For longer than a compute host that was ended needs to be heard of again.
  expect(scene.clock.elapsed()).toBeGreaterThan(90_000)
})

test('a host that comes back in time is all that it takes', async () => {
  const scene = sceneOf()
  scene.cloud.stacks.ail(['room', 'room'])
  expect(await followed(scene, makes(scene, { nodeCount: 1 }))).toMatchObject({ state: 'done' })
})

test('what a quota has no room for is told at once', async () => {
  const scene = sceneOf()
  scene.cloud.stacks.ail(['quota'])
  expect(await followed(scene, makes(scene, { nodeCount: 1 }))).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('already used 20 of 20 cores') as string,
  })
  expect(secondsOf(scene)).toEqual([0])
})

test('what does not go is asked to go again, whatever the reason', async () => {
  const scene = sceneOf()
  await followed(scene, makes(scene, { nodeCount: 1 }))
  scene.cloud.stacks.asked.length = 0
  scene.cloud.stacks.ail(['quota', 'quota', 'quota', 'quota'])
  const { state, told } = await followed(scene, removes(scene))
  expect(state).toBe('done')
  expect(told.at(1)).toMatch(
    /^the removal of stack demo-00000000: kube-minion: Forbidden: .*; it is tried again at \d\d:/,
  )
  const asked = secondsOf(scene)
  expect(asked.map((at, nth) => at - (asked[nth - 1] ?? at))).toEqual([0, 11, 16, 26, 46])
})

const act = fc.record({
  workers: fc.integer({ min: 0, max: 4 }),
  masters: fc.constantFrom(1, 1, 3),
  template: fc.constantFrom('a', 'b'),
  ailments: fc.array(fc.constantFrom(...passing), { maxLength: 3 }),
  /** Of the calls of the cloud, counted from here: those that fail, and those that are the last of a process. */
  away: fc.array(fc.nat(40), { maxLength: 4 }),
})

test('whatever passes, wishes end as wished, and in time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 3 }), async (acts) => {
      const scene = sceneOf()
      const { cloud, cluster } = scene
      let calls = 0
      for (const { workers, masters, template, ailments, away } of acts) {
        const failing = new Set(away.map((nth) => calls + nth))
        const weather: Weather = async () => {
          if (failing.has(calls++)) throw new Error('503 Service Unavailable')
        }
        cloud.stacks.ail(ailments)
        cloud.stacks.asked.length = 0
        const group = { templateId: template, imageId: template === 'a' ? 'old' : 'new' }
        // Back to an older Kubernetes nobody goes.
        const isBack = scene.cloud.inside.keys(cluster.uuid).length > 0 && template === 'a'
        const kept = isBack ? {} : group
        const ask = makes(scene, { ...kept, nodeCount: workers }, { ...kept, nodeCount: masters })
        expect(await followed(scene, ask, { weather, lazily: true })).toMatchObject({ state: 'done' })
        cloud.stacks.recover()
        const servers = cloud.look(cluster.uuid)?.servers ?? []
        expect(servers.filter((key) => key.includes('0a/'))).toHaveLength(masters)
        expect(servers.filter((key) => key.includes('0b/'))).toHaveLength(workers)
      }
      cloud.stacks.ail(['engine', 'away', 'engine-unnoticed'])
      expect(await followed(scene, removes(scene), { lazily: true })).toMatchObject({ state: 'done' })
      expect(cloud.look(cluster.uuid)).toBeUndefined()
      expect(cloud.wrongs).toEqual([])
    }),
    { numRuns: 8 },
  )
}, 120_000)
