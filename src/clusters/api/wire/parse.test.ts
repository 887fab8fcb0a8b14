import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refusal, thingFields } from './fixture.ts'
import { parseBody } from './parse.ts'
import { pythonRepr } from './python.ts'

const parse = (body: unknown, minor = 14): unknown => parseBody('thing', thingFields, body, minor)
const template_id = 't'

describe('a body that is taken', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a text of digits for a number', { node_count: '3' }, { node_count: 3 }],
    ['spaces and underscores, as int() does', { node_count: ' 0_5 ' }, { node_count: 5 }],
    ['a number that is cut', { node_count: 3.7 }, { node_count: 3 }],
    ['True as 1', { node_count: true }, { node_count: 1 }],
    [
      'null for anything',
      { node_count: null, name: null, labels: null },
      { node_count: null, name: null, labels: null },
    ],
    ['words for booleans', { merge_labels: 'Yes' }, { merge_labels: true }],
    ['0 and 1 for booleans', { merge_labels: 0 }, { merge_labels: false }],
    [
      'labels of all kinds, as texts',
      { labels: { a: 'x', b: 5, c: true, d: 1.5 } },
      { labels: { a: 'x', b: '5', c: 'True', d: '1.5' } },
    ],
    ['several name servers', { dns: '8.8.8.8, 1.1.1.1' }, { dns: '8.8.8.8, 1.1.1.1' }],
    ['nested objects', { taints: [{ key: 'k' }] }, { taints: [{ key: 'k' }] }],
    [
      'a UUID without dashes',
      { uuid: '6a0a707c45ef4758b533e55adddba8ce' },
      { uuid: '6a0a707c45ef4758b533e55adddba8ce' },
    ],
    ['a mandatory field that is null', { template_id: null }, { template_id: null }],
  ])('%s', (_name, sent, read) => {
    expect(parse({ template_id, ...sent })).toMatchObject(read)
  })

  test('defaults are filled in, and what has none stays undefined', () => {
    const read = parse({ template_id })
    expect(read).toMatchObject({ keypair: null, node_count: 1, merge_labels: false })
    expect(read).toHaveProperty('labels', undefined)
  })
})

