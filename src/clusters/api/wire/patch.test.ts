import { describe, expect, test } from 'vitest'
import { refusal, thingFields } from './fixture.ts'
import { applyPatch, parsePatch, patched } from './patch.ts'

const rules = { table: thingFields, internal: ['/api_address'], kept: ['/coe'] }
const parse = (body: unknown): unknown => parsePatch(body, rules)

// Texts seen on Magnum 22.0.0 but for those marked "ours", where it answers 500.
describe('a list of operations', () => {
  test.each<[string, unknown]>([
    ['empty', []],
    ['add', [{ path: '/labels/k', op: 'add', value: 'v' }]],
    ['a number', [{ path: '/node_count', op: 'replace', value: 2 }]],
    ['a boolean, which Python takes for a number', [{ path: '/node_count', op: 'replace', value: true }]],
    ['remove', [{ path: '/node_count', op: 'remove' }]],
  ])('is taken: %s', (_name, body) => {
    expect(parse(body)).toEqual(body)
  })

  const invalid = (name: string, value: string, why: string): string =>
    `400 Invalid input for field/attribute ${name}. Value: '${value}'. ${why}`
  const type = "Wrong type. Expected '(<class 'str'>, <class 'int'>)', got '<class"

  test.each<[string, unknown, string]>([
    ['no body', undefined, '400 Missing argument: "patch"'],
    ['no list', {}, invalid('patch', '{}', 'Value not a valid list: {}')],
    ['ours: no objects', [5], invalid('patch', '[5]', 'Value should be a JSON object')],
    ['no path', [{}], invalid('path', 'None', 'Mandatory field missing.')],
    ['no op', [{ path: '/a' }], invalid('op', 'None', 'Mandatory field missing.')],
    [
      'an unknown op',
      [{ op: 'zzz', path: '/a', value: 1 }],
      invalid('op', 'zzz', 'Value should be one of: add, replace, remove'),
    ],
    [
      'a path without slash',
      [{ op: 'add', path: 'a', value: 1 }],
      invalid('path', 'a', 'Value should match the pattern ^(/[\\w-]+)+$'),
    ],
    [
      'another member',
      [{ op: 'add', path: '/a', value: 1, from: 1 }],
      '400 Unknown attribute for argument patch: from',
    ],
    ['no value', [{ op: 'add', path: '/a' }], "400 'add' and 'replace' operations needs value"],
    ['null as value', [{ op: 'replace', path: '/a', value: null }], "400 'add' and 'replace' operations needs value"],
    ['a dictionary', [{ op: 'add', path: '/a', value: { a: 1 } }], invalid('value', "{'a': 1}", `${type} 'dict'>'`)],
    ['a broken number', [{ op: 'add', path: '/a', value: 1.5 }], invalid('value', '1.5', `${type} 'float'>'`)],
    [
      'internal',
      [{ op: 'add', path: '/uuid', value: '1' }],
      "400 '/uuid' is an internal attribute and can not be updated",
    ],
    [
      'internal of the resource',
      [{ op: 'remove', path: '/api_address' }],
      "400 '/api_address' is an internal attribute and can not be updated",
    ],
    [
      'mandatory',
      [{ op: 'remove', path: '/template_id' }],
      "400 '/template_id' is a mandatory attribute and can not be removed",
    ],
    ['kept', [{ op: 'remove', path: '/coe' }], "400 '/coe' is a mandatory attribute and can not be removed"],
  ])('is refused: %s', (_name, body, text) => {
    expect(refusal(() => parse(body))).toBe(text)
  })
})

const document = {
  uuid: '5d12f6fd-a196-4bf0-ae4c-1f639a523a52',
  template_id: 't',
  name: 'n',
  keypair: null,
  node_count: 2,
  labels: { a: '1' },
  reason: null,
  taints: null,
  coe: null,
}

