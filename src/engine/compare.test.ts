import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube/index.ts'
import { diffDesired, diffObjects, diffText } from './compare.ts'
import { otherWriters } from './drift.ts'
import { isSecretPath } from './mask.ts'

const config = (data: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', ...metadata },
  data,
})
const secret = (data: object): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data })

describe('diffObjects', () => {
  test('passes over what the server keeps for itself', () => {
    const before = {
      ...config({ a: '1' }, { resourceVersion: '1', generation: 1, uid: 'u', managedFields: [] }),
      status: { a: 1 },
    }
    const after = { ...config({ a: '1' }, { resourceVersion: '2', generation: 2 }), status: { a: 2 } }
    expect(diffObjects(before, after)).toEqual([])
  })

  test('passes over the count of generations that Kubernetes writes among the annotations', () => {
    const count = (generation: string) => ({ annotations: { 'deprecated.daemonset.template.generation': generation } })
    expect(diffObjects(config({}, count('1')), config({}, count('2')))).toEqual([])
    expect(diffObjects(config({}), config({}, { annotations: { mine: 'a' } }))).toHaveLength(1)
  })

  test('looks into arguments that are data', () => {
    const needs = (name: string): string =>
      JSON.stringify([
        { id: 'a', name: 'one' },
        { id: 'b', name },
      ])
    expect(diffObjects(config({ needs: needs('two') }), config({ needs: needs('three') }))).toEqual([
      { path: 'data.needs[b].name', before: 'two', after: 'three' },
    ])
  })

  test('names added, changed and removed fields', () => {
    expect(diffObjects(config({ a: '1', b: '2' }), config({ a: '3', c: '4' }))).toEqual([
      { path: 'data.a', before: '1', after: '3' },
      { path: 'data.b', before: '2', after: undefined },
      { path: 'data.c', before: undefined, after: '4' },
    ])
  })

  test('tells list items apart by name, whatever their order', () => {
    const pod = (containers: readonly object[]): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x' },
      spec: { containers },
    })
    const diff = diffObjects(
      pod([
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ]),
      pod([
        { name: 'b', image: '1' },
        { name: 'a', image: '2' },
      ]),
    )
    expect(diff.flatMap(diffText)).toEqual(['spec.containers[a].image: 1 -> 2'])
  })

  test('never shows the data of a Secret', () => {
    const diff = diffObjects(secret({ a: 'aHVzaA==' }), secret({ a: 'bG91ZA==', b: 'bmV3' }))
    expect(diff.flatMap(diffText)).toEqual(['data.a: (secret) -> (secret)', 'data.b: (absent) -> (secret)'])
    const added = diffObjects({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }, secret({ a: 'aHVzaA==' }))
    expect(JSON.stringify(added)).not.toContain('aHVzaA')
  })
})

describe('diffText', () => {
  const told = (before: unknown, after: unknown, path = 'data.nova.conf') => diffText({ path, before, after })

  test('shows the changed lines of a text', () => {
    expect(told('[DEFAULT]\ndebug = false\n', '[DEFAULT]\ndebug = true\n')).toEqual([
      'data.nova.conf:',
      '    [DEFAULT]',
      '  - debug = false',
      '  + debug = true',
    ])
  })

  test('of a text that comes or goes tells how long it is', () => {
    expect(told(undefined, 'a\nb\n')).toEqual(['data.nova.conf: (absent) -> 2 lines'])
    expect(told('a\nb', undefined)).toEqual(['data.nova.conf: 2 lines -> (absent)'])
  })

  test('clips what is long', () => {
    expect(told('a', 'x'.repeat(1000))[0]).toHaveLength('data.nova.conf: a -> '.length + 300)
    expect(told('a\n', `${'x'.repeat(1000)}\n`)[2]).toHaveLength(302)
  })

  test.each<[string, string, unknown]>([
    ['a line of a file', 'data.a.conf', '[a]\nadmin_password = hush\n'],
    ['a URL in a file', 'data.a.conf', '[a]\nconnection = mysql+pymysql://u:hush@h/db\n'],
    ['a URL', 'data.url', 'rabbit://u:hush@h'],
    ['a value by its name', 'data.password', 'hush'],
    ['a variable of a container that is new', 'spec.containers[a]', { env: [{ name: 'DB_PASSWORD', value: 'hush' }] }],
    ['a member by its name', 'spec.a', { password: 'hush' }],
    ['a script', 'spec.containers[a]', { args: ['set -e\nPASSWORD=hush run\n'] }],
  ])('does not tell the secret in %s', (_case, path, value) => {
    const lines = [...told('[a]\n', value, path), ...told(undefined, value, path), ...told(value, 1, path)]
    expect(lines.join('\n')).not.toContain('hush')
  })
})

test('diffDesired speaks only of what is desired', () => {
  expect(diffDesired(config({ a: '1', defaulted: 'x' }), config({ a: '2' }))).toEqual([
    { path: 'data.a', before: '1', after: '2' },
  ])
})

test.each([
  ['ConfigMap', 'data.password', false],
  ['Secret', 'data', true],
  ['Secret', 'metadata.labels.a', false],
  ['Deployment', 'spec.template.spec.containers[api].env[DB_PASSWORD].value', true],
  ['Deployment', 'spec.template.spec.containers[api].env[OS_TOKEN]', true],
  ['Deployment', 'spec.template.spec.containers[api].env[PATH].value', false],
])('isSecretPath(%s, %s) is %s', (kind, path, expected) => {
  expect(isSecretPath(kind, path)).toBe(expected)
})

describe('otherWriters', () => {
  const fieldsV1 = {
    'f:spec': {
      'f:replicas': {},
      'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"api"}': { '.': {}, 'f:image': {} } } } },
    },
    'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/name': {} } },
  }
  const live = config(
    {},
    {
      managedFields: [
        { manager: 'somebody', operation: 'Update', fieldsV1 },
        { manager: 'croque', operation: 'Apply', fieldsV1 },
        { manager: 'kubelet', operation: 'Update', subresource: 'status', fieldsV1 },
      ],
    },
  )
  const diff = (path: string) => [{ path, before: 1, after: 2 }]

  test.each(['spec.replicas', 'spec.template.spec.containers[api].image', 'metadata.labels.app.kubernetes.io/name'])(
    'finds the owner of %s',
    (path) => {
      expect([...otherWriters(live, diff(path), 'croque')]).toEqual([['somebody', [path]]])
    },
  )

  test.each([
    'spec.paused',
    'spec.template.spec.containers[api].command',
    'spec.template.spec.containers[other].image',
  ])("%s is nobody else's", (path) => {
    expect(otherWriters(live, diff(path), 'croque').size).toBe(0)
  })
})
