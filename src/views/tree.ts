/**
 * The live tree in a terminal. Lines that stay (changes, warnings, failures) scroll up; below them the board is drawn again
 * at most ten times a second. The cursor always stands below the board, so whatever ends the program leaves a clean screen.
 */
import type { StampedEvent } from '../engine/index.ts'
import { createBoard } from './board.ts'
import { draw, paint } from './draw.ts'
import { linesOf } from './plain.ts'
import { diagnosticText, problemText } from './text.ts'
import type { View, ViewOptions } from './view.ts'

const redrawEvery = 100
const tickEvery = 500
const synchronized = { begin: '\x1b[?2026h', end: '\x1b[?2026l' }

export function treeView(options: Omit<ViewOptions, 'kind'>): View {
  const { out, size, color, verbose, now } = options
  const board = createBoard()
  let above: string[] = []
  let drawn = 0
  let drawnAt = 0
  let timer: NodeJS.Timeout | undefined

  const redraw = (): void => {
    clearTimeout(timer)
    const { columns, rows } = size()
    const lines = draw(board, { columns, rows: rows - 1, color, now: now() })
    const back = drawn === 0 ? '' : `\x1b[${drawn}A\r\x1b[0J`
    const text = [...above, ...lines].map((line) => `${line}\n`).join('')
    out(`${synchronized.begin}${back}${text}${synchronized.end}`)
    above = []
    drawn = lines.length
    drawnAt = now()
    timer = lines.length === 0 ? undefined : setTimeout(redraw, tickEvery).unref()
  }
  const soon = (): void => {
    clearTimeout(timer)
    const due = drawnAt + redrawEvery - now()
    if (due <= 0) redraw()
    else timer = setTimeout(redraw, due).unref()
  }

  return {
    show(event) {
      board.apply(event)
      above.push(...linesAbove(event, { color, verbose }))
      if (event.type === 'unit' || above.length > 0) soon()
    },
    close() {
      if (board.groups.size > 0 || above.length > 0) redraw()
      clearTimeout(timer)
    },
  }
}

function linesAbove(event: StampedEvent, { color, verbose }: { color: boolean; verbose: boolean }): readonly string[] {
  switch (event.type) {
    case 'phase':
      return [paint(event.title, 'bold', color)]
    case 'error':
      return split(paint(problemText(event).trimEnd(), 'red', color))
    case 'diagnostic':
      return split(diagnosticText(event).trimEnd())
    case 'log':
      return verbose ? [paint(`${event.unit} | ${event.line}`, 'dim', color)] : []
    case 'unit':
      return event.state === 'failed'
        ? split(paint(`${event.unit}: ${problemText(event.problem).trimEnd()}`, 'red', color))
        : []
    default:
      return linesOf(event)
  }
}

const split = (text: string): readonly string[] => text.split('\n')
