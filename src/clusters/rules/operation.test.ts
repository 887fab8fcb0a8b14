import { expect, test } from 'vitest'
import type { Cluster, NodeGroupSpec } from '../model/index.ts'
import { act, ids, made } from './fixture.ts'
import { visibleGroupStatus, type Wish, withOperation } from './index.ts'

const later = { ...act, now: new Date('2026-11-28T16:05:00Z'), operationId: 'second' }

function wished(cluster: Cluster, wish: Wish, by = later): Cluster {
  return { ...cluster, spec: withOperation(cluster, made().groups, wish, by) }
}

const { cluster, groups } = made()

function spec(role: string): NodeGroupSpec {
  const found = groups.find((group) => group.spec.role === role)
  if (found === undefined) throw new Error(`no ${role}`)
  return found.spec
}

const [, worker] = groups
const bigger = { uuid: ids.worker, spec: { ...spec('worker'), nodeCount: 5 } }

test('a change is stamped with the moment of its operation and says what was before', () => {
  const { spec } = wished(cluster, { kind: 'resize', nodeGroups: [bigger] })
  expect(spec.operation).toMatchObject({
    id: 'second',
    kind: 'resize',
    startedAt: '2026-11-28T16:05:00.000000Z',
    rollback: false,
  })
  expect(spec.operation.nodeGroups).toEqual([
    { uuid: ids.worker, spec: { ...bigger.spec, updatedAt: spec.operation.startedAt }, before: worker?.spec },
  ])
})

test('a cluster lists its node groups: new ones at once, those that shall go no more', () => {
  const fresh = { uuid: 'new', spec: { ...spec('worker'), name: 'new', isDefault: false } }
  const more = wished(cluster, { kind: 'nodegroup-create', nodeGroups: [fresh] })
  expect(more.spec.nodeGroups).toEqual([ids.master, ids.worker, 'new'])
  const less = wished(cluster, { kind: 'nodegroup-delete', nodeGroups: [{ uuid: ids.worker }] })
  expect(less.spec.nodeGroups).toEqual([ids.master])
  expect(wished(cluster, { kind: 'delete', nodeGroups: [] }).spec.nodeGroups).toEqual([ids.master, ids.worker])
})

test('moments grow, also when the clock of this replica is behind', () => {
  const { spec } = wished(
    cluster,
    { kind: 'update', nodeGroups: [] },
    { ...later, now: new Date('2026-11-28T15:00:00Z') },
  )
  expect(spec.operation.startedAt).toBe('2026-11-28T16:00:00.000001Z')
})

test('what is under way goes on beside a new wish, and goes back to where it began', () => {
  const first = wished(cluster, { kind: 'resize', nodeGroups: [bigger] })
  const third = { ...later, operationId: 'third', now: new Date('2026-11-28T16:06:00Z') }
  const other = { uuid: ids.master, spec: spec('master') }
  expect(
    wished(first, { kind: 'resize', nodeGroups: [other] }, third).spec.operation.nodeGroups.map(({ uuid }) => uuid),
  ).toEqual([ids.worker, ids.master])
  const again = wished(
    first,
    { kind: 'resize', nodeGroups: [{ ...bigger, spec: { ...bigger.spec, nodeCount: 7 } }] },
    third,
  )
  expect(again.spec.operation.nodeGroups).toMatchObject([{ spec: { nodeCount: 7 }, before: { nodeCount: 1 } }])
})

test('a group that was to go and could not stays to go; a failed change is not repeated unasked', () => {
  const gone = wished(cluster, { kind: 'nodegroup-delete', nodeGroups: [{ uuid: ids.worker }] })
  const failed = { ...gone, status: { operation: 'second', status: 'UPDATE_FAILED' as const } }
  expect(wished(failed, { kind: 'update', nodeGroups: [] }).spec.operation.nodeGroups).toMatchObject([
    { uuid: ids.worker },
  ])
  const resized = wished(cluster, { kind: 'resize', nodeGroups: [bigger] })
  const ended = { ...resized, status: { operation: 'second', status: 'UPDATE_FAILED' as const } }
  expect(wished(ended, { kind: 'update', nodeGroups: [] }).spec.operation.nodeGroups).toEqual([])
})

test('node groups show what becomes of them', () => {
  const shown = (changed: Cluster): readonly string[] => groups.map((group) => visibleGroupStatus(changed, group))
  expect(shown(cluster)).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE'])
  expect(shown(wished(cluster, { kind: 'resize', nodeGroups: [bigger] }))).toEqual([
    'CREATE_COMPLETE',
    'UPDATE_IN_PROGRESS',
  ])
  expect(shown(wished(cluster, { kind: 'nodegroup-delete', nodeGroups: [{ uuid: ids.worker }] }))).toEqual([
    'CREATE_COMPLETE',
    'DELETE_IN_PROGRESS',
  ])
  expect(shown(wished(cluster, { kind: 'delete', nodeGroups: [] }))).toEqual([
    'DELETE_IN_PROGRESS',
    'DELETE_IN_PROGRESS',
  ])
  expect(shown({ ...cluster, status: {} })).toEqual(['CREATE_IN_PROGRESS', 'CREATE_IN_PROGRESS'])
})
