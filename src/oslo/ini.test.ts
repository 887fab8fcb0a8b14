import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CroqueError } from '../errors/index.ts'
import { type IniFile, mergeIni, parseIni, writeIni } from './index.ts'

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => text === text.trim() && !/^[[#;]|[=:\p{Cc}]/u.test(text))
const letter = fc.constantFrom(
  'a',
  'Z',
  '9',
  ' ',
  '\t',
  '%',
  '$',
  '"',
  "'",
  '=',
  ':',
  '#',
  ';',
  '[',
  ']',
  '\\',
  'ü',
  '雪',
  '🐦',
  '\u00a0',
)
const line = fc.string({ unit: letter, maxLength: 12 })
const laterLine = line.map((text) => text.trim()).filter((text) => text !== '')
const text = fc.tuple(line, fc.array(laterLine, { maxLength: 3 })).map(([first, rest]) => [first, ...rest].join('\n'))
const scalar = fc.oneof(text, fc.integer(), fc.boolean())
const value = fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 }))
const options = fc.dictionary(name, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true })
const file: fc.Arbitrary<IniFile> = fc.dictionary(name, options, { maxKeys: 4, noNullPrototype: true })

/** What a file says once everything is text. */
function asText(model: IniFile): unknown {
  const texts = (entry: unknown): unknown =>
    Array.isArray(entry) && entry.length === 1
      ? String(entry[0])
      : Array.isArray(entry)
        ? entry.map(String)
        : String(entry)
  return Object.fromEntries(
    Object.entries(model).map(([section, all]) => [
      section,
      Object.fromEntries(Object.entries(all).map(([option, entry]) => [option, texts(entry)])),
    ]),
  )
}

test('what is written is read back: newlines, spaces, quotes, % and $, any alphabet', () => {
  fc.assert(
    fc.property(file, (model) => void expect(parseIni(writeIni(model))).toEqual(asText(model))),
    { numRuns: 500 },
  )
})

test('any value is either read back or refused, never changed silently', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.oneof(letter, fc.constantFrom('\n', '\r', '\0', '\u0085')) }), (wild) => {
      const model = { DEFAULT: { option: wild } }
      let written: string
      try {
        written = writeIni(model)
      } catch (error) {
        expect(error).toMatchObject({ code: 'option-unwritable' })
        return
      }
      expect(parseIni(written)).toEqual(model)
    }),
    { numRuns: 1000 },
  )
})

test('DEFAULT stands first, the rest as given; lists are written line by line', () => {
  const model = { keystone: { b: 1, a: true }, empty: {}, DEFAULT: { debug: false, rule: ['x', 'y'], none: [] } }
  expect(writeIni(model)).toBe('[DEFAULT]\ndebug = false\nrule = x\nrule = y\n\n[keystone]\nb = 1\na = true\n')
})

test('the file format of oslo.config, read', () => {
  const source = `
# a comment
; another
early = 1
[DEFAULT]
transport_url: rabbit://a=b
quoted = "  two spaces  "
single = '
list = one
list = two
long = first
  second
\tthird
# ends the value
[api]
[DEFAULT]
again = yes
`
  expect(parseIni(source)).toEqual({
    DEFAULT: {
      early: '1',
      transport_url: 'rabbit://a=b',
      quoted: '  two spaces  ',
      single: '',
      list: ['one', 'two'],
      long: 'first\nsecond\nthird',
      again: 'yes',
    },
  })
})

test.each([
  ['a continuation with nothing before it', '  x', 1],
  ['a continuation after a section', '[a]\n x', 2],
  ['an unfinished section', '\n[a', 2],
  ['a section without a name', '[]', 1],
  ['a line without "="', '[a]\nb', 2],
  ['no name', '= b', 1],
])('%s is refused with its line', (_case, source, number) => {
  expect(() => parseIni(source)).toThrowError(CroqueError)
  expect(() => parseIni(source)).toThrowError(`line ${number} `)
})

test.each([
  ['an empty line inside a value', { a: { b: 'x\n\ny' } }],
  ['an indented second line', { a: { b: 'x\n  y' } }],
  ['"=" in a name', { a: { 'b=c': 1 } }],
  ['a comment as a name', { a: { '#b': 1 } }],
  ['an empty section name', { '': { b: 1 } }],
])('%s has no form', (_case, model) => {
  expect(() => writeIni(model)).toThrowError(expect.objectContaining({ code: 'option-unwritable' }))
})

test('the last layer wins, lists are replaced whole, null takes out', () => {
  const merged = mergeIni(
    { DEFAULT: { a: 1, b: ['x', 'y'], c: 3 }, gone: { only: 1 } },
    { DEFAULT: { b: ['z'], a: null }, gone: { only: null } },
    { DEFAULT: { a: 2 }, own: { d: 4 } },
  )
  expect(merged).toEqual({ DEFAULT: { b: ['z'], c: 3, a: 2 }, own: { d: 4 } })
  expect(Object.keys(merged['DEFAULT'] ?? {})).toEqual(['b', 'c', 'a'])
})

test('merging a file with itself changes nothing', () => {
  fc.assert(fc.property(file, (model) => void expect(writeIni(mergeIni(model, model))).toBe(writeIni(model))))
})
