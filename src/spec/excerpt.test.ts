import { expect, test } from 'vitest'
import { excerpt } from './index.ts'

test.each<[string, string, number, number, string | undefined]>([
  ['a line', 'a: 1\nb: 2\n', 2, 4, '  2 | b: 2\n    |    ^'],
  ['a line with tabs', 'a:\t1', 1, 4, '  1 | a: 1\n    |    ^'],
  ['a line that ends as in Windows', 'a: 1\r\nb: 2\r\n', 2, 1, '  2 | b: 2\n    | ^'],
  ['an empty line', 'a: 1\n\n', 2, 1, undefined],
  [
    'what stands behind a secret',
    '{password: hunter22222, b: 2}',
    1,
    25,
    '  1 | {password: ********, b: 2}\n    |                      ^',
  ],
  ['a secret', 'a:\n  password: hunter2', 2, 13, '  2 |   password: ********\n    |             ^'],
  ['a text below a secret', 'password: |\n  hunter2', 2, 5, '  2 | ********\n    |     ^'],
])('%s', (_case, text, line, column, expected) => {
  expect(excerpt(text, { line, column })).toBe(expected)
})

test('of a long line shows where the place is', () => {
  const [line = '', caret = ''] = (excerpt(`${'x'.repeat(300)}: wrong`, { line: 1, column: 303 }) ?? '').split('\n')
  expect(line.length).toBeLessThan(110)
  expect(line.slice(caret.length - 1)).toBe('wrong')
})
