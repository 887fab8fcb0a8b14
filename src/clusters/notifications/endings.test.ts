import { expect, test } from 'vitest'
import { clusterSpecFixture } from '../model/fixture.ts'
import type { Cluster, Operation } from '../model/index.ts'
import { endingOf } from './endings.ts'

const by = { now: new Date(Date.UTC(2026, 10, 28)), newId: () => 'id' }

function cluster(kind: Operation['kind'], deleted = false): Cluster {
  const spec = clusterSpecFixture()
  const operation = { ...spec.operation, kind }
  const status = { operation: operation.id, status: 'UPDATE_FAILED' } as const
  return {
    uuid: 'c',
    uid: 'c',
    resourceVersion: '1',
    spec: { ...spec, operation },
    status,
    ...(deleted ? { deletedAt: 'x' } : {}),
  }
}

test.each<[Operation['kind'], boolean, string]>([
  ['create', false, 'magnum.cluster.create'],
  ['delete', false, 'magnum.cluster.delete'],
  ['create', true, 'magnum.cluster.delete'],
  ['resize', false, 'magnum.cluster.update'],
  ['nodegroup-delete', false, 'magnum.cluster.update'],
  ['rollback', false, 'magnum.cluster.update'],
])('the end of a %s (deleted: %s) is %s', (kind, deleted, eventType) => {
  const told = { cluster: cluster(kind, deleted), nodeGroups: [] }
  expect(endingOf({ ...told, what: 'succeeded' }, by)).toMatchObject({
    eventType,
    priority: 'INFO',
    payload: { outcome: 'success', action: eventType.split('.')[2] },
  })
  expect(endingOf({ ...told, what: 'failed', reason: 'no' }, by)).toMatchObject({
    eventType,
    priority: 'ERROR',
    payload: { outcome: 'failure' },
  })
})

test('what is no end is no notification', () => {
  expect(endingOf({ what: 'began', cluster: cluster('create'), nodeGroups: [] }, by)).toBeUndefined()
})
