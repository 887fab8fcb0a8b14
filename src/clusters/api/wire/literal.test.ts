import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LiteralError, parseLiteral } from './literal.ts'
import { pythonRepr } from './python.ts'

describe('literals', () => {
  test.each<[string, unknown]>([
    ["{'a': '1'}", { a: '1' }],
    ['{"a": 1, \'b\': True, "c": None, "d": False,}', { a: 1, b: true, c: null, d: false }],
    ['[1, -2, +3, 1.5, 1e3, 1_000]', [1, -2, 3, 1.5, 1000, 1000]],
    ["('a',)", ['a']],
    ["('a')", 'a'],
    ['()', []],
    ["'a' 'b'\n\"c\"", 'abc'],
    ["u'x'", 'x'],
    [String.raw`'\n\t\\\'\x41\u00e9\101\q'`, "\n\t\\'A\u00e9A\\q"],
    ["{'a': {'b': [1, {'c': 'd'}]}}", { a: { b: [1, { c: 'd' }] } }],
    [' { } ', {}],
  ])('%s', (source, value) => {
    expect(parseLiteral(source)).toEqual(value)
  })

  test.each([
    ['', 'nothing'],
    ['a=b', 'no literal'],
    ["{'a': true}", 'a name of JSON'],
    ["{'a': f()}", 'a call'],
    ["__import__('os')", 'code'],
    ["{'a' '1'}", 'no colon'],
    ["{'a': 1", 'not closed'],
    ['[1 2]', 'no comma'],
    ['{1: 2}', 'a number as key'],
    ["{'__proto__': 1}", 'a key that is a trap in JavaScript'],
    ["'a", 'text without end'],
    ["{'a': 1} x", 'something after it'],
    ['007', 'leading zeros'],
    ['1e999', 'endless'],
    ['['.repeat(1000), 'too deep'],
    ["'\\U00ffffff'", 'no character'],
  ])('%s is refused: %s', (source) => {
    expect(() => parseLiteral(source)).toThrow(LiteralError)
  })

  test('reads back what Python writes of a value', () => {
    const text = fc.string({ unit: 'grapheme' })
    const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(
        value.filter((drawn) => !JSON.stringify(drawn).includes('__proto__') && pythonRepr(drawn).length < 2000),
        (drawn) => {
          expect(parseLiteral(pythonRepr(drawn))).toEqual(drawn)
        },
      ),
    )
  })

  test('throws nothing but LiteralError, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]():,\'"\\ntrueTFN01._-+e x'.split('')) }), (source) => {
        try {
          parseLiteral(source)
        } catch (error) {
          expect(error).toBeInstanceOf(LiteralError)
        }
      }),
    )
  })
})
