import { expect, test } from 'vitest'
import type { StampedEvent } from '../engine/index.ts'
import { failingRun, goodRun, interruptedRun, planRun, stamped, stoppedRun, unit } from './fixture.ts'
import { openView } from './index.ts'

/** Both streams in one; lines of stderr are marked. */
function shown(events: readonly StampedEvent[], verbose = false): string {
  const written: string[] = []
  const view = openView({
    kind: 'plain',
    out: (text) => void written.push(text),
    error: (text) => void written.push(text.replaceAll(/^/gm, '!').replace(/!$/, '')),
    size: () => ({ columns: 80, rows: 24 }),
    color: false,
    verbose,
    now: () => 0,
  })
  for (const event of events) view.show(event)
  view.close()
  return written.join('')
}

test.each(
  Object.entries({
    good: goodRun,
    failing: failingRun,
    stopped: stoppedRun,
    interrupted: interruptedRun,
    plan: planRun,
  }),
)('a %s run as plain lines', async (name, events) => {
  await expect(shown(events)).toMatchFileSnapshot(`golden/plain-${name}.txt`)
})

test('every line has a time, but for what the run ends with and what goes to stderr', () => {
  const lines = shown(failingRun).split('\n')
  const end = lines.indexOf('Slowest steps:')
  for (const line of lines.slice(0, end)) expect(line).toMatch(/^\[ *[\d.: s]+\] /)
})

test('verbose shows what programs write', () => {
  expect(shown(goodRun)).not.toContain('Prepared')
  expect(shown(goodRun, true)).toContain('images/openstack | Prepared 412 packages in 1.2s')
})

const told = (events: Parameters<typeof stamped>[0]): readonly string[] =>
  shown(stamped(events))
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\[ */, '['))

test('progress of one unit is told at most every five seconds, and the last of it is not lost', () => {
  expect(
    told([
      [0, unit('a/b', {})],
      [0.1, unit('a/b', { says: 'first' })],
      [0.2, unit('a/b', { says: 'second' })],
      [0.3, unit('a/c', { says: 'another unit' })],
      [3, unit('a/b', { says: 'third' })],
      [4, unit('a/c', { says: 'another unit' })],
      [5.2, unit('a/c', { done: true })],
      [6, unit('a/b', { says: 'fourth' })],
      [6.5, unit('a/b', { done: 'ready' })],
    ]),
  ).toEqual([
    '[0.0 s] a/b: running',
    '[0.1 s] a/b: first',
    '[0.3 s] a/c: another unit',
    '[5.2 s] a/b: third',
    '[5.2 s] a/c: done in 4.9 s',
    '[6.5 s] a/b: done in 6.5 s: ready',
  ])
})

test('waits are always told, but not the same one twice', () => {
  expect(
    told([
      [0, unit('a/b', { says: 'first' })],
      [0.1, unit('a/b', { waits: 'a Pod' })],
      [0.2, unit('a/b', { waits: 'a Pod' })],
      [0.3, unit('a/b', { waits: 'its\nimage' })],
      [0.4, unit('a/b', { says: 'held back' })],
      [0.5, unit('a/b', { waits: 'a Pod' })],
    ]),
  ).toEqual([
    '[0.0 s] a/b: first',
    '[0.1 s] a/b: waits for a Pod',
    '[0.3 s] a/b: waits for its image',
    '[0.5 s] a/b: waits for a Pod',
  ])
})

test('findings that nothing follows are told all the same', () => {
  expect(told([[0, { type: 'finding', check: 'root', ok: true, severity: 'error', message: 'ok' }]])).toEqual([
    '[0.0 s] Preflight: 1 check passed',
  ])
})
