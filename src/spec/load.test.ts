import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { diagnosticText } from '../views/text.ts'
import { knownServices } from './fixture.ts'
import { excerpt, type LoadResult, loadCloud } from './index.ts'

const header = 'apiVersion: croque.dev/v1alpha1\nkind: Cloud\n'
const options = { file: 'cloud.yaml', knownServices }
const load = (text: string): LoadResult => loadCloud(text, options)
const loadSpec = (spec: unknown): LoadResult => load(header + stringify({ spec }))

/** `line:column path: message` of everything found. */
function told(result: LoadResult): readonly string[] {
  const all = result.ok ? result.warnings : result.diagnostics
  return all.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)
}

test('every mistake of a bad document is told at once, and no secret is shown', async () => {
  const text = readFileSync(new URL('golden/mistakes.yaml', import.meta.url), 'utf8')
  const result = loadCloud(text, { file: 'mistakes.yaml', knownServices })
  const formatted = (result.ok ? [] : result.diagnostics)
    .map((one) => diagnosticText({ type: 'diagnostic', ...one, excerpt: excerpt(text, one) ?? '' }))
    .join('\n')
  await expect(formatted).toMatchFileSnapshot('golden/mistakes.txt')
  expect(formatted).not.toContain('hunter2')
  expect(JSON.stringify(result)).not.toContain('hunter2')
})

test('no document is a tiny cloud with nothing missing', () => {
  const result = loadCloud(undefined, options)
  expect(result).toEqual(load(header))
  expect(result).toMatchObject({
    ok: true,
    warnings: [],
    cloud: {
      metadata: { name: 'cloud' },
      spec: {
        size: 'tiny',
        endpoints: { host: 'cloud.croque.local' },
        networks: { provider: { gateway: '172.24.4.1', floatingRange: { start: '172.24.4.10', end: '172.24.4.250' } } },
        services: { nova: { enabled: true, config: {} }, mariadb: { enabled: true } },
        timeouts: { unit: 900, total: 3600 },
      },
    },
  })
})

test('the loaded cloud cannot be changed', () => {
  const result = loadCloud(undefined, options)
  if (!result.ok) throw new Error('the default document does not load')
  expect(Object.isFrozen(result.cloud.spec.networks.provider.floatingRange)).toBe(true)
})

test('a loaded cloud, written and loaded again, is the same cloud', () => {
  const service = (enabled: fc.Arbitrary<boolean>) =>
    fc.record(
      { enabled, replicas: fc.integer({ min: 1, max: 9 }), pullPolicy: fc.constantFrom('Always', 'Never') },
      { requiredKeys: [] },
    )
  // Nova needs Keystone, which cannot be left out alone.
  const services = { keystone: service(fc.constant(true)), nova: service(fc.boolean()) }
  const spec = fc.record(
    {
      size: fc.constantFrom('tiny', 'small'),
      region: fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,20}$/),
      underlay: fc.record({ nodes: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: [] }),
      services: fc.record(services, { requiredKeys: [] }),
      timeouts: fc.record({ unit: fc.constantFrom('90s', '15m', '1h') }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(spec, (given) => {
      const first = loadSpec(given)
      if (!first.ok) throw new Error(told(first).join('\n'))
      const { unit, total } = first.cloud.spec.timeouts
      const durations = { timeouts: { unit: `${unit}s`, total: `${total}s` } }
      const again = load(stringify({ ...first.cloud, spec: { ...first.cloud.spec, ...durations } }))
      expect(again).toEqual(first)
    }),
    { numRuns: 50 },
  )
})

test('no text makes it throw', () => {
  const word = fc.constantFrom(
    'apiVersion: ',
    'kind: Cloud\n',
    'spec:\n',
    '  ',
    '- ',
    ': ',
    '\n',
    '\t',
    '{',
    '}',
    '[',
    '"',
    '&a ',
    '*a',
    '!!x ',
    '---\n',
    'services',
    '1',
    '~',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      const result = load(words.join(''))
      if (!result.ok) expect(result.diagnostics.length).toBeGreaterThan(0)
    }),
    { numRuns: 500 },
  )
})

