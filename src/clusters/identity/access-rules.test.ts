import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allows, pathMatches } from './access-rules.ts'

test.each([
  ['/v1/clusters', '/v1/clusters', true],
  ['/v1/clusters', '/v1/clusters/', false],
  ['/v1/clusters/*', '/v1/clusters/a', true],
  ['/v1/clusters/*', '/v1/clusters/', false],
  ['/v1/clusters/*', '/v1/clusters/a/b', false],
  ['/v1/clusters/{cluster}', '/v1/clusters/a', true],
  ['/v1/clusters/{cluster}/actions/resize', '/v1/clusters/a/actions/resize', true],
  ['/v1/clusters/{cluster}/actions/resize', '/v1/clusters/a/b/actions/resize', false],
  ['/v1/**', '/v1/clusters/a/b', true],
  ['/v1/**', '/v1/', true],
  ['/v1/**', '/v2/', false],
  ['/v1/**/resize', '/v1/clusters/a/actions/resize', true],
  ['/v1/cl*s', '/v1/clusters', true],
  ['/v1/cl*s', '/v1/cls', false],
  ['**', '', true],
  ['/v1/a.b', '/v1/aXb', false],
  ['/v1/(a+)+', '/v1/aaa', false],
  ['', '/v1', false],
])('%s and %s: %s', (pattern, path, expected) => {
  expect(pathMatches(path, pattern)).toBe(expected)
})

test('what a regular expression of the same meaning says', () => {
  const piece = fc.constantFrom('*', '**', '{x}', '/', 'a', 'b', '/v1', '.')
  const pattern = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
  const path = fc.array(fc.constantFrom('/', 'a', 'b', '/v1', '.'), { maxLength: 10 }).map((pieces) => pieces.join(''))
  const regex = (text: string): RegExp => {
    const source = text.replaceAll(/\{[^}]*\}|\*\*|\*|\./g, (found) =>
      found === '**' ? '.*' : found === '.' ? '\\.' : '[^/]+',
    )
    return new RegExp(`^${source}$`)
  }
  fc.assert(
    fc.property(pattern, path, (one, other) => {
      expect(pathMatches(other, one)).toBe(regex(one).test(other))
    }),
  )
})

test('a pattern that a regular expression would choke on has its answer', () => {
  expect(pathMatches(`${'a'.repeat(2000)}!`, `${'**a'.repeat(60)}x`)).toBe(false)
})

const rule = { service: 'container-infra', method: 'GET', path: '/v1/clusters' }
const asked = { method: 'GET', path: '/v1/clusters' }

test.each([
  ['no rules at all: anything', { services: [] }, true],
  ['an empty list: nothing', { accessRules: [], services: ['container-infra'] }, false],
  ['the rule', { accessRules: [rule], services: ['container-infra'] }, true],
  ['a service that the catalog does not know', { accessRules: [rule], services: ['compute'] }, false],
  ['another method', { accessRules: [{ ...rule, method: 'POST' }], services: ['container-infra'] }, false],
  ['another service', { accessRules: [{ ...rule, service: 'compute' }], services: ['container-infra'] }, false],
])('%s', (_, facts, expected) => {
  expect(allows(facts, 'container-infra', asked)).toBe(expected)
})
