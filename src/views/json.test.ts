import { expect, test } from 'vitest'
import type { StampedEvent } from '../engine/index.ts'
import { failingRun, goodRun, halfRun, interruptedRun, planRun } from './fixture.ts'
import { openView } from './index.ts'

function shown(events: readonly StampedEvent[], verbose = false): readonly string[] {
  let text = ''
  const view = openView({
    kind: 'json',
    out: (more) => {
      text += more
    },
    error: () => expect.unreachable('JSON goes to stdout alone'),
    size: () => ({ columns: 80, rows: 24 }),
    color: false,
    verbose,
    now: () => 0,
  })
  for (const event of events) view.show(event)
  view.close()
  return text.trimEnd().split('\n')
}

const runs = { good: goodRun, failing: failingRun, interrupted: interruptedRun, plan: planRun }

test.each(Object.entries(runs))('a %s run as JSON lines', async (name, events) => {
  await expect(`${shown(events).join('\n')}\n`).toMatchFileSnapshot(`golden/json-${name}.jsonl`)
})

test('the last line is the result, in the shape that is promised', () => {
  expect(shown(goodRun).at(-1)).toMatch(
    /^\{"type":"result","ok":true,"changes":\{"created":301,"configured":1,"replaced":0,"deleted":1,"unchanged":0\},"seconds":171[,}]/,
  )
  for (const run of Object.values(runs)) {
    expect(JSON.parse(shown(run).at(-1) ?? '')).toEqual({
      type: 'result',
      ok: run === goodRun || run === planRun,
      changes: Object.fromEntries(
        ['created', 'configured', 'replaced', 'deleted', 'unchanged'].map((action) => [action, expect.any(Number)]),
      ),
      seconds: expect.any(Number),
      ...(run === interruptedRun ? {} : { summary: expect.any(String), next: expect.any(Array) }),
    })
  }
})

test('every other line has its type and its time, and lines of programs come on request only', () => {
  for (const line of shown(halfRun))
    expect(JSON.parse(line)).toMatchObject({ type: expect.any(String), time: expect.stringMatching(/^2026-.*Z$/) })
  const isLog = (line: string): boolean => line.startsWith('{"type":"log"')
  expect(shown(goodRun).filter(isLog)).toHaveLength(0)
  expect(shown(goodRun, true).filter(isLog)).toHaveLength(1)
})
