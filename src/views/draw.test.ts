import { describe, expect, test } from 'vitest'
import { type Board, createBoard } from './board.ts'
import { draw } from './draw.ts'
import { stamped, unit } from './fixture.ts'
import { cell, clip, clipParts, widthOf } from './width.ts'

type Script = Parameters<typeof stamped>[0]

function boardOf(script: Script): { readonly board: Board; readonly now: number } {
  const board = createBoard()
  const events = stamped(script)
  for (const event of events) board.apply(event)
  return { board, now: events.at(-1)?.at ?? 0 }
}

function drawn(script: Script, size: { readonly columns?: number; readonly rows?: number } = {}): readonly string[] {
  const { board, now } = boardOf(script)
  // The picture of the spinner hangs on the time.
  return draw(board, { columns: 100, rows: 30, color: false, now, ...size }).map((line) =>
    line.replace(/[⠙⠹⠸⠼⠴⠦⠧⠇⠏]/u, '⠋'),
  )
}

const done = (group: string): Script => [[0, unit(`${group}/server`, { done: true })]]
const pending = (group: string): Script => [[0, unit(`${group}/api`, { needs: ['keystone/api'] })]]
const busy = (group: string): Script => [[0, unit(`${group}/api`, { says: 'at work' })]]
const waiting = (group: string): Script => [[0, unit(`${group}/db`, { waits: 'a Pod' })]]
const failed = (group: string): Script => [[0, unit(`${group}/x`, { problem: { code: 'internal', what: 'broken' } })]]

describe('a board', () => {
  test('of nothing is no line', () => {
    expect(drawn([])).toEqual([])
  })

  test('tells of every state', () => {
    expect(
      drawn([
        ...done('mariadb'),
        [0, unit('nova/api', { needs: ['nova/db-sync'] })],
        [0, unit('nova/scheduler', { needs: ['nova/db-sync'] })],
        [0, unit('nova/db-sync', { waits: 'Job nova-db-sync: Pod x: starting' })],
        [0, unit('nova/libvirt', { says: 'starting\nnow' })],
        [0, unit('verify/server', { needs: ['nova/api', 'nova/libvirt'] })],
        [0, unit('ovn/nb', { problem: { code: 'internal', what: 'broken' } })],
        [0, unit('ovn/northd', { cause: 'ovn/nb' })],
        [0, unit('neutron/api', { cause: 'ovn/nb' })],
        [12, unit('nova/libvirt', { says: 'started' })],
      ]),
    ).toEqual([
      '✔ mariadb              1/1',
      '⠋ nova                 0/4     12 s',
      '    ◌ db-sync                  12 s  waits for Job nova-db-sync: Pod x: starting',
      '    ⠋ libvirt                  12 s  started',
      '    · 2 to come                      api, scheduler',
      '· verify               0/1           needs nova/libvirt',
      '✖ ovn                  0/2',
      '    ✖ nb                             broken',
      '    - 1 skipped                      because ovn/nb failed',
      '- neutron              0/1           skipped, because ovn/nb failed',
    ])
  })

  test('keeps its columns whatever the names, and never reaches the last one', () => {
    const long = 'a-very-long-name-that-somebody-gave'
    for (const columns of [100, 60, 41]) {
      const lines = drawn([...busy(long), ...busy('x'), [0, unit(`x/${long}`, { says: '東京 '.repeat(40) })]], {
        columns,
      })
      expect(Math.max(...lines.map(widthOf))).toBeLessThan(columns)
      expect(new Set(lines.filter((line) => line.includes('0.0 s')).map((line) => line.indexOf('0.0 s')))).toHaveLength(
        1,
      )
    }
  })

  test('names at most three needs of what is to come, those at work first', () => {
    const needs = ['a/b', 'a/c', 'a/d', 'a/e', 'a/f']
    const ids = needs.map((id): Script[number] => [0, unit(id, { needs: ['z/z'] })])
    expect(drawn([...ids, [0, unit('v/x', { needs })]]).at(-1)).toContain('needs a/b, a/c, a/d and 2 more')
    expect(drawn([...ids, [0, unit('a/e', {})], [0, unit('v/x', { needs })]]).at(-1)).toMatch(/needs a\/e$/)
  })

  test('that has been stopped shows nothing at work', () => {
    const { board, now } = boardOf([...busy('nova'), ...waiting('nova'), ...done('ovn')])
    board.stop(now + 1000)
    const lines = draw(board, { columns: 100, rows: 30, color: false, now: now + 60_000 })
    expect(lines.slice(0, 3)).toEqual([
      '■ nova                 0/2    1.0 s',
      '    ■ api                     1.0 s  at work',
      '    ■ db                      1.0 s  waits for a Pod',
    ])
  })
})

describe('with too few rows', () => {
  const script: Script = [
    ...done('a'),
    ...done('b'),
    ...busy('c'),
    [0, unit('c/later', { needs: ['c/api'] })],
    ...waiting('c'),
    ...pending('d'),
    ...pending('e'),
    ...failed('f'),
  ]
  const broken = ['✖ f', '✖ x']

  test.each([
    [10, ['✔ a', '✔ b', '⠋ c', '⠋ api', '◌ db', '· 1 to come', '· d', '· e', ...broken]],
    [9, ['✔ a', '✔ b', '⠋ c', '⠋ api', '◌ db', '· d', '· e', ...broken]],
    [8, ['✔ 2 done: a, b', '⠋ c', '⠋ api', '◌ db', '· d', '· e', ...broken]],
    [7, ['✔ 2 done: a, b', '⠋ c', '⠋ api', '◌ db', '· 2 to come: d, e', ...broken]],
    [6, ['⠋ c', '⠋ api', '◌ db', ...broken, '… 2 more']],
    [4, ['⠋ c', ...broken, '… 4 more']],
    [3, [...broken, '… 5 more']],
    [1, ['… 7 more']],
    [0, []],
    [-1, []],
  ])('%d rows', (rows, expected) => {
    const lines = drawn(script, { rows })
    expect(lines.map((line) => line.trim().replace(/ {2,}.*$/, ''))).toEqual(expected)
  })
})

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['ab cd', 4, 'ab…'],
  ['東京都', 5, '東京…'],
  ['東京都', 4, '東…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
  ['', 0, ''],
])('%s in %d columns is %s', (text, columns, expected) => {
  expect(clip(text, columns)).toBe(expected)
  expect(widthOf(cell(text, columns))).toBe(columns)
})

test.each([
  ['waits for Job a: Pod b: starting', 40, 'waits for Job a: Pod b: starting'],
  ['waits for Job a: Pod b: starting', 20, '… Pod b: starting'],
  ['waits for Job a: Pod b: starting', 12, '… starting'],
  ['waits for Job a: Pod b: starting', 6, '… sta…'],
])('%s in %d columns keeps its end', (text, columns, expected) => {
  expect(clipParts(text, columns)).toBe(expected)
})
