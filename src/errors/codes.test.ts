import { expect, test } from 'vitest'
import { codes } from './index.ts'

test('the table of codes is sorted, and every code says in a sentence what to do', () => {
  expect(Object.keys(codes)).toEqual(Object.keys(codes).sort())
  for (const [code, { title, next }] of Object.entries(codes)) {
    expect(title, code).toMatch(/^[A-Z][^.]*$/)
    expect(next, code).toMatch(/^[A-Z].*\.$/)
  }
})

test('only our own bugs ask for a report', () => {
  for (const [code, { class: kind, next }] of Object.entries(codes))
    expect(/report/i.test(next), code).toBe(kind === 'bug')
})
