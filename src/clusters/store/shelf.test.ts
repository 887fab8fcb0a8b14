import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../kube/index.ts'
import { type AnySpec, type Item, itemOf, oldestFirst } from './item.ts'
import { createShelf, type Shelf } from './shelf.ts'
import { createIndex } from './sorted-index.ts'

/** Begins where versions get longer, so that comparing them as text would show. */
const beginning = 95

function object(name: string, version: number, rest: Partial<KubeObject['metadata']> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name, resourceVersion: String(version), uid: `${name}-uid`, ...rest },
    spec: { name, projectId: `p${version % 2}`, createdAt: name },
  }
}
const thing = (of: KubeObject): Item => itemOf<AnySpec, unknown>(of)

function open() {
  const all = createIndex<Item>({ keyOf: () => '', compare: oldestFirst })
  const byProject = createIndex<Item>({ keyOf: ({ spec }) => spec.projectId, compare: oldestFirst })
  const told: string[] = []
  const shelf = createShelf<Item>({
    itemOf: thing,
    indexes: [all, byProject],
    onChange: (before, after) => told.push(`${before?.resourceVersion} ${after?.resourceVersion}`),
  })
  return { shelf, all: () => all.of(''), ofProject: (project: string) => byProject.of(project), told }
}

/** An API server with one kind, and a store of it: what the store is told comes late, in pieces, and from two sides. */
class World {
  readonly shop = open()
  readonly history: { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }[] = []
  /** Not told yet. */
  readonly answers: Item[] = []
  readonly answered: Item[] = []
  /** How much of the history the watch has brought. */
  seen = 0
  version = beginning
  born = 0
  state = new Map<string, KubeObject>()

  put(name: string, own: boolean): void {
    const uid = this.state.get(name)?.metadata.uid ?? `${name}-${this.born++}`
    const type = this.state.has(name) ? 'MODIFIED' : 'ADDED'
    this.version += 1
    const made = object(name, this.version, { uid })
    this.state.set(name, made)
    this.history.push({ type, object: made })
    if (own) this.answers.push(thing(made))
  }
  delete(name: string): void {
    const gone = this.state.get(name)
    if (gone === undefined) return
    this.version += 1
    this.state.delete(name)
    const { uid = '' } = gone.metadata
    this.history.push({ type: 'DELETED', object: object(name, this.version, { uid }) })
  }
  watch(count: number): void {
    for (const event of this.history.slice(this.seen, this.seen + count)) this.shop.shelf.take(event)
    this.seen = Math.min(this.history.length, this.seen + count)
  }
  /** A list as it was some time ago, but not before what the watch has brought. */
  sync(ago: number): void {
    const upTo = Math.max(this.seen, this.history.length - ago)
    const listed = new Map<string, KubeObject>()
    for (const { type, object: changed } of this.history.slice(0, upTo)) {
      if (type === 'DELETED') listed.delete(changed.metadata.name)
      else listed.set(changed.metadata.name, changed)
    }
    this.shop.shelf.take({ type: 'SYNC', objects: [...listed.values()], resourceVersion: String(beginning + upTo) })
    this.seen = upTo
  }
  answer(which: number): void {
    const [item] = this.answers.splice(which % Math.max(1, this.answers.length), 1)
    if (item === undefined) return
    this.shop.shelf.wrote(item)
    this.answered.push(item)
  }
  /** What was answered is there, until the watch knows better. */
  checkAnswered(): void {
    const { shelf } = this.shop
    for (const { uuid, resourceVersion } of this.answered) {
      if (shelf.hasPassed(resourceVersion)) continue
      expect(Number(shelf.get(uuid)?.resourceVersion)).toBeGreaterThanOrEqual(Number(resourceVersion))
    }
  }
  check(): void {
    const expected = [...this.state.values()].map(thing).sort(oldestFirst)
    expect(this.shop.all()).toEqual(expected)
    for (const project of ['p0', 'p1'])
      expect(this.shop.ofProject(project)).toEqual(expected.filter(({ spec }) => spec.projectId === project))
  }
}

const name = fc.constantFrom('a', 'b', 'c')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('put' as const), name, fc.boolean()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('delete' as const), name) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('watch' as const), fc.integer({ min: 1, max: 3 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('sync' as const), fc.nat(4)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('answer' as const), fc.nat(4)) },
)

