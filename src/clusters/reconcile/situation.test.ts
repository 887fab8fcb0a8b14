import { expect, test } from 'vitest'
import { clusterSpecFixture } from '../model/fixture.ts'
import type { Cluster, ClusterStatus, Operation } from '../model/index.ts'
import { deadlineOf } from './deadline.ts'
import { type Answer, departureOf, outcomeOf, situationOf } from './situation.ts'

interface Look {
  readonly kind?: Operation['kind']
  readonly status?: ClusterStatus
  readonly deletedAt?: string
}

function cluster({ kind = 'create', status = {}, deletedAt }: Look): Cluster {
  const spec = clusterSpecFixture()
  return {
    uuid: 'c',
    uid: 'u',
    resourceVersion: '1',
    spec: { ...spec, operation: { ...spec.operation, kind } },
    status,
    ...(deletedAt === undefined ? {} : { deletedAt }),
  }
}

const ended = { operation: 'operation-1' } as const
const deletedAt = '2026-11-28T17:00:00Z'

test.each<[string, Look, string]>([
  ['a new one', {}, 'wished'],
  ['another wish since the last that ended', { kind: 'resize', status: { operation: 'operation-0' } }, 'wished'],
  ['one whose wish ended well', { status: { ...ended, status: 'CREATE_COMPLETE' } }, 'resting'],
  ['one whose wish failed', { status: { ...ended, status: 'UPDATE_FAILED' } }, 'resting'],
  ['a wish to be deleted that nobody wrote into the object yet', { kind: 'delete' }, 'leaving'],
  ['one that was deleted past the API, at rest', { status: ended, deletedAt }, 'leaving'],
  ['one that was deleted past the API while something was under way', { kind: 'resize', deletedAt }, 'leaving'],
  [
    'one that could not be deleted',
    { kind: 'delete', status: { ...ended, status: 'DELETE_FAILED' }, deletedAt },
    'leaving',
  ],
])('%s', (_name, look, situation) => {
  expect(situationOf(cluster(look))).toBe(situation)
})

test('none', () => {
  expect(situationOf(undefined)).toBe('gone')
})

const done: Answer = { state: 'done', facts: {} }
const inPart: Answer = { state: 'done', facts: { nodeGroups: { a: {}, b: { failure: 'no host' } } } }
const waiting: Answer = { state: 'waiting', for: 'a server', afterMs: 1, facts: {} }
const failed: Answer = { state: 'failed', reason: 'no', facts: {} }
const fault: Answer = { state: 'fault', reason: '503' }

test.each<[string, Answer, string, string, string, string]>([
  // in time, too late, in time with rollback, too late with rollback
  ['done', done, 'made', 'made', 'made', 'made'],
  ['done but for a group', inPart, 'made-in-part', 'made-in-part', 'to-undo', 'to-undo'],
  ['waiting', waiting, 'coming', 'overdue', 'coming', 'to-undo'],
  ['failed', failed, 'failed', 'failed', 'to-undo', 'to-undo'],
  ['no answer', fault, 'coming', 'overdue', 'coming', 'to-undo'],
])('a wish, answered: %s', (_name, answer, inTime, late, withRollback, lateWithRollback) => {
  expect(outcomeOf(answer, { overdue: false, rollback: false })).toBe(inTime)
  expect(outcomeOf(answer, { overdue: true, rollback: false })).toBe(late)
  expect(outcomeOf(answer, { overdue: false, rollback: true })).toBe(withRollback)
  expect(outcomeOf(answer, { overdue: true, rollback: true })).toBe(lateWithRollback)
})

test.each<[string, Answer, string, string]>([
  ['done', done, 'left', 'left'],
  ['waiting', waiting, 'going', 'stuck'],
  ['failed', failed, 'stuck', 'stuck'],
  ['no answer', fault, 'going', 'stuck'],
])('a removal, answered: %s', (_name, answer, inTime, late) => {
  expect(departureOf(answer, { overdue: false })).toBe(inTime)
  expect(departureOf(answer, { overdue: true })).toBe(late)
})

const groups = (nodeCount: number) => [
  { uuid: 'g', uid: 'g', resourceVersion: '1', status: {}, spec: { nodeCount } as never },
]

test.each<[string, Look & { readonly timeout: number; readonly batch?: number }, number | undefined]>([
  ['a create', { timeout: 60 }, 60],
  ['a create that may take for ever', { timeout: 0 }, undefined],
  ['its delete', { timeout: 0, kind: 'delete' }, 60],
  ['a resize', { timeout: 30, kind: 'resize' }, 30],
  ['an upgrade of five nodes, one by one', { timeout: 30, kind: 'upgrade' }, 80],
  ['an upgrade of five nodes, two at once', { timeout: 30, kind: 'upgrade', batch: 2 }, 60],
  ['a deletion past the API counts from then', { timeout: 30, deletedAt }, 90],
])('time for %s', (_name, { timeout, batch, ...look }, minutes) => {
  const { spec, ...rest } = cluster(look)
  const operation = {
    ...spec.operation,
    startedAt: '2026-11-28T16:00:00Z',
    ...(batch === undefined ? {} : { maxBatchSize: batch }),
  }
  const deadline = deadlineOf({ ...rest, spec: { ...spec, createTimeout: timeout, operation } }, groups(5))
  expect(deadline).toBe(minutes === undefined ? undefined : Date.UTC(2026, 10, 28, 16, minutes))
})
