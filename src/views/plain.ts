/** Plain lines for pipes and logs: one a change of state, each with the time since the start. */
import type { UnitEvent } from '../engine/index.ts'
import { createTelling, type Told } from './telling.ts'
import { duration } from './text.ts'
import type { View, ViewOptions } from './view.ts'
import { oneLine } from './width.ts'

export function plainView({ out, error, verbose }: Pick<ViewOptions, 'out' | 'error' | 'verbose'>): View {
  const telling = createTelling({ verbose })
  const progress = createProgress()
  let began: number | undefined
  let last = 0
  const clocked = (text: string): void => {
    const clock = `[${duration((last - (began ?? last)) / 1000).padStart(7)}]`
    for (const line of text.split('\n')) out(`${clock} ${line}\n`)
  }
  const print = ({ kind, text }: Told): void => {
    if (kind === 'error' || kind === 'diagnostic') error(`${text}\n`)
    else if (kind === 'end') out(`${text}\n`)
    else clocked(kind === 'phase' ? `== ${text}` : text)
  }
  return {
    show(event) {
      began ??= event.at
      last = event.at
      const ends = event.type === 'error' || event.type === 'run-finished'
      for (const line of ends ? [] : progress.due(event.at)) clocked(line)
      for (const told of telling.tell(event)) print(told)
      if (event.type === 'unit') for (const line of progress.take(event)) clocked(line)
    },
    close() {
      for (const told of telling.rest()) print(told)
    },
  }
}

/** Least time between two lines of progress of one unit, milliseconds: programs that install or compile say a line a moment. */
const progressPause = 5000

interface Progress {
  /** The lines that a unit's event is worth. */
  take(event: UnitEvent & { readonly at: number }): readonly string[]
  /** Lines that were held back and whose time has come. */
  due(at: number): readonly string[]
}

interface Said {
  text: string
  /** When the last line of progress was shown; any other state may be followed by one at once. */
  progressAt: number
  /** What would have been shown but for the pause. */
  held?: string
}

function createProgress(): Progress {
  const began = new Map<string, number>()
  const said = new Map<string, Said>()
  return {
    due(at) {
      return [...said].flatMap(([unit, one]) => {
        if (one.held === undefined || at - one.progressAt < progressPause) return []
        said.set(unit, { text: one.held, progressAt: at })
        return [`${unit}: ${one.held}`]
      })
    },
    take(event) {
      const { unit, state, at } = event
      if (state === 'running' || state === 'waiting') began.set(unit, began.get(unit) ?? at)
      const text = unitText(event, (at - (began.get(unit) ?? at)) / 1000)
      const before = said.get(unit)
      const progressAt = before?.progressAt ?? Number.NEGATIVE_INFINITY
      if (text === undefined) said.delete(unit)
      if (text === undefined) return []
      const isProgress = state === 'running' && event.message !== undefined
      if (before?.text !== text && isProgress && at - progressAt < progressPause) {
        said.set(unit, { text: before?.text ?? '', progressAt, held: text })
        return []
      }
      said.set(unit, { text, progressAt: isProgress && before?.text !== text ? at : progressAt })
      return before?.text === text ? [] : [`${unit}: ${text}`]
    },
  }
}

/** Undefined where the unit's line is nobody's or told elsewhere. */
function unitText(event: UnitEvent, seconds: number): string | undefined {
  switch (event.state) {
    case 'pending':
    case 'failed':
      return undefined
    case 'waiting':
      return `waits for ${oneLine(event.reason)}`
    case 'running':
      return oneLine(event.message ?? 'running')
    case 'done':
      return `done in ${duration(seconds)}${event.message === undefined ? '' : `: ${oneLine(event.message)}`}`
    case 'skipped':
      return `skipped, because ${event.cause} failed`
  }
}
