import { expect, test } from 'vitest'
import type { SeenNode } from './inside/inside.ts'
import { fares } from './trouble.ts'

const node = (name: string, changes: Partial<SeenNode> = {}): SeenNode => {
  return { name, uid: name, ready: 'True', cordoned: false, heard: 1_000_000, ...changes }
}

test.each([
  ['heard of as lately as the others', node('b', { heard: 976_000 }), 'True'],
  ['silent for longer than they', node('b', { heard: 974_000 }), 'Unknown'],
  ['without a heartbeat yet', { ...node('b'), heard: undefined }, 'True'],
  ['not ready by its own word', node('b', { ready: 'False' }), 'False'],
])('a node that is %s', (_, { heard, ...rest }, ready) => {
  const seen: SeenNode = { ...rest, ...(heard === undefined ? {} : { heard }) }
  expect(fares(seen, [node('a'), seen]).ready).toBe(ready)
})

test('a clock that is wrong everywhere is no silence: nodes are compared with each other', () => {
  const all = [node('a', { heard: 5 }), node('b', { heard: 9 })]
  expect(all.map((each) => fares(each, all).ready)).toEqual(['True', 'True'])
})
