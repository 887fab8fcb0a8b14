/** Text in the columns of a terminal: how wide it is, cut and padded to a width, and freed of what would move the cursor. */
import { stripVTControlCharacters } from 'node:util'

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

const widthOfCharacter = (character: string): number => {
  if (/^\p{M}/u.test(character) || character === '\u200d') return 0
  return wide.test(character) ? 2 : 1
}

/** Columns that the text takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += widthOfCharacter(character)
  return width
}

/** At most so many columns, with `…` where something is cut off. */
export function clip(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  let left = columns - 1
  for (const character of text) {
    left -= widthOfCharacter(character)
    if (left < 0) break
    kept += character
  }
  return columns <= 0 ? '' : `${kept.trimEnd()}…`
}

/** Like {@link clip}, for what says the most at its end (`Deployment a: Pod b: why: 3 s`): its first parts give way to a `…`. */
export function clipParts(text: string, columns: number): string {
  // A duration alone says nothing.
  const parts = text.split(/(?<=[:;]) (?!\d+ s$)/)
  for (let first = 0; first < parts.length; first++) {
    const rest = `${first === 0 ? '' : '… '}${parts.slice(first).join(' ')}`
    if (widthOf(rest) <= columns || first === parts.length - 1) return clip(rest, columns)
  }
  return ''
}

/** Exactly so many columns. */
export function cell(text: string, columns: number): string {
  const cut = clip(text, columns)
  return cut + ' '.repeat(Math.max(0, columns - widthOf(cut)))
}

/** Without escape sequences and control characters but line ends and tabs: programs write them for terminals of their own. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
}

/** As one line. */
export const oneLine = (text: string): string => printable(text).replaceAll(/\s+/g, ' ').trim()
