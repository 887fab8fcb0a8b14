import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  addCounts,
  countReport,
  failedIn,
  fitting,
  levels,
  observeAbilities,
  obstacle,
  type TestFile,
  type VitestReport,
} from './levels.ts'

const file = (path: string, minutes: number): TestFile => ({ path, minutes })
const left = [file('long', 20), file('short', 4)]

test.each([
  ['all of a quick machine', { spent: 10, done: [], limit: 82 }, 'long'],
  ['what just fits', { spent: 62, done: [file('done', 48)], limit: 82 }, 'long'],
  ['a short one where a long one does not', { spent: 70, done: [file('done', 56)], limit: 82 }, 'short'],
  ['one of a slow machine, which takes longer for it', { spent: 56, done: [file('done', 14)], limit: 82 }, 'short'],
  ['nothing when the time is over', { spent: 79, done: [file('done', 65)], limit: 82 }, undefined],
  ['all where nobody counts', { spent: 1000, done: [], limit: Number.POSITIVE_INFINITY }, 'long'],
])('fitting: %s', (_name, time, path) => {
  expect(fitting(left, time)?.path).toBe(path)
})

test('a file is begun where a part of it is worth the time', () => {
  const time = { spent: 70, done: [file('done', 56)], limit: 82 }
  expect(fitting([{ ...file('parts', 30), least: 10 }], time)?.path).toBe('parts')
  expect(fitting([{ ...file('parts', 30), least: 15 }], time)).toBeUndefined()
})

test('the files of e2e are those that there are', () => {
  const files = levels.find(({ name }) => name === 'e2e')?.files ?? []
  const there = readdirSync(join(import.meta.dirname, '../../test/e2e')).filter((name) => name.endsWith('.test.ts'))
  expect(files.map(({ path }) => path.replace('test/e2e/', '')).toSorted()).toEqual(there.toSorted())
})

const able = { root: true, namespaces: true }

test('what is quick to mend comes first', () => {
  expect(levels.map(({ name }) => name)).toEqual(['lint', 'types', 'unused', 'unit', 'integration', 'e2e'])
})

test.each([
  ['an ordinary level', {}, { root: false, namespaces: false }, undefined],
  ['a privileged one that can run', { privileged: true }, able, undefined],
  ['without root', { privileged: true }, { root: false, namespaces: false }, 'it needs root'],
  [
    'without namespaces',
    { privileged: true },
    { root: true, namespaces: false },
    'it needs to make mount, network and pid namespaces, which this machine does not allow',
  ],
])('obstacle: %s', (_name, level, abilities, expected) => {
  expect(obstacle({ name: 'x', ...level }, abilities)).toBe(expected)
})

test.each([
  [0, true, { root: true, namespaces: true }],
  [0, false, { root: true, namespaces: false }],
])('uid %d where namespaces can be made: %s', async (uid, works, expected) => {
  expect(await observeAbilities(uid, async () => works)).toEqual(expected)
})

test('namespaces are not tried without root', async () => {
  expect(await observeAbilities(1000, () => expect.unreachable())).toEqual({ root: false, namespaces: false })
})

const report: VitestReport = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 2,
  testResults: [],
}
const unloadable = {
  name: '/repo/src/a.test.ts',
  status: 'failed',
  message: 'no such module\nat a',
  assertionResults: [],
}
const passed = { status: 'passed', fullName: 'all is well', failureMessages: [] }
const broken = { status: 'failed', fullName: 'two are one', failureMessages: ['Error: they are not\n    at here'] }

test.each<[string, VitestReport | undefined, number, readonly [number, number, number]]>([
  ['all well', report, 0, [5, 0, 3]],
  ['no report', undefined, 0, [0, 1, 0]],
  ['failures', { ...report, numFailedTests: 2 }, 1, [5, 2, 3]],
  ['a file that does not load', { ...report, testResults: [unloadable] }, 1, [5, 1, 3]],
  [
    'a failed test is not counted with its file',
    { ...report, numFailedTests: 1, testResults: [{ ...unloadable, assertionResults: [broken] }] },
    1,
    [5, 1, 3],
  ],
  ['an error outside of tests', report, 1, [5, 1, 3]],
])('counts: %s', (_name, given, exit, [passed, failed, skipped]) => {
  expect(countReport(given, exit)).toEqual({ passed, failed, skipped })
})

test('every failure is told in a line', () => {
  const file = { name: '/repo/test/b.test.ts', status: 'failed', message: '', assertionResults: [passed, broken] }
  const fine = { ...file, status: 'passed', assertionResults: [passed] }
  const hook = { ...file, message: 'afterAll failed', assertionResults: [passed] }
  expect(failedIn({ ...report, testResults: [unloadable, file, fine, hook] }, '/repo')).toEqual([
    'src/a.test.ts: no such module',
    'test/b.test.ts: two are one: Error: they are not',
    'test/b.test.ts: afterAll failed',
  ])
})

test('counts add up', () => {
  expect(addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })).toEqual({
    passed: 11,
    failed: 22,
    skipped: 33,
  })
})
