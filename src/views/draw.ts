/** Draws the board as lines of at most the terminal's size. Pure. */
import { type Board, type BoardUnit, unmetNeeds } from './board.ts'
import { duration } from './text.ts'

export interface DrawOptions {
  readonly columns: number
  /** Most lines to draw. */
  readonly rows: number
  readonly color: boolean
  /** Milliseconds since 1970, for running times and the spinner. */
  readonly now: number
}

type Color = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold'

interface Line {
  readonly text: string
  readonly color: Color
  /** Lines of a lower rank give way first when there are too many. */
  readonly rank: number
}

const codes: Readonly<Record<Color, string>> = { green: '32', red: '31', yellow: '33', cyan: '36', dim: '2', bold: '1' }
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const labelWidth = 26

/** A finished group is one line; the others show what is at work, what waits and for what. */
export function draw(board: Board, options: DrawOptions): readonly string[] {
  const lines = [...board.groups].flatMap(([name, units]) => groupLines(board, name, [...units.values()], options.now))
  // biome-ignore lint/suspicious/noFocusedTests: a function of this file, no test.
  return fit(lines, options.rows).map(({ text, color }) => paint(clip(text, options.columns - 1), color, options.color))
}

export function paint(text: string, color: Color, on: boolean): string {
  return on ? `\x1b[${codes[color]}m${text}\x1b[0m` : text
}

function groupLines(board: Board, name: string, units: readonly BoardUnit[], now: number): readonly Line[] {
  const count = (state: BoardUnit['state']): number => units.filter((unit) => unit.state === state).length
  const done = count('done')
  const took = span(units, now)
  const head = (mark: string): string =>
    `${mark} ${name.padEnd(labelWidth)} ${`${done}/${units.length}`.padStart(7)}  ${took.padStart(7)}`
  if (done === units.length) return [{ text: head('✔'), color: 'green', rank: 1 }]
  const broken = count('failed') > 0 || count('skipped') > 0
  const busy = units.some((unit) => unit.state === 'running' || unit.state === 'waiting')
  const first: Line = broken
    ? { text: head('✖'), color: 'red', rank: 5 }
    : { text: head(busy ? spin(now) : '·'), color: busy ? 'bold' : 'dim', rank: busy ? 4 : 2 }
  return [first, ...units.flatMap((unit) => unitLine(board, unit, now))]
}

function unitLine(board: Board, unit: BoardUnit, now: number): readonly Line[] {
  const line = (mark: string, text: string): string => `    ${mark} ${unit.label.padEnd(labelWidth)}  ${text}`.trimEnd()
  const time = unit.began === undefined ? '' : duration(((unit.ended ?? now) - unit.began) / 1000)
  switch (unit.state) {
    case 'done':
      return []
    case 'running':
      return [{ text: line(spin(now), `${time.padStart(7)}  ${unit.text}`), color: 'cyan', rank: 4 }]
    case 'waiting':
      return [{ text: line('◌', `${time.padStart(7)}  ${unit.text}`), color: 'yellow', rank: 3 }]
    case 'failed':
      return [{ text: line('✖', `${time.padStart(7)}  ${unit.text}`), color: 'red', rank: 5 }]
    case 'skipped':
      return [{ text: line('-', unit.text), color: 'dim', rank: 0 }]
    case 'pending':
      return [{ text: line('·', `needs ${unmetNeeds(board, unit).join(', ')}`), color: 'dim', rank: 0 }]
  }
}

/** From the first to begin until the last to end, or now. */
function span(units: readonly BoardUnit[], now: number): string {
  const begins = units.flatMap((unit) => unit.began ?? [])
  if (begins.length === 0) return ''
  const busy = units.some((unit) => unit.state === 'running' || unit.state === 'waiting')
  const end = busy ? now : Math.max(...units.map((unit) => unit.ended ?? 0))
  return duration((end - Math.min(...begins)) / 1000)
}

function fit(lines: readonly Line[], rows: number): readonly Line[] {
  if (lines.length <= rows) return lines
  const kept = new Set(
    lines
      .map((line, index) => ({ line, index }))
      .sort((a, b) => b.line.rank - a.line.rank || a.index - b.index)
      .slice(0, Math.max(0, rows - 1))
      .map(({ index }) => index),
  )
  const more: Line = { text: `  … ${lines.length - kept.size} more`, color: 'dim', rank: 0 }
  return [...lines.filter((_, index) => kept.has(index)), more].slice(0, Math.max(0, rows))
}

const spin = (now: number): string => spinner[Math.floor(now / 100) % spinner.length] ?? ''

const clip = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