test.each([
  [
    'an empty text',
    '',
    ['1:1 : the document is empty; it begins with "apiVersion: croque.dev/v1alpha1" and "kind: Cloud"'],
  ],
  ['a list', '- a', ['1:1 : must be a map of keys and values, not a list']],
  ['no kind', 'apiVersion: croque.dev/v1alpha1', ['1:1 kind: "kind" is missing: kind: Cloud']],
  ['two documents', `${header}---\n${header}`, ['3:1 : a second document begins here; a file describes one Cloud']],
  ['a tab', `${header}spec:\n\tsize: tiny`, ['4:1 : a tab cannot indent; use spaces']],
  ['an open quote', `${header}metadata: {name: "x`, ['3:20 : a closing quote, bracket or ":" is missing']],
  [
    'an alias of nothing',
    `${header}metadata: *a`,
    ['3:11 : an alias must name an anchor that stands before it, and not hold itself'],
  ],
  [
    'an alias in itself',
    `${header}spec: &a {services: *a}`,
    ['3:21 : an alias must name an anchor that stands before it, and not hold itself'],
  ],
  ['a key twice', `${header}kind: Cloud`, ['3:1 : this key stands here a second time; one of the two would be lost']],
])('of the text: %s', (_case, text, expected) => {
  expect(told(load(text))).toEqual(expect.arrayContaining(expected))
  expect(load(text).ok).toBe(false)
})

test.each([
  [
    'yes',
    '{services: {nova: {enabled: yes}}}',
    'must be true or false, not "yes"; since YAML 1.2 that is a text: write true',
  ],
  [
    'off',
    '{services: {nova: {enabled: off}}}',
    'must be true or false, not "off"; since YAML 1.2 that is a text: write false',
  ],
  ['a release without quotes', '{release: 2026.1}', '2026.1 is read as a number here; put it in quotes: "2026.1"'],
  ['a number in quotes', '{underlay: {nodes: "2"}}', 'must be a whole number, not "2"; leave the quotes out: 2'],
  ['a number for a text', '{region: 1}', 'must be text, not 1; put it in quotes: "1"'],
  ['a date', '{underlay: {nodes: 2026-04-01}}', 'must be a whole number, not "2026-04-01"; a date is a text'],
  ['nothing', '{services: }', 'nothing stands here; it must be a map of keys and values, or the key be left out'],
  [
    'a network with host bits',
    '{networks: {provider: {cidr: 10.0.0.1/24}}}',
    'must be an IPv4 network, such as 172.24.4.0/24, with no host bits set, not "10.0.0.1/24"',
  ],
  ['a planned underlay', '{underlay: {type: hosts}}', '"hosts" is planned, and not in this version'],
  [
    'a duration without unit',
    '{timeouts: {unit: "15"}}',
    'must be a duration with its unit, such as 90s, 15m or 1h30m, not "15"',
  ],
  ['a duration that no timer counts', '{timeouts: {total: 800h}}', 'must be at most 168h, a week, not "800h"'],
  ['an unknown role', '{nodeRoles: {comptue: {}}}', 'there is no "comptue" here'],
])('of one field: %s', (_case, spec, message) => {
  const result = load(`${header}spec: ${spec}\n`)
  expect(told(result).map((line) => line.replace(/^\S+ \S* /, ''))).toEqual([message])
})

test('octal numbers are explained, and let pass where a number may stand', () => {
  expect(told(load(`${header}spec: {underlay: {apiPort: 07443}}`))).toEqual([
    '3:28 : 07443 is read as the number 7443, not octal 3875; put it in quotes to keep its text, or write 0o for octal',
  ])
})

test('an alias leads to the place where its value stands', () => {
  const text = `${header}spec:\n  services:\n    nova: &all {replicas: many}\n    keystone: *all\n`
  expect(told(load(text)).map((line) => line.split(' ').slice(0, 2))).toEqual([
    ['5:27', 'spec.services.nova.replicas:'],
    ['5:27', 'spec.services.keystone.replicas:'],
  ])
})

test('aliases of aliases are refused before they fill the memory', () => {
  const levels = Array.from(
    { length: 9 },
    (_, index) =>
      `  x${index}: &x${index} [${Array(9)
        .fill(index === 0 ? '1' : `*x${index - 1}`)
        .join(', ')}]`,
  )
  expect(told(load(`${header}spec:\n${levels.join('\n')}\n`))).toEqual(['1:1 : too many aliases of aliases'])
})