function perform(world: World, of: typeof step extends fc.Arbitrary<infer Step> ? Step : never): void {
  if (of[0] === 'put') world.put(of[1], of[2])
  else if (of[0] === 'delete') world.delete(of[1])
  else if (of[0] === 'watch') world.watch(of[1])
  else if (of[0] === 'sync') world.sync(of[1])
  else world.answer(of[1])
}

test('whatever overtakes what, it ends as the server has it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, answersLast) => {
      const world = new World()
      world.sync(0)
      for (const one of steps) {
        perform(world, one)
        world.checkAnswered()
      }
      if (answersLast) world.watch(Number.POSITIVE_INFINITY)
      while (world.answers.length > 0) world.answer(0)
      world.watch(Number.POSITIVE_INFINITY)
      world.check()
    }),
    { numRuns: 500 },
  )
})

test('every change is told once', () => {
  const { shelf, told } = open()
  shelf.take({ type: 'SYNC', objects: [object('a', 97), object('b', 98)], resourceVersion: '98' })
  shelf.wrote(thing(object('a', 100)))
  shelf.take({ type: 'MODIFIED', object: object('a', 100) })
  shelf.take({ type: 'SYNC', objects: [object('a', 100)], resourceVersion: '101' })
  expect(told).toEqual(['undefined 97', 'undefined 98', '97 100', '98 undefined'])
})

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))])
}

test('a version is passed by an event or a list that is as late, not by what we wrote', async () => {
  const { shelf } = open()
  const first = shelf.passing('0').seen
  expect([shelf.hasPassed('0'), await isSettled(first)]).toEqual([false, false])
  shelf.take({ type: 'SYNC', objects: [], resourceVersion: '99' })
  expect([shelf.hasPassed('99'), shelf.hasPassed('100'), await isSettled(first)]).toEqual([true, false, true])
  const next = shelf.passing('100').seen
  shelf.wrote(thing(object('a', 100)))
  expect([shelf.hasPassed('100'), await isSettled(next)]).toEqual([false, false])
  shelf.take({ type: 'ADDED', object: object('a', 101) })
  expect([shelf.hasPassed('100'), await isSettled(next)]).toEqual([true, true])
})

const deletedAt = { deletionTimestamp: '2026-11-28T16:00:00Z' }
const ends: readonly { readonly by: string; readonly tell: (shelf: Shelf<Item>) => void; readonly sees: unknown }[] = [
  {
    by: 'an event of another object',
    tell: (shelf) => shelf.take({ type: 'DELETED', object: object('b', 100) }),
    sees: [undefined, undefined],
  },
  {
    by: 'its finalizers holding it',
    tell: (shelf) => shelf.take({ type: 'MODIFIED', object: object('a', 100, deletedAt) }),
    sees: ['100', undefined],
  },
  {
    by: 'its end',
    tell: (shelf) => shelf.take({ type: 'DELETED', object: object('a', 100) }),
    sees: ['100', '100'],
  },
  {
    by: 'a list without it',
    tell: (shelf) => shelf.take({ type: 'SYNC', objects: [], resourceVersion: '100' }),
    sees: ['100', '100'],
  },
  {
    by: 'a list with it being deleted',
    tell: (shelf) => shelf.take({ type: 'SYNC', objects: [object('a', 99, deletedAt)], resourceVersion: '100' }),
    sees: ['100', undefined],
  },
  {
    by: 'a list from before it was made',
    tell: (shelf) => {
      shelf.take({ type: 'DELETED', object: object('z', 97) })
      shelf.wrote(thing(object('a', 100)))
      shelf.take({ type: 'SYNC', objects: [], resourceVersion: '99' })
    },
    sees: [undefined, undefined],
  },
]

test.each(ends)('a deletion and $by', async ({ tell, sees }) => {
  const { shelf } = open()
  shelf.take({ type: 'SYNC', objects: [object('a', 98)], resourceVersion: '98' })
  const [being, gone] = [shelf.deletion('a-uid', 'being'), shelf.deletion('a-uid', 'gone')]
  tell(shelf)
  const seen = async (of: Promise<string>): Promise<string | undefined> =>
    (await isSettled(of)) ? await of : undefined
  expect([await seen(being.seen), await seen(gone.seen)]).toEqual(sees)
})
