import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adjust } from './adjust.ts'
import { emptyRoster, type Roster, type RosterNode, removedOf, strike, type WishedGroup } from './roster.ts'

const keyOf = ({ group, index }: RosterNode): string => `${group}/${index}`
const serverOf = (node: RosterNode): string => `server-${keyOf(node)}`

/** A cloud in which a node serves a step after it was decided on, and is gone a step after it shall go. */
class World {
  roster: Roster = emptyRoster
  readonly ready = new Set<string>()
  readonly dead = new Set<string>()
  readonly given = new Set<string>()
  /** Nodes that served, at the worst moment since it was reset. */
  fewest = 0
  most = 0

  sightingOf = (node: RosterNode) => ({
    serverId: serverOf(node),
    ready: this.ready.has(keyOf(node)) && !this.dead.has(keyOf(node)),
    failed: this.dead.has(keyOf(node)),
  })

  serving(group: string): number {
    return this.roster.nodes.filter((node) => node.group === group && this.sightingOf(node).ready).length
  }

  /** @returns whether anything changed */
  step(groups: readonly WishedGroup[], batch: number): boolean {
    const before = this.roster
    this.roster = adjust(before, groups, { sightingOf: this.sightingOf, batch })
    for (const node of this.roster.nodes) {
      if (before.nodes.some((old) => keyOf(old) === keyOf(node))) continue
      expect(this.given.has(keyOf(node)), `${keyOf(node)} was given twice`).toBe(false)
      this.given.add(keyOf(node))
    }
    const news = this.roster.nodes.filter(
      (node) => !node.leaves && !this.sightingOf(node).ready && !this.dead.has(keyOf(node)),
    )
    const gone = this.roster.nodes.filter(({ leaves }) => leaves)
    this.most = Math.max(this.most, this.roster.nodes.length)
    this.roster = strike(this.roster, (node) => gone.includes(node))
    this.fewest = Math.min(this.fewest, this.serving(groups[0]?.uuid ?? ''))
    for (const node of news) this.ready.add(keyOf(node))
    return this.roster !== before || news.length > 0 || gone.length > 0
  }

  settle(groups: readonly WishedGroup[], batch = 1): void {
    this.fewest = this.serving(groups[0]?.uuid ?? '')
    this.most = 0
    for (let steps = 0; this.step(groups, batch); steps += 1)
      expect(steps, 'it does not come to rest').toBeLessThan(100)
  }
}

const wish = (nodeCount: number, more: Partial<WishedGroup> = {}): WishedGroup => ({
  uuid: 'g',
  role: 'worker',
  templateId: 'old',
  imageId: 'image',
  flavorId: 'flavor',
  nodeCount,
  nodesToRemove: [],
  ...more,
})

const indexes = ({ roster }: World): readonly number[] => roster.nodes.map(({ index }) => index)

test('a group grows by new indexes and shrinks by the newest', () => {
  const world = new World()
  world.settle([wish(3)])
  expect(indexes(world)).toEqual([0, 1, 2])
  world.settle([wish(1)])
  expect(indexes(world)).toEqual([0])
  world.settle([wish(2)])
  expect(indexes(world)).toEqual([0, 3])
  world.settle([wish(0)])
  expect(indexes(world)).toEqual([])
})

test('nodes that were named go, by index or by server, and with the same count are replaced', () => {
  const world = new World()
  world.settle([wish(3)])
  world.settle([wish(2, { nodesToRemove: ['0'] })])
  expect(indexes(world)).toEqual([1, 2])
  const named = wish(2, { nodesToRemove: ['server-g/1', '0', 'nobody'] })
  expect(removedOf(world.roster, named, world.sightingOf)).toEqual(['0', 'nobody'])
  world.settle([named])
  expect(indexes(world)).toEqual([2, 3])
  expect(removedOf(world.roster, named, world.sightingOf)).toEqual(['server-g/1', '0', 'nobody'])
})

test('an upgrade replaces nodes batch by batch, and as many as before serve all the time', () => {
  const world = new World()
  world.settle([wish(4)])
  world.settle([wish(4, { templateId: 'new' })], 2)
  expect(world.roster.nodes.map(({ templateId }) => templateId)).toEqual(['new', 'new', 'new', 'new'])
  expect(world.fewest).toBe(4)
  expect(world.most).toBe(6)
})

