import { expect, test } from 'vitest'
import { isNewEnough } from './go-toolchain.ts'

test.each([
  ['go1.26.8', true],
  ['go1.21.0', true],
  ['go1.19.8', false],
  ['', false],
])('Go %s can switch toolchains: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected)
})
