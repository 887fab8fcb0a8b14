/** JSON lines: every event as it is, with its time; the last one is the result. */
import type { StampedEvent } from '../engine/index.ts'
import type { View, ViewOptions } from './view.ts'

export function jsonView({ out, verbose }: Pick<ViewOptions, 'out' | 'verbose'>): View {
  return {
    show(event) {
      if (event.type === 'log' && !verbose) return
      out(`${JSON.stringify(lineOf(event))}\n`)
    },
    close: () => undefined,
  }
}

function lineOf(event: StampedEvent): Readonly<Record<string, unknown>> {
  const { at, type, ...rest } = event
  if (type === 'run-finished') return { type: 'result', ...rest }
  return { type, time: new Date(at).toISOString(), ...rest }
}
