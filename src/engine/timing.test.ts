import { expect, test } from 'vitest'
import type { CroqueEvent, StampedEvent, UnitEvent } from './events.ts'
import { stepReporter, stopwatch } from './index.ts'

const unit = (at: number, id: string, rest: Partial<UnitEvent> & { state: UnitEvent['state'] }): StampedEvent =>
  ({ type: 'unit', unit: id, group: 'g', at, ...rest }) as StampedEvent

test('no unit has ended: no summary', () => {
  expect(stopwatch().timing()).toBeUndefined()
})

test('the critical path follows needs, waiting counts as working, units left out of the run are left out of the sums', () => {
  const watch = stopwatch()
  const events = [
    unit(0, 'a', { state: 'running' }),
    unit(0, 'b', { state: 'running' }),
    unit(0, 'c', { state: 'pending', needs: ['a', 'gone'] }),
    unit(4000, 'a', { state: 'done' }),
    unit(4500, 'c', { state: 'waiting', reason: 'a Pod' }),
    unit(5000, 'c', { state: 'running' }),
    unit(6000, 'b', { state: 'done' }),
    unit(7500, 'c', { state: 'done' }),
    unit(7500, 'never', { state: 'pending', needs: [] }),
  ]
  for (const event of events) watch.observe(event)
  expect(watch.timing()).toEqual({
    type: 'timing',
    slowest: [
      { unit: 'b', seconds: 6 },
      { unit: 'a', seconds: 4 },
      { unit: 'c', seconds: 3 },
    ],
    criticalPath: {
      units: [
        { unit: 'a', seconds: 4 },
        { unit: 'c', seconds: 3 },
      ],
      seconds: 7,
    },
    wallSeconds: 7.5,
  })
})

test('a step needs what had succeeded before it began, says its messages, and its failure passes through', async () => {
  const events: CroqueEvent[] = []
  const reporter = stepReporter({ emit: (event) => events.push(event), group: 'underlay', needs: ['preflight'] })
  await Promise.all([reporter.step('a', async () => 1), reporter.step('b', async (say) => say('busy'))])
  await expect(reporter.step('c', () => Promise.reject(new Error('boom')))).rejects.toThrow('boom')
  const needs = events.flatMap((event) => (event.type === 'unit' && event.state === 'pending' ? [event.needs] : []))
  expect(needs).toEqual([['preflight'], ['preflight'], ['preflight', 'underlay/a', 'underlay/b']])
  expect(events).toContainEqual({
    type: 'unit',
    unit: 'underlay/b',
    group: 'underlay',
    state: 'running',
    message: 'busy',
  })
  expect(events.at(-1)).toMatchObject({
    unit: 'underlay/c',
    state: 'failed',
    problem: { code: 'internal', what: 'boom' },
  })
})

test('a phase stands on those before it', () => {
  const watch = stopwatch()
  const events: readonly StampedEvent[] = [
    unit(0, 'first', { state: 'pending', needs: [] }),
    unit(0, 'first', { state: 'running' }),
    unit(2000, 'first', { state: 'done' }),
    { type: 'phase', phase: 'apply', title: 'The second', at: 2000 },
    unit(2000, 'second', { state: 'pending', needs: [] }),
    unit(2000, 'second', { state: 'running' }),
    unit(5000, 'second', { state: 'done' }),
  ]
  for (const event of events) watch.observe(event)
  expect(watch.timing()?.criticalPath).toEqual({
    units: [
      { unit: 'first', seconds: 2 },
      { unit: 'second', seconds: 3 },
    ],
    seconds: 5,
  })
})
