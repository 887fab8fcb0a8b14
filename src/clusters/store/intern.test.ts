import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createIntern } from './intern.ts'

test('nothing reads differently', () => {
  const intern = createIntern(3)
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // Without prototypes that only structuredClone loses.
      const text = JSON.stringify(value)
      expect(JSON.stringify(intern(JSON.parse(text)))).toBe(text)
    }),
  )
})

test('what is empty is kept once, and cannot be changed', () => {
  const intern = createIntern()
  const [one, other] = [intern({ labels: {}, list: [] }), intern({ labels: {}, list: [] })] as {
    labels: Record<string, string>
    list: string[]
  }[]
  expect(one?.labels).toBe(other?.labels)
  expect(one?.list).toBe(other?.list)
  expect(() => one?.list.push('x')).toThrow(TypeError)
})
