/** Makes the lines of the board fewer when the terminal is too small for all of them. Pure. */
import type { Color } from './color.ts'

export interface Line {
  readonly indent: number
  readonly mark: string
  readonly text: string
  /** Stands after the text; says the most at its end. */
  readonly reason?: string
  readonly color: Color
  /** Colours the whole line; else only the mark. */
  readonly whole: boolean
  /** Lines of a lower rank give way first when nothing else helps. */
  readonly rank: number
  /** Of the first line of a group. */
  readonly group?: { readonly name: string; readonly state: string }
}

/** Details go first, then groups that are done, to come or skipped become one line each, then the lines of lowest rank give way. */
export function fit(lines: readonly Line[], rows: number): readonly Line[] {
  const steps = [
    (all: readonly Line[]) => all.filter(({ rank }) => rank > 0),
    together('done', '✔', 'done', 'green'),
    together('pending', '·', 'to come', 'dim'),
    together('skipped', '-', 'skipped', 'dim'),
  ]
  const fewer = steps.reduce((all, step) => (all.length <= rows ? all : step(all)), lines)
  return fewer.length <= rows ? fewer : cut(fewer, rows)
}

/** One line at the place of the first, with the names of all. */
function together(
  state: string,
  mark: string,
  word: string,
  color: Color,
): (lines: readonly Line[]) => readonly Line[] {
  return (lines) => {
    const groups = lines.flatMap(({ group }) => (group?.state === state ? group.name : []))
    const text = `${groups.length} ${word}: ${groups.join(', ')}`
    const summary: Line = { indent: 0, mark, text, color, whole: color === 'dim', rank: 1 }
    let told = false
    return lines.flatMap((line) => {
      if (line.group?.state !== state) return [line]
      if (told) return []
      told = true
      return [summary]
    })
  }
}

function cut(lines: readonly Line[], rows: number): readonly Line[] {
  const kept = new Set(lines.toSorted((a, b) => b.rank - a.rank).slice(0, Math.max(0, rows - 1)))
  const text = `${lines.length - kept.size} more`
  const more: Line = { indent: 2, mark: '…', text, color: 'dim', whole: true, rank: 0 }
  return [...lines.filter((line) => kept.has(line)), more].slice(0, Math.max(0, rows))
}