// Texts seen on Magnum 22.0.0 (WSME 0.12.1), but for those marked "ours", where it answers 500.
describe('a body that is refused', () => {
  const invalid = (name: string, value: string, why: string): string =>
    `400 Invalid input for field/attribute ${name}. Value: '${value}'. ${why}`

  test.each<[string, unknown, string]>([
    ['unknown field', { zzz: 1 }, '400 Unknown attribute for argument thing: zzz'],
    ['unknown fields', { zzz: 1, yyy: 2 }, '400 Unknown attributes for argument thing: zzz, yyy'],
    ['a field of a later version', { taints: [] }, '400 Unknown attribute for argument thing: taints'],
    ['unknown fields before wrong ones', { node_count: 'x', zzz: 1 }, '400 Unknown attribute for argument thing: zzz'],
    ['mandatory field missing', {}, invalid('template_id', 'None', 'Mandatory field missing.')],
    ['read-only field', { template_id, stack_id: 's' }, invalid('stack_id', 's', 'Cannot set read only field.')],
    [
      'no number',
      { template_id, node_count: 'abc' },
      invalid('thing', "{'template_id': 't', 'node_count': 'abc'}", "invalid literal for int() with base 10: 'abc'"),
    ],
    [
      'ours: a list as a number',
      { template_id, node_count: [] },
      invalid(
        'thing',
        "{'template_id': 't', 'node_count': []}",
        "int() argument must be a string, a bytes-like object or a real number, not 'list'",
      ),
    ],
    [
      'too small',
      { template_id, node_count: -1 },
      invalid('node_count', '-1', 'Value should be greater or equal to 0'),
    ],
    ['too big', { template_id, node_count: 10 }, invalid('node_count', '10', 'Value should be lower or equal to 9')],
    [
      'ours: a number without end',
      { template_id, node_count: '9'.repeat(30) },
      invalid('thing', `{'template_id': 't', 'node_count': '${'9'.repeat(30)}'}`, 'Value is too large'),
    ],
    [
      'empty text',
      { template_id, name: '' },
      invalid('name', '', 'Value should have a minimum character requirement of 1'),
    ],
    [
      'long text',
      { template_id, name: 'abcdefghijk' },
      invalid('name', 'abcdefghijk', 'Value should have a maximum character requirement of 10'),
    ],
    [
      'pattern',
      { template_id, name: '9a' },
      invalid('name', '9a', 'Value should match the pattern ^[a-zA-Z][a-zA-Z0-9_.-]*$'),
    ],
    ['a number as text', { template_id, name: 5 }, invalid('name', '5', 'Value should be string')],
    [
      'a number as plain text',
      { template_id: 5 },
      invalid('template_id', '5', "Wrong type. Expected '<class 'str'>', got '<class 'int'>'"),
    ],
    [
      'a list as labels',
      { template_id, labels: [] },
      invalid('thing', "{'template_id': 't', 'labels': []}", 'Value not a valid dict: []'),
    ],
    [
      'a text as labels',
      { template_id, labels: 'a=b' },
      invalid('thing', "{'template_id': 't', 'labels': 'a=b'}", 'Value not a valid dict: a=b'),
    ],
    [
      'a list within labels',
      { template_id, labels: { a: [1] } },
      invalid(
        'labels',
        "{'a': [1]}",
        "Wrong type. Expected '(<class 'str'>, <class 'int'>, <class 'bool'>, <class 'float'>)', got '<class 'list'>'",
      ),
    ],
    ['enum', { template_id, coe: 'mesos' }, invalid('coe', 'mesos', 'Value should be one of: kubernetes, swarm-mode')],
    ['uuid', { template_id, uuid: 'nope' }, '400 Expected a uuid but received nope.'],
    [
      'name server',
      { template_id, dns: '8.8.8' },
      '400 Expected a single dns address or comma separated dns list, but received 8.8.8.',
    ],
    [
      'nested unknown field',
      { template_id, taints: [{ key: 'k', zzz: 1 }] },
      '400 Unknown attribute for argument thing.taints: zzz',
    ],
    ['nested mandatory field', { template_id, taints: [{}] }, invalid('key', 'None', 'Mandatory field missing.')],
    [
      'no list',
      { template_id, taints: {} },
      invalid('thing', "{'template_id': 't', 'taints': {}}", 'Value not a valid list: {}'),
    ],
    [
      'ours: an ambiguous boolean',
      { template_id, merge_labels: 'maybe' },
      "400 Unrecognized value 'maybe', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
    ],
    ['ours: a list as body', [], invalid('thing', '[]', 'Value should be a JSON object')],
    ['ours: null as body', null, invalid('thing', 'None', 'Value should be a JSON object')],
    ['no body', undefined, '400 Missing argument: "thing"'],
    ['a name of JavaScript', JSON.parse('{"__proto__": 1}'), '400 Unknown attribute for argument thing: __proto__'],
    ['another', { constructor: 1 }, '400 Unknown attribute for argument thing: constructor'],
  ])('%s', (name, body, text) => {
    expect(refusal(() => parse(body, name.includes('later version') ? 13 : name.includes('read-only') ? 12 : 14))).toBe(
      text,
    )
  })

  test('a label called __proto__ is a label and reaches no prototype', () => {
    const body: unknown = JSON.parse('{"template_id": "t", "labels": {"__proto__": "x"}}')
    const { labels = {} } = parseBody('thing', thingFields, body, 14)
    expect(Object.entries(labels ?? {})).toEqual([['__proto__', 'x']])
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype)
  })

  test('whatever JSON comes is taken or refused with 400, and nothing else is thrown', () => {
    const value = fc.jsonValue()
    const body = fc.oneof(value, fc.dictionary(fc.constantFrom(...Object.keys(thingFields)), value))
    fc.assert(
      fc.property(body, (sent) => {
        expect(refusal(() => parse(sent)) ?? '400').toMatch(/^400/)
      }),
    )
  })
})

test.each<[unknown, string]>([
  [{ a: [1, null, true, 'x'] }, "{'a': [1, None, True, 'x']}"],
  ["it's", '"it\'s"'],
  ['both \' and "', `'both \\' and "'`],
  ['line\nand \u0001 \\', "'line\\nand \\x01 \\\\'"],
])('repr of %j', (value, text) => {
  expect(pythonRepr(value)).toBe(text)
})

test('a message never carries a big body back whole', () => {
  expect(pythonRepr('x'.repeat(100_000)).length).toBeLessThan(2100)
})
