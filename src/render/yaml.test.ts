import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { yamlDocument } from './yaml.ts'

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    'yes',
    'On',
    '1',
    '0x1f',
    '.5',
    '1e3',
    '~',
    'null',
    '- a',
    'a: b',
    'a #b',
    '# a',
    '*x',
    '&x',
    '!x',
    '%x',
    '@x',
    '`x',
    '10:30',
    '2026-01-01',
    '=',
    '<<',
    '',
    ' ',
    'a ',
    ' a',
    'a\n',
    'a\n\n',
    '\na',
    'a\n b',
    ' a\nb',
    'a\tb\nc',
    'a\n\tb',
    'a \nb',
    '---',
    '...',
    'a\n---\nb',
    '{}',
    '[]',
    'a,b',
    '"',
    "'",
    'a:',
    ':a',
    '?',
    '? a',
    '|',
    '>',
    'https://h:1/p',
    '$(A)',
    '1.2.3.4',
    '0755',
    '1_000',
  ),
  fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', '#', ':', '-') })).map((parts) => parts.join('\n')),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('y', 'a.b/c', '1')), tie('tree'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
}))

test('what is written is read back the same, by YAML 1.2 and by 1.1 as kubectl has it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), tree, { noNullPrototype: true }), (value) => {
      const written = yamlDocument(value)
      // A key called __proto__ is no member of a plain object.
      const wanted = JSON.parse(JSON.stringify(value)) as unknown
      expect(parse(written)).toEqual(wanted)
      expect(parse(written, { version: '1.1', merge: false })).toEqual(wanted)
    }),
    { numRuns: 1000 },
  )
})

test('reads as people write it', () => {
  expect(
    yamlDocument({
      apiVersion: 'v1',
      metadata: { name: 'a', labels: {}, absent: undefined },
      spec: { list: [{ name: 'x', args: ['a', '1', ''] }, ['nested']], empty: [], port: 80, text: 'one\n\n  two\n' },
    }),
  ).toBe(`---
apiVersion: v1
metadata:
  name: a
  labels: {}
spec:
  list:
  - name: x
    args:
    - a
    - "1"
    - ""
  - - nested
  empty: []
  port: 80
  text: |
    one

      two
`)
})
