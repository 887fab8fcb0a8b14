import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Labels, labelsDiff, mergeLabels } from './index.ts'

test.each([
  { parent: { a: '1' }, own: undefined, merge: false, labels: { a: '1' } },
  { parent: { a: '1' }, own: undefined, merge: true, labels: { a: '1' } },
  { parent: { a: '1' }, own: {}, merge: false, labels: { a: '1' } },
  { parent: { a: '1', b: '2' }, own: { b: '3', c: '4' }, merge: false, labels: { b: '3', c: '4' } },
  { parent: { a: '1', b: '2' }, own: { b: '3', c: '4' }, merge: true, labels: { a: '1', b: '3', c: '4' } },
])('$own over $parent, merge $merge', ({ parent, own, merge, labels }) => {
  expect(mergeLabels(parent, own, merge)).toEqual(labels)
})

test('what differs from the parent: its value where it was replaced, what is new, what was left out', () => {
  expect(labelsDiff({ a: '1', b: '2', c: '3' }, { a: '1', b: 'x', d: '4' })).toEqual({
    overridden: { b: '2' },
    added: { d: '4' },
    skipped: { c: '3' },
  })
})

const labels: fc.Arbitrary<Labels> = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd', 'constructor', 'toString', 'kube_tag'),
  fc.constantFrom('1', '2', ''),
  { noNullPrototype: true },
)

test('overridden, added and skipped part all labels of both among them, and bring the parent back', () => {
  fc.assert(
    fc.property(labels, labels, (parent, here) => {
      const { overridden, added, skipped } = labelsDiff(parent, here)
      const same = Object.keys(here).filter((key) => !Object.hasOwn(overridden, key) && !Object.hasOwn(added, key))
      const all = [...Object.keys(overridden), ...Object.keys(added), ...Object.keys(skipped), ...same]
      expect(new Set(all).size).toBe(all.length)
      expect(new Set(all)).toEqual(new Set([...Object.keys(parent), ...Object.keys(here)]))
      const kept = Object.fromEntries(Object.entries(here).filter(([key]) => !Object.hasOwn(added, key)))
      expect({ ...kept, ...overridden, ...skipped }).toEqual(parent)
    }),
  )
})

test('merged down any number of levels, nothing is skipped; replaced, everything is the last level that said something', () => {
  fc.assert(
    fc.property(labels, fc.array(labels), (top, levels) => {
      const merged = levels.reduce<Labels>((parent, own) => mergeLabels(parent, own, true), top)
      expect(labelsDiff(top, merged).skipped).toEqual({})
      const replaced = levels.reduce<Labels>((parent, own) => mergeLabels(parent, own, false), top)
      expect(replaced).toEqual(levels.findLast((own) => Object.keys(own).length > 0) ?? top)
    }),
  )
})
