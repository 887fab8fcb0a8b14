import { expect, test } from 'vitest'
import { decidePatch, Refusal } from './index.ts'

const before = {
  name: 'demo',
  node_count: 3,
  master_count: 1,
  labels: { a: '1' },
  health_status: null,
  health_status_reason: {},
}
const decide = (changes: Readonly<Record<string, unknown>>, ...paths: readonly string[]) =>
  decidePatch({ before, after: { ...before, ...changes }, paths })

test.each([
  ['nothing', {}, [], {}],
  ['the same node count', { node_count: 3 }, ['/node_count'], { nodeCount: 3 }],
  ['a node count', { node_count: 0 }, ['/node_count'], { nodeCount: 0 }],
  ['the same name', { name: 'demo' }, ['/name'], {}],
  ['the same labels in another order', { labels: { a: '1' } }, ['/labels'], {}],
  [
    'health',
    { health_status: 'UNHEALTHY', health_status_reason: { api: 'down' } },
    ['/health_status', '/health_status_reason'],
    { health: { status: 'UNHEALTHY', reason: { api: 'down' } } },
  ],
  ['the same health once more', {}, ['/health_status'], { health: { status: null, reason: {} } }],
] as const)('%s', (_, changes, paths, decided) => {
  expect(decide(changes, ...paths)).toEqual(decided)
})

test('a removed node count is one', () => {
  expect(decide({ node_count: undefined }, '/node_count')).toEqual({ nodeCount: 1 })
})

test.each([
  [{ name: 'other' }, 'cannot change cluster property(ies) name.'],
  [{ labels: { a: '2' } }, 'cannot change cluster property(ies) labels. Try: openstack coe cluster upgrade'],
  [
    { name: 'other', master_count: 3 },
    'cannot change cluster property(ies) name, master_count. Try: openstack coe cluster resize',
  ],
])('%j is refused', (changes, message) => {
  expect(() => decide(changes)).toThrow(Refusal)
  expect(() => decide(changes)).toThrow(message)
})
