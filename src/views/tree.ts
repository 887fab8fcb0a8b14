/**
 * The live tree in a terminal. Lines that stay (changes, warnings, failures) scroll up; below them the board is drawn again
 * at most ten times a second. The cursor always stands below the board, so whatever ends the program leaves a clean screen.
 * What a run ends with stands below the last drawing, which is whole.
 */
import { stripVTControlCharacters } from 'node:util'
import type { ChangeEvent, StampedEvent } from '../engine/index.ts'
import { createBoard } from './board.ts'
import { type Color, paint } from './color.ts'
import { draw, spinnerPause } from './draw.ts'
import { createTelling, type Told } from './telling.ts'
import type { View, ViewOptions } from './view.ts'
import { widthOf } from './width.ts'

const redrawEvery = 100
const synchronized = { begin: '\x1b[?2026h', end: '\x1b[?2026l' }

export function treeView(options: Omit<ViewOptions, 'kind' | 'error'>): View {
  const { out, size, color, verbose, now } = options
  const board = createBoard()
  const telling = createTelling({ verbose })
  let above: string[] = []
  let silent = true
  let drawn: readonly string[] = []
  let drawnAt = 0
  let timer: NodeJS.Timeout | undefined

  const write = (rows: number): void => {
    clearTimeout(timer)
    const { columns } = size()
    const back = rowsOf(drawn, columns)
    drawn = draw(board, { columns, rows, color, now: now() })
    const text = [...above, ...drawn].map((line) => `${line}\n`).join('')
    out(`${synchronized.begin}${back === 0 ? '' : `\x1b[${back}A\r\x1b[0J`}${text}${synchronized.end}`)
    above = []
    drawnAt = now()
  }
  const redraw = (): void => {
    write(size().rows - 1)
    timer = setTimeout(redraw, spinnerPause).unref()
  }
  const soon = (): void => {
    clearTimeout(timer)
    const due = drawnAt + redrawEvery - now()
    if (due <= 0) redraw()
    else timer = setTimeout(redraw, due).unref()
  }
  /** Leaves the board as it is now above all that comes. */
  const settle = (): void => {
    if (drawn.length === 0 && above.length === 0) return
    board.stop(now())
    write(Number.POSITIVE_INFINITY)
    drawn = []
    silent = false
  }
  const print = (told: Told): void => {
    const text = paintTold(told, color)
    if (told.kind === 'end' || told.kind === 'error') settle()
    if (board.groups.size === 0 || told.kind === 'end' || told.kind === 'error') {
      out(`${told.kind === 'end' && !silent ? '\n' : ''}${text}\n`)
      silent = false
    } else above.push(...text.split('\n'))
  }

  return {
    show(event) {
      board.apply(event)
      const all = telling.tell(event).filter(({ kind }) => kind !== 'stopped')
      for (const told of isRoutine(event) && !verbose ? [] : all) print(told)
      if (event.type === 'unit' || above.length > 0) soon()
    },
    close() {
      for (const told of telling.rest()) print(told)
      settle()
      clearTimeout(timer)
    },
  }
}

const isRoutine = (event: StampedEvent): boolean => event.type === 'change' && isMaking(event)

/** Hundreds of objects are made by a first run; the board tells of them by what they belong to. */
const isMaking = ({ action, planned, reason }: ChangeEvent): boolean =>
  action === 'created' && !planned && reason === undefined

const colors: Readonly<Partial<Record<Told['kind'], Color>>> = {
  phase: 'bold',
  error: 'red',
  failure: 'red',
  log: 'dim',
}

/** Every line is painted by itself: the board is drawn between lines. */
function paintTold({ kind, text }: Told, on: boolean): string {
  const color = colors[kind]
  if (color === undefined) return text
  return text
    .split('\n')
    .map((line) => paint(line, color, on))
    .join('\n')
}

/** Rows that lines take once the terminal has been made narrower. */
const rowsOf = (lines: readonly string[], columns: number): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / columns)), 0)
