import { expect, test } from 'vitest'
import { noteText, parseNote, union } from './note.ts'

test('a note reads as it was written', () => {
  const note = { at: '2026-11-28T16:00:00.000Z', versions: { clusters: '12', nodegroups: '7' } }
  expect(parseNote(noteText(note))).toEqual(note)
})

test.each(['', '{', 'null', '{"at":"x"}', '{"at":"x","versions":{"clusters":"newest"}}'])('%j is no note', (text) => {
  expect(parseNote(text)).toBeUndefined()
})

test('of every kind the latest version counts, as a number', () => {
  expect(union([{ a: '99', b: '5' }, {}, { a: '100', c: '1' }, { b: '4' }])).toEqual({ a: '100', b: '5', c: '1' })
})
