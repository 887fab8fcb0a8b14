import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineCount, lineDiff } from './line-diff.ts'

const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

test.each<[string, string, string, readonly string[]]>([
  [
    'a changed option stands below its section',
    text('[DEFAULT]', 'a = 1', 'b = 2', '[api]', 'c = 3'),
    text('[DEFAULT]', 'a = 1', 'b = 3', '[api]', 'c = 3'),
    ['  [DEFAULT]', '- b = 2', '+ b = 3'],
  ],
  [
    'options of two sections, one header each',
    text('[x]', 'a = 1', 'b = 2', 'c = 3', '[y]', 'd = 4'),
    text('[x]', 'a = 2', 'b = 2', '[y]', 'd = 4', 'e = 5'),
    ['  [x]', '- a = 1', '+ a = 2', '- c = 3', '  [y]', '+ e = 5'],
  ],
  ['a section that is new', text('[x]', 'a = 1'), text('[x]', 'a = 1', '[y]', 'b = 1'), ['+ [y]', '+ b = 1']],
  [
    'what has no sections shows two lines on either side',
    text('frontend public', '  bind :1', '  mode http', '  timeout 1', '  retries 2', '  log a', 'x', 'y', 'z'),
    text('frontend public', '  bind :1', '  mode http', '  timeout 2', '  retries 2', '  log a', 'x', 'y', 'w'),
    [
      '    bind :1',
      '    mode http',
      '-   timeout 1',
      '+   timeout 2',
      '    retries 2',
      '    log a',
      '  x',
      '  y',
      '- z',
      '+ w',
    ],
  ],
  [
    'lines that are left out between are told of',
    text('a', '1', '2', '3', '4', '5', 'b'),
    text('A', '1', '2', '3', '4', '5', 'B'),
    ['- a', '+ A', '  1', '  2', '  …', '  4', '  5', '- b', '+ B'],
  ],
  ['a last line without an end', 'a\nb\n', 'a\nb', ['  a', '- b', '+ b (no line end)']],
  ['one line that became several', 'a', 'a\nb\n', ['- a (no line end)', '+ a', '+ b']],
  ['an empty line', 'a\n\nb\n', 'a\nb\n', ['  a', '-', '  b']],
  [
    'secrets, also those that differ',
    text('[database]', 'connection = mysql://u:old@h/d', 'password = old one, {long}', 'x = 1'),
    text('[database]', 'connection = mysql://u:new@h/d', 'password = new', 'x = 2'),
    [
      '  [database]',
      '- connection = mysql://u:********@h/d',
      '- password = ********',
      '- x = 1',
      '+ connection = mysql://u:********@h/d',
      '+ password = ********',
      '+ x = 2',
    ],
  ],
  [
    'a private key',
    text('-----BEGIN PRIVATE KEY-----', 'MIIhush', '-----END PRIVATE KEY-----', 'a'),
    text('-----BEGIN PRIVATE KEY-----', 'MIIloud', '-----END PRIVATE KEY-----', 'a'),
    ['  -----BEGIN PRIVATE KEY-----', '- ********', '+ ********', '  -----END PRIVATE KEY-----', '  a'],
  ],
])('%s', (_case, before, after, expected) => {
  expect(lineDiff(before, after)).toEqual(expected)
})

test('a text that is another one altogether is cut off', () => {
  const lines = (word: string): string => text(...Array.from({ length: 80 }, (_, index) => `${word} ${index}`))
  const diff = lineDiff(lines('a'), lines('b'))
  expect(diff).toHaveLength(101)
  expect(diff.at(-1)).toBe('  … 60 more lines')
})

test('texts of many thousand lines do not take the memory of the machine', () => {
  const lines = (word: string): string => text(...Array.from({ length: 5000 }, (_, index) => `${word} ${index}`))
  expect(lineDiff(lines('a'), lines('b')).at(-1)).toBe('  … 9900 more lines')
})

const lines = fc.array(fc.constantFrom('a', 'b', 'c', '[x]', '[y]', ''), { maxLength: 12 })

test('what is removed and added accounts for the lengths, and the same text differs nowhere', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const diff = lineDiff(text(...before, 'end'), text(...after, 'end'))
      const count = (sign: string): number => diff.filter((line) => line.startsWith(sign)).length
      expect(count('+') - count('-')).toBe(after.length - before.length)
      expect(lineDiff(text(...before), text(...before))).toEqual([])
    }),
  )
})

test('lines are counted as people do', () => {
  expect(['a', 'a\n', 'a\nb', 'a\nb\n'].map(lineCount)).toEqual([1, 1, 2, 2])
})