test('a dead node is replaced', () => {
  const world = new World()
  world.settle([wish(2)])
  world.dead.add('g/1')
  world.settle([wish(2)])
  expect(indexes(world)).toEqual([0, 2])
})

test('nodes of a group that is gone go, and those of others stay', () => {
  const world = new World()
  world.settle([wish(1), wish(2, { uuid: 'h' })])
  world.settle([wish(1)])
  expect(world.roster.nodes.map(keyOf)).toEqual(['g/0'])
})

test('whatever is wished one after the other, the last wish is what comes', () => {
  const wishes = fc.array(
    fc.record({
      count: fc.nat(5),
      template: fc.constantFrom('old', 'new', 'newer'),
      remove: fc.subarray(['0', '1', '2', '3', 'server-g/2', 'server-g/4']),
      batch: fc.integer({ min: 1, max: 3 }),
      steps: fc.nat(6),
      dies: fc.option(fc.nat(6)),
    }),
    { minLength: 1, maxLength: 8 },
  )
  fc.assert(
    fc.property(wishes, (given) => {
      const world = new World()
      for (const { count, template, remove, batch, steps, dies } of given) {
        if (dies !== null) world.dead.add(`g/${dies}`)
        const group = wish(count, { templateId: template, nodesToRemove: remove })
        for (let step = 0; step < steps; step += 1) world.step([group], batch)
      }
      const last = given.at(-1)
      if (last === undefined) return
      const group = wish(last.count, { templateId: last.template, nodesToRemove: last.remove })
      world.settle([group], last.batch)
      expect(world.roster.nodes.map(({ templateId }) => templateId)).toEqual(Array(last.count).fill(last.template))
      expect(world.serving('g')).toBe(last.count)
      expect(removedOf(world.roster, group, world.sightingOf)).toEqual(last.remove)
    }),
  )
})

test('of masters that serve one goes at a time, and the last one only when another serves', () => {
  const wishes = fc.array(
    fc.record({
      count: fc.constantFrom(1, 3, 5),
      template: fc.constantFrom('old', 'new'),
      remove: fc.subarray(['0', '1', '2', '3']),
      steps: fc.nat(8),
    }),
    { minLength: 1, maxLength: 6 },
  )
  fc.assert(
    fc.property(wishes, (given) => {
      const world = new World()
      const stepped = (group: WishedGroup): boolean => {
        const before = world.serving('g')
        const changed = world.step([group], 3)
        expect(world.serving('g')).toBeGreaterThanOrEqual(Math.max(before - 1, Math.min(before, 1)))
        return changed
      }
      for (const { count, template, remove, steps } of given) {
        const group = wish(count, { role: 'master', templateId: template, nodesToRemove: remove })
        for (let step = 0; step < steps; step += 1) stepped(group)
      }
      const last = given.at(-1)
      if (last === undefined) return
      const group = wish(last.count, { role: 'master', templateId: last.template, nodesToRemove: last.remove })
      for (let steps = 0; stepped(group); steps += 1) expect(steps, 'it does not come to rest').toBeLessThan(100)
      expect(world.roster.nodes.map(({ templateId }) => templateId)).toEqual(Array(last.count).fill(last.template))
      expect(removedOf(world.roster, group, world.sightingOf)).toEqual(last.remove)
    }),
  )
})

test('workers wait with growing until no master is outdated', () => {
  const world = new World()
  const masters = (templateId: string): WishedGroup => wish(1, { uuid: 'm', role: 'master', templateId })
  world.settle([wish(2), masters('old')])
  let newest = 0
  while (world.step([wish(3, { templateId: 'new' }), masters('new')], 1)) {
    const isOld = world.roster.nodes.some(({ group, templateId }) => group === 'm' && templateId === 'old')
    const news = world.roster.nodes.filter(({ group, templateId }) => group === 'g' && templateId === 'new').length
    if (isOld) expect(news).toBe(0)
    newest = Math.max(newest, news)
  }
  expect(newest).toBe(3)
})
