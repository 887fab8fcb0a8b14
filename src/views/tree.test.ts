import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { StampedEvent } from '../engine/index.ts'
import { failingRun, goodRun, halfRun, interruptedRun, planRun, stamped, stoppedRun, unit } from './fixture.ts'
import { openView } from './index.ts'
import { createScreen } from './screen.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Terminal {
  readonly columns: number
  readonly rows: number
  readonly color?: boolean
  readonly verbose?: boolean
}

/** What stands in the terminal in the end, and the most lines that were drawn at once. */
function shown(events: readonly StampedEvent[], terminal: Terminal, close = true): string {
  const screen = createScreen(terminal)
  vi.setSystemTime(events[0]?.at ?? 0)
  const view = openView({
    kind: 'tree',
    out: (text) => screen.write(text),
    error: (text) => screen.write(text),
    size: () => terminal,
    color: terminal.color ?? false,
    verbose: terminal.verbose ?? false,
    now: Date.now,
  })
  for (const event of events) {
    vi.advanceTimersByTime(event.at - Date.now())
    view.show(event)
  }
  vi.advanceTimersByTime(1000)
  if (close) view.close()
  return screen.text()
}

const large = { columns: 100, rows: 30 }
const small = { columns: 60, rows: 12 }
const runs = { good: goodRun, failing: failingRun, stopped: stoppedRun, interrupted: interruptedRun, plan: planRun }

test.each(Object.entries(runs))('a %s run leaves behind what a person wants to know', async (name, events) => {
  await expect(shown(events, large)).toMatchFileSnapshot(`golden/tree-${name}-100x30.txt`)
  await expect(shown(events, small)).toMatchFileSnapshot(`golden/tree-${name}-60x12.txt`)
})

test.each([
  ['100x30', large],
  ['60x12', small],
])('in the middle of a run, %s', async (name, size) => {
  await expect(shown(halfRun, size, false)).toMatchFileSnapshot(`golden/tree-half-${name}.txt`)
})

test('with colour it is the same text', async () => {
  for (const [name, events] of Object.entries(runs)) {
    const colored = shown(events, { ...large, color: true })
    expect(stripVTControlCharacters(colored)).toBe(shown(events, large))
    if (name === 'failing') await expect(colored).toMatchFileSnapshot('golden/tree-failing-color.txt')
  }
  await expect(shown(halfRun, { ...large, color: true }, false)).toMatchFileSnapshot('golden/tree-half-color.txt')
})

test('verbose adds the lines of programs and every object that is made', () => {
  const text = shown(goodRun, { ...large, verbose: true })
  expect(text).toContain('images/openstack | Prepared 412 packages')
  expect(text).toContain('+ StatefulSet openstack/mariadb-server created')
})

test('a terminal made narrower is cleared of the rows that its lines now take', () => {
  const written: string[] = []
  let columns = 100
  const view = openView({
    kind: 'tree',
    out: (text) => void written.push(text),
    error: () => undefined,
    size: () => ({ columns, rows: 30 }),
    color: false,
    verbose: false,
    now: Date.now,
  })
  const [event] = stamped([[0, unit('underlay/nodes', { says: 'x'.repeat(200) })]])
  if (event === undefined) throw new Error('no event')
  vi.setSystemTime(event.at)
  view.show(event)
  columns = 50
  vi.advanceTimersByTime(1000)
  view.close()
  expect(written[1]?.startsWith('\u001b[?2026h\u001b[3A\r\u001b[0J')).toBe(true)
})

test('before anything is at work, lines are written at once', () => {
  const written: string[] = []
  const view = openView({
    kind: 'tree',
    out: (text) => void written.push(text),
    error: () => undefined,
    size: () => large,
    color: false,
    verbose: false,
    now: Date.now,
  })
  const warning = { type: 'diagnostic', severity: 'warning', file: 'a.yaml', line: 1, column: 2, at: 0 } as const
  view.show({ ...warning, message: 'first' })
  view.show({ ...warning, message: 'second' })
  expect(written).toEqual(['a.yaml:1:2: warning: first\n', 'a.yaml:1:2: warning: second\n'])
})
