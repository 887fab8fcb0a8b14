/** How a text of several lines differs from another: what a person reads, without secrets. Pure. */
import { maskLines } from '../secrecy/index.ts'

interface Edit {
  readonly kind: ' ' | '-' | '+'
  readonly text: string
}

/** Unchanged lines shown on either side of a change where no section says where it is. */
const context = 2
/** Changed lines that are shown of one text. */
const most = 100
/** Above so many pairs of lines to compare, the texts count as different from end to end: no configuration file comes near. */
const tooMany = 4_000_000

/**
 * Changed lines as `- line` and `+ line`, in order. Lines around them begin with two blanks: the header of the section
 * (`[DEFAULT]`) where the text has such, else up to two unchanged lines, with `…` where others are left out.
 */
export function lineDiff(before: string, after: string): readonly string[] {
  const edits = editsOf(linesOf(before, after), linesOf(after, before))
  const shown = edits.some(({ text }) => isHeader(text)) ? bySection(edits) : withContext(edits)
  const lines = shown.map(({ kind, text }) => (text === '' ? kind : `${kind} ${text}`))
  const left = lines.length - most
  return left <= 0 ? lines : [...lines.slice(0, most), `  … ${left} more ${left === 1 ? 'line' : 'lines'}`]
}

/** How many lines a text has. */
export const lineCount = (text: string): number => text.replace(/\n$/, '').split('\n').length

const isHeader = (line: string): boolean => /^\[\w[\w:. /-]*\]\s*$/.test(line)

/** Told of a last line that does not end while that of the other text does, or they would look alike. */
const unended = ' (no line end)'

function linesOf(text: string, other: string): readonly string[] {
  const lines = text.replace(/\n$/, '').split('\n')
  const tell = !text.endsWith('\n') && other.endsWith('\n')
  return tell ? [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${unended}`] : lines
}

/** The shortest way from one list to the other, by the longest common subsequence; compared as they are, told without secrets. */
function editsOf(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const shownBefore = maskLines(before)
  const shownAfter = maskLines(after)
  const same = (i: number, j: number): boolean => before[i] === after[j]
  const lengths = tableOf(before.length, after.length, same)
  const edits: Edit[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && same(i, j)) {
      edits.push({ kind: ' ', text: shownAfter[j] ?? '' })
      i += 1
      j += 1
    } else if (i < before.length && (j >= after.length || lengths(i + 1, j) >= lengths(i, j + 1))) {
      edits.push({ kind: '-', text: shownBefore[i] ?? '' })
      i += 1
    } else {
      edits.push({ kind: '+', text: shownAfter[j] ?? '' })
      j += 1
    }
  }
  return edits
}

/** Length of the longest common subsequence of what remains from two places on. */
function tableOf(
  rows: number,
  columns: number,
  same: (i: number, j: number) => boolean,
): (i: number, j: number) => number {
  if (rows * columns > tooMany) return () => 0
  const width = columns + 1
  const table = new Uint32Array((rows + 1) * width)
  const at = (i: number, j: number): number => table[i * width + j] ?? 0
  for (let i = rows - 1; i >= 0; i -= 1)
    for (let j = columns - 1; j >= 0; j -= 1)
      table[i * width + j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  return at
}

function bySection(edits: readonly Edit[]): readonly Edit[] {
  let section: Edit | undefined
  let told: Edit | undefined
  return edits.flatMap((edit) => {
    if (isHeader(edit.text)) section = edit
    if (edit.kind === ' ') return []
    const first = section !== told && section !== edit && section !== undefined ? [section] : []
    told = section
    return [...first, edit]
  })
}

function withContext(edits: readonly Edit[]): readonly Edit[] {
  const near = edits.map((_, index) =>
    edits.slice(Math.max(0, index - context), index + context + 1).some(({ kind }) => kind !== ' '),
  )
  return edits.flatMap((edit, index): readonly Edit[] => {
    if (near[index] === true) return [edit]
    const between = near[index - 1] === true && near.indexOf(true, index) >= 0
    return between ? [{ kind: ' ', text: '…' }] : []
  })
}