describe('what becomes of a document', () => {
  test.each<[string, Parameters<typeof applyPatch>[1], Record<string, unknown>]>([
    ['nothing', [], document],
    ['replaced', [{ op: 'replace', path: '/node_count', value: 5 }], { ...document, node_count: 5 }],
    ['added where nothing was', [{ op: 'add', path: '/keypair', value: 'k' }], { ...document, keypair: 'k' }],
    ['the id it has, as openstacksdk does', [{ op: 'add', path: '/id', value: document.uuid }], document],
    ['a label added', [{ op: 'add', path: '/labels/k', value: 'v' }], { ...document, labels: { a: '1', k: 'v' } }],
    ['a label removed', [{ op: 'remove', path: '/labels/a' }], { ...document, labels: {} }],
    ['labels replaced', [{ op: 'replace', path: '/labels', value: "{'b': '2'}" }], { ...document, labels: { b: '2' } }],
    [
      'one after the other',
      [
        { op: 'replace', path: '/labels', value: '{}' },
        { op: 'add', path: '/labels/x', value: 'y' },
      ],
      { ...document, labels: { x: 'y' } },
    ],
  ])('%s', (_name, patch, after) => {
    const before = structuredClone(document)
    expect(applyPatch(document, patch)).toEqual(after)
    expect(document).toEqual(before)
  })

  test('a removed field has its default again', () => {
    expect(patched(thingFields, document, [{ op: 'remove', path: '/node_count' }])).toMatchObject({ node_count: 1 })
  })

  const unfit = (patch: string, reason: string): string => `400 Couldn't apply patch '[${patch}]'. Reason: ${reason}`

  test.each<[string, Parameters<typeof applyPatch>[1], string]>([
    [
      'a new attribute',
      [{ op: 'add', path: '/zzz', value: 1 }],
      '400 Adding a new attribute /zzz to the root of the resource is not allowed.',
    ],
    [
      'another id',
      [{ op: 'add', path: '/id', value: 'x' }],
      "400 '/id' is an internal attribute and can not be updated",
    ],
    [
      'one that has a value',
      [{ op: 'add', path: '/name', value: 'x' }],
      "400 The attribute /name has existed, please use 'replace' operation instead.",
    ],
    [
      'replace what is not there',
      [{ path: '/zzz', op: 'replace', value: 'x' }],
      unfit("{'path': '/zzz', 'op': 'replace', 'value': 'x'}", "can't replace a non-existent object 'zzz'"),
    ],
    [
      'remove what is not there',
      [{ path: '/labels/b', op: 'remove' }],
      unfit("{'path': '/labels/b', 'op': 'remove'}", "can't remove a non-existent object 'b'"),
    ],
    [
      'no literal',
      [{ path: '/labels', op: 'replace', value: 'a=b' }],
      unfit("{'path': '/labels', 'op': 'replace', 'value': 'a=b'}", 'malformed node or string at character 0'),
    ],
    [
      'below a text',
      [{ path: '/name/x', op: 'add', value: 'y' }],
      unfit("{'path': '/name/x', 'op': 'add', 'value': 'y'}", "'x' is not a valid sequence index"),
    ],
    [
      'JavaScript',
      [{ path: '/labels/__proto__', op: 'add', value: 'y' }],
      unfit("{'path': '/labels/__proto__', 'op': 'add', 'value': 'y'}", "member '__proto__' not found"),
    ],
    [
      'another name of JavaScript',
      [{ path: '/constructor', op: 'replace', value: 'y' }],
      unfit(
        "{'path': '/constructor', 'op': 'replace', 'value': 'y'}",
        "can't replace a non-existent object 'constructor'",
      ),
    ],
    [
      'a number as text',
      [{ path: '/node_count', op: 'replace', value: '3' }],
      "400 Invalid input for field/attribute node_count. Value: '3'. '<' not supported between instances of 'str' and 'int'",
    ],
    [
      'too small',
      [{ path: '/node_count', op: 'replace', value: -1 }],
      "400 Invalid input for field/attribute node_count. Value: '-1'. Value should be greater or equal to 0",
    ],
    [
      'a list as labels',
      [{ path: '/labels', op: 'replace', value: '[1]' }],
      "400 Invalid input for field/attribute labels. Value: '[1]'. Wrong type. Expected '{<class 'str'>: <class 'str'>}', got '<class 'list'>'",
    ],
  ])('is refused: %s', (_name, patch, text) => {
    expect(refusal(() => patched(thingFields, document, patch))).toBe(text)
  })
})
