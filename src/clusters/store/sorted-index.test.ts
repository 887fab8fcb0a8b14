import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createIndex } from './sorted-index.ts'

interface Thing {
  readonly id: number
  readonly rank: number
  readonly key: string | undefined
}
const compare = (one: Thing, other: Thing): number => one.rank - other.rank || one.id - other.id

const things = fc.uniqueArray(
  fc.record({ id: fc.nat(30), rank: fc.nat(5), key: fc.constantFrom('a', 'b', undefined) }),
  { selector: ({ id }) => id },
)

test('adding, replacing and removing one by one is as making all anew', () => {
  fc.assert(
    fc.property(things, things, fc.array(fc.nat(30)), (before, after, gone) => {
      const index = createIndex<Thing>({ keyOf: ({ key }) => key, compare })
      index.rebuild(before)
      const kept = new Map(before.map((thing) => [thing.id, thing]))
      for (const thing of after) {
        const old = kept.get(thing.id)
        if (old !== undefined) index.remove(old)
        index.add(thing)
        kept.set(thing.id, thing)
      }
      for (const id of gone) {
        const old = kept.get(id)
        if (old !== undefined) index.remove(old)
        kept.delete(id)
      }
      for (const key of ['a', 'b', 'c'])
        expect(index.of(key)).toEqual([...kept.values()].filter((thing) => thing.key === key).sort(compare))
    }),
  )
})

test('a list that was given out stays as it was', () => {
  const index = createIndex<Thing>({ keyOf: ({ key }) => key, compare })
  const first = { id: 1, rank: 1, key: 'a' }
  index.add(first)
  const list = index.of('a')
  index.add({ id: 0, rank: 0, key: 'a' })
  index.remove(first)
  expect(list).toEqual([first])
})
