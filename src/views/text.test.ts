import { describe, expect, test } from 'vitest'
import type { ChangeEvent, DiagnosticEvent, FindingEvent } from '../engine/index.ts'
import { countsText, duration, problemText, subjectText } from './index.ts'
import { changeText, diagnosticText, findingsText, finishText, timingText, unfinishedText } from './text.ts'

const none = { created: 0, configured: 0, replaced: 0, deleted: 0, unchanged: 0 }

test.each([
  [-3, '0.0 s'],
  [0, '0.0 s'],
  [0.44, '0.4 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [99.4, '99 s'],
  [99.5, '1:40'],
  [187, '3:07'],
  [3599.6, '1:00:00'],
  [3729, '1:02:09'],
])('%d seconds read %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

test.each([
  [none, 'nothing'],
  [{ ...none, unchanged: 40, created: 2 }, '2 created, 40 unchanged'],
  [
    { created: 1, configured: 2, replaced: 3, deleted: 4, unchanged: 5 },
    '1 created, 2 configured, 3 replaced, 4 deleted, 5 unchanged',
  ],
])('counts %j read %s', (counts, text) => {
  expect(countsText(counts)).toBe(text)
})

test('a subject has its namespace where it has one', () => {
  expect(subjectText({ kind: 'Node', name: 'a' })).toBe('Node a')
  expect(subjectText({ kind: 'Job', namespace: 'b', name: 'a' })).toBe('Job b/a')
})

test.each<[string, Partial<ChangeEvent>, readonly string[]]>([
  ['done', { action: 'created' }, ['+ Job b/a created']],
  ['planned', { action: 'replaced', planned: true }, ['± Job b/a to be replaced']],
  ['unchanged', { action: 'unchanged', planned: true }, ['  Job b/a unchanged']],
  [
    'with a reason and differences',
    { action: 'configured', reason: 'x changed y', diff: ['y: 1 -> 2', 'z:', '  + a\u001b[1m\nb'] },
    ['~ Job b/a configured: x changed y', '    y: 1 -> 2', '    z:', '      + a\\nb'],
  ],
  ['deleted', { action: 'deleted' }, ['- Job b/a deleted']],
])('a change %s', (_name, change, expected) => {
  const base: ChangeEvent = {
    type: 'change',
    action: 'created',
    planned: false,
    subject: { kind: 'Job', namespace: 'b', name: 'a' },
  }
  expect(changeText({ ...base, ...change })).toEqual(expected)
})

test.each<[string, Partial<DiagnosticEvent>, string]>([
  ['without a place', {}, 'error: wrong\n'],
  ['with a place', { file: 'a.yaml', line: 3, column: 7 }, 'a.yaml:3:7: error: wrong\n'],
  [
    'with all',
    {
      severity: 'warning',
      file: 'a.yaml',
      path: 'spec.a',
      excerpt: '  1 | x\u0007\n    | ^',
      allowed: ['b', 'c'],
      suggestion: 'b',
    },
    'a.yaml: warning: wrong\n  1 | x\n    | ^\n  at spec.a\n  allowed: b, c\n  did you mean b?\n',
  ],
  ['with nothing in its lists', { path: '', allowed: [] }, 'error: wrong\n'],
])('a diagnostic %s', (_name, diagnostic, expected) => {
  expect(diagnosticText({ type: 'diagnostic', severity: 'error', message: 'wrong', ...diagnostic })).toBe(expected)
})

test('a problem tells why, indented and free of what moves the cursor', () => {
  expect(problemText({ code: 'internal', what: 'no' })).toBe('error[internal]: no\n')
  expect(problemText({ code: 'internal', what: 'no', why: '\u001b[2Ja\r\nb\u0007\n', next: 'wait' })).toBe(
    'error[internal]: no\n  a\n  b\nnext: wait\n',
  )
})

describe('findings', () => {
  const ok: FindingEvent = { type: 'finding', check: 'root', ok: true, severity: 'error', message: 'ok' }
  test.each<[string, readonly FindingEvent[], readonly string[]]>([
    ['one that is well', [ok], ['Preflight: 1 check passed']],
    ['all well', [ok, ok, ok], ['Preflight: 3 checks passed']],
    [
      'some not',
      [
        ok,
        { ...ok, ok: false, check: 'memory', severity: 'warning', message: 'little', next: 'Add some' },
        { ...ok, ok: false, check: 'packages', severity: 'fixable', message: 'installing runc' },
      ],
      [
        'Preflight: 1 of 3 checks passed',
        '  warning: memory: little',
        '    next: Add some',
        '  mended by itself: packages: installing runc',
      ],
    ],
  ])('%s', (_name, findings, expected) => {
    expect(findingsText(findings)).toEqual(expected)
  })
})

describe('timing', () => {
  const timing = { type: 'timing', wallSeconds: 200 } as const
  test('lists in columns what took time, and the path against the clock', () => {
    const long = { unit: 'a/long-name', seconds: 100 }
    const short = { unit: 'a/b', seconds: 4.2 }
    const nothing = { unit: 'a/c', seconds: 0.01 }
    expect(
      timingText({
        ...timing,
        slowest: [long, short, nothing],
        criticalPath: { units: [short, nothing, long], seconds: 104.2 },
      }),
    ).toEqual([
      'Slowest steps:',
      '  a/long-name     1:40',
      '  a/b            4.2 s',
      'Critical path, each step needing the one before: 1:44 of 3:20',
      '  a/b            4.2 s',
      '  a/long-name     1:40',
    ])
  })
  test('is not worth a word when nothing took time', () => {
    const units = [{ unit: 'a/b', seconds: 0.02 }]
    expect(timingText({ ...timing, slowest: units, criticalPath: { units, seconds: 0.02 } })).toEqual([])
    expect(timingText({ ...timing, slowest: [], criticalPath: { units: [], seconds: 0 } })).toEqual([])
  })
})

test.each<[string, Parameters<typeof finishText>, readonly string[]]>([
  ['an answer', [{ type: 'run-finished', ok: true, changes: none, seconds: 1 }, { planned: true }], []],
  [
    'a run',
    [
      {
        type: 'run-finished',
        ok: true,
        changes: { ...none, created: 2 },
        seconds: 61,
        summary: 'Up',
        next: ['a', 'b'],
      },
      { planned: false },
    ],
    ['2 created in 61 s', 'Up', 'Next:', '  a', '  b'],
  ],
  [
    'a plan, which has made nothing',
    [{ type: 'run-finished', ok: true, changes: { ...none, created: 2 }, seconds: 61 }, { planned: true }],
    ['To be done: 2 created'],
  ],
  [
    'something that is not well',
    [
      { type: 'run-finished', ok: false, changes: none, seconds: 1, summary: 'The underlay is absent' },
      { planned: true },
    ],
    ['The underlay is absent'],
  ],
])('the end of %s', (_name, [event, how], expected) => {
  expect(finishText(event, how)).toEqual(expected)
})

test.each([
  [{ failed: [], skipped: 0 }, []],
  [{ failed: ['a', 'b'], skipped: 0 }, ['Failed: a, b']],
  [{ failed: ['a'], skipped: 3 }, ['Failed: a (and 3 skipped, because they need that)']],
])('what failed: %j', (units, expected) => {
  expect(unfinishedText(units)).toEqual(expected)
})
