/** The place of a diagnostic as a person sees it. */
import { maskLines } from '../secrecy/index.ts'
import type { Place } from './diagnostics.ts'

/** Columns of the document that are shown. */
const width = 100

/** The line of the document with its number, and a caret below the place; without secrets. Undefined where nothing stands. */
export function excerpt(text: string, { line, column }: Place): string | undefined {
  const lines = text.split(/\r\n|\n/).slice(0, line)
  const source = lines.at(line - 1) ?? ''
  if (source.trim() === '') return undefined
  const masked = (maskLines(lines).at(-1) ?? '').replaceAll('\t', ' ')
  // What is masked before the place moves it.
  const before = (maskLines([...lines.slice(0, -1), source.slice(0, column - 1)]).at(-1) ?? '').replaceAll('\t', ' ')
  const isBehind = masked.startsWith(before) && masked.length > before.length
  const place = isBehind ? before.length : Math.min(column - 1, masked.length)
  const first = place < width ? 0 : place - width / 2
  const margin = `  ${line} | `
  const left = first === 0 ? '' : '…'
  const shown = `${margin}${left}${masked.slice(first, first + width)}`
  return `${shown}\n${' '.repeat(margin.length - 2)}| ${' '.repeat(left.length + place - first)}^`
}
