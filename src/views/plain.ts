/** Plain lines for pipes and logs: one a change of state, each with the time since the start. */
import type { StampedEvent, UnitEvent } from '../engine/index.ts'
import { changeText, diagnosticText, duration, findingText, finishText, problemText, timingText } from './text.ts'
import type { View, ViewOptions } from './view.ts'

export function plainView(options: Pick<ViewOptions, 'out' | 'error' | 'verbose'>): View {
  const { out, error, verbose } = options
  const units = unitLines()
  let began: number | undefined
  const lines = (at: number, texts: readonly string[]): void => {
    const clock = `[${duration((at - (began ?? at)) / 1000).padStart(7)}]`
    for (const text of texts) out(`${clock} ${text}\n`)
  }
  return {
    show(event) {
      began ??= event.at
      if (event.type === 'unit') lines(event.at, units(event))
      else if (event.type === 'error') error(problemText(event))
      else if (event.type === 'diagnostic') error(diagnosticText(event))
      else if (event.type === 'log') lines(event.at, verbose ? [`${event.unit} | ${event.line}`] : [])
      else if (event.type === 'timing' || event.type === 'run-finished')
        for (const text of linesOf(event)) out(`${text}\n`)
      else lines(event.at, linesOf(event))
    },
    close: () => undefined,
  }
}

/** Lines of the events that both text views print the same way. */
export function linesOf(event: StampedEvent): readonly string[] {
  switch (event.type) {
    case 'phase':
      return [`== ${event.title}`]
    case 'change':
      return event.action === 'unchanged' ? [] : changeText(event)
    case 'notice':
      return [event.level === 'warning' ? `warning: ${event.message}` : event.message]
    case 'finding':
      return findingText(event)
    case 'timing':
      return timingText(event)
    case 'run-finished':
      return finishText(event)
    case 'run-started':
    case 'unit':
    case 'log':
    case 'data':
    case 'error':
    case 'diagnostic':
      return []
  }
}

/** Least time between two lines of progress of one unit, milliseconds: programs that install or compile say a line a moment. */
const progressPause = 5000

/** A unit's line, when it says something new. */
function unitLines(): (event: UnitEvent & { readonly at: number }) => readonly string[] {
  const began = new Map<string, number>()
  const last = new Map<string, { readonly text: string; readonly at: number }>()
  return (event) => {
    if (event.state === 'running' || event.state === 'waiting') began.set(event.unit, began.get(event.unit) ?? event.at)
    const text = unitText(event, (event.at - (began.get(event.unit) ?? event.at)) / 1000)
    const before = last.get(event.unit)
    if (text === undefined || before?.text === text) return []
    if (event.state === 'running' && event.at - (before?.at ?? Number.NEGATIVE_INFINITY) < progressPause) return []
    last.set(event.unit, { text, at: event.at })
    return text.split('\n').map((line, index) => (index === 0 ? `${event.unit}: ${line}` : line))
  }
}

function unitText(event: UnitEvent, seconds: number): string | undefined {
  switch (event.state) {
    case 'pending':
      return undefined
    case 'waiting':
      return `waits for ${event.reason}`
    case 'running':
      return event.message ?? 'running'
    case 'done':
      return `done in ${duration(seconds)}${event.message === undefined ? '' : `: ${event.message}`}`
    case 'failed':
      return `failed after ${duration(seconds)}\n${problemText(event.problem).trimEnd()}`
    case 'skipped':
      return `skipped, because ${event.cause} failed`
  }
}
