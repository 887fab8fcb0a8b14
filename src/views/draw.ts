/** Draws the board as lines of at most the terminal's size. Pure. */
import { type Board, type BoardUnit, isAtWork } from './board.ts'
import { paint } from './color.ts'
import { fit, type Line } from './fit.ts'
import { duration } from './text.ts'
import { cell, clip, clipParts, widthOf } from './width.ts'

export interface DrawOptions {
  readonly columns: number
  /** Most lines to draw. */
  readonly rows: number
  readonly color: boolean
  /** Milliseconds since 1970, for running times and the spinner. */
  readonly now: number
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** Milliseconds that one picture of the spinner stays. */
export const spinnerPause = 200

/** Columns are fixed, so that nothing jumps when a longer name comes: those of units fit any name of the catalog. */
const groupWidth = 16
const countWidth = 7
const timeWidth = 7
const unitWidth = groupWidth + 1 + countWidth - 4

/** A group that is done or still to come is one line; the others show what is at work, what waits and for what. */
export function draw(board: Board, options: DrawOptions): readonly string[] {
  const units = new Map([...board.groups.values()].flatMap((group) => [...group]))
  const lines = [...board.groups].flatMap(([name, group]) =>
    groupLines({ name, units: [...group.values()], all: units, now: options.now }),
  )
  // biome-ignore lint/suspicious/noFocusedTests: a function of this house, no test.
  return fit(lines, options.rows).map((line) => paintLine(line, options))
}

/** The last column stays free: a terminal wraps when it is written to. */
function paintLine(
  { indent, mark, text, reason = '', color, whole }: Line,
  { columns, color: on }: DrawOptions,
): string {
  const margin = ' '.repeat(indent)
  const space = columns - 1 - indent - widthOf(mark) - 1
  const rest = clip(`${text}${clipParts(reason, Math.max(1, space - widthOf(text)))}`, space).trimEnd()
  if (whole) return paint(`${margin}${mark} ${rest}`, color, on)
  return `${margin}${paint(mark, color, on)} ${rest}`
}

interface Group {
  readonly name: string
  readonly units: readonly BoardUnit[]
  /** Units of all groups by id. */
  readonly all: ReadonlyMap<string, BoardUnit>
  readonly now: number
}

type GroupState = 'done' | 'failed' | 'busy' | 'stopped' | 'skipped' | 'pending'

const having = ({ units }: Group, state: BoardUnit['state']): readonly BoardUnit[] =>
  units.filter((unit) => unit.state === state)

function stateOf(group: Group): GroupState {
  const has = (state: BoardUnit['state']): boolean => having(group, state).length > 0
  if (having(group, 'done').length === group.units.length) return 'done'
  if (has('failed')) return 'failed'
  if (group.units.some(isAtWork)) return 'busy'
  if (has('stopped')) return 'stopped'
  return has('skipped') ? 'skipped' : 'pending'
}

function groupLines(group: Group): readonly Line[] {
  const { name, now } = group
  const state = stateOf(group)
  const head = (mark: string, look: Pick<Line, 'color' | 'whole' | 'rank'>, text = ''): Line => {
    const count = `${having(group, 'done').length}/${group.units.length}`.padStart(countWidth)
    const columns = `${cell(name, groupWidth)} ${count}  ${span(group).padStart(timeWidth)}  ${text}`
    return { indent: 0, mark, text: columns, group: { name, state }, ...look }
  }
  switch (state) {
    case 'done':
      return [head('✔', { color: 'green', whole: false, rank: 1 })]
    case 'pending':
      return [head('·', { color: 'dim', whole: true, rank: 2 }, needsText(group))]
    case 'skipped':
      return [head('-', { color: 'dim', whole: true, rank: 2 }, `skipped, ${becauseText(having(group, 'skipped'))}`)]
    case 'failed':
      return [head('✖', { color: 'red', whole: true, rank: 5 }), ...unitLines(group)]
    case 'busy':
      return [head(spin(now), { color: 'bold', whole: true, rank: 4 }), ...unitLines(group)]
    case 'stopped':
      return [head('■', { color: 'yellow', whole: false, rank: 4 }), ...unitLines(group)]
  }
}

function unitLines(group: Group): readonly Line[] {
  const [pending, skipped] = [having(group, 'pending'), having(group, 'skipped')]
  const small = { indent: 4, color: 'dim', whole: true, rank: 0 } as const
  const row = (label: string, text: string): string => `${cell(label, unitWidth)}  ${''.padStart(timeWidth)}  ${text}`
  return [
    ...group.units.flatMap((unit) => unitLine(unit, group.now)),
    ...(skipped.length === 0
      ? []
      : [{ ...small, mark: '-', text: row(`${skipped.length} skipped`, becauseText(skipped)) }]),
    ...(pending.length === 0
      ? []
      : [
          { ...small, mark: '·', text: row(`${pending.length} to come`, pending.map(({ label }) => label).join(', ')) },
        ]),
  ]
}

function unitLine(unit: BoardUnit, now: number): readonly Line[] {
  const time = unit.began === undefined ? '' : duration(((unit.ended ?? now) - unit.began) / 1000)
  const columns = `${cell(unit.label, unitWidth)}  ${time.padStart(timeWidth)}  `
  const text = `${columns}${unit.text}`
  switch (unit.state) {
    case 'running':
      return [{ indent: 4, mark: spin(now), text, color: 'cyan', whole: false, rank: 4 }]
    case 'waiting':
      return [{ indent: 4, mark: '◌', text: columns, reason: unit.text, color: 'yellow', whole: false, rank: 3 }]
    case 'failed':
      return [{ indent: 4, mark: '✖', text, color: 'red', whole: true, rank: 5 }]
    case 'stopped':
      return [{ indent: 4, mark: '■', text: columns, reason: unit.text, color: 'yellow', whole: false, rank: 3 }]
    case 'done':
    case 'skipped':
    case 'pending':
      return []
  }
}

/** What the pending units of a group wait for outside of it: what is at work or failed, else whatever is not done. */
function needsText(group: Group): string {
  const pending = having(group, 'pending')
  const own = new Set(pending.map(({ id }) => id))
  const unmet = [...new Set(pending.flatMap(({ needs }) => needs))].filter(
    (id) => !own.has(id) && group.all.get(id)?.state !== 'done',
  )
  const first = unmet.filter((id) => group.all.get(id)?.state !== 'pending')
  const named = first.length > 0 ? first : unmet
  return named.length === 0 ? '' : `needs ${shortList(named)}`
}

const becauseText = (units: readonly BoardUnit[]): string =>
  `because ${shortList([...new Set(units.flatMap(({ cause }) => cause ?? []))])} failed`

const shortList = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`

/** From the first to begin until the last to end, or now. */
function span({ units, now }: Group): string {
  const begins = units.flatMap((unit) => unit.began ?? [])
  if (begins.length === 0) return ''
  const end = units.some(isAtWork) ? now : Math.max(...units.map((unit) => unit.ended ?? 0))
  return duration((end - Math.min(...begins)) / 1000)
}

const spin = (now: number): string => spinner[Math.floor(now / spinnerPause) % spinner.length] ?? ''
