/** Where the time of a run went, from the events of its units. */
import { createGraph, criticalPath } from '../dag/index.ts'
import type { StampedEvent, TimingEvent, UnitDuration } from './events.ts'

interface Measured {
  needs: readonly string[]
  began?: number
  ended?: number
}

export interface Stopwatch {
  /** Takes note of an event; anything but a unit's is passed over. */
  observe(event: StampedEvent): void
  /** The summary so far; undefined while no unit has ended. A unit's time runs from the first `waiting` or `running` to `done` or `failed`. */
  timing(): TimingEvent | undefined
}

/** Measures units as their events pass by. */
export function stopwatch(): Stopwatch {
  const units = new Map<string, Measured>()
  let beforePhase: readonly string[] = []
  return {
    observe(event) {
      if (event.type === 'phase')
        beforePhase = [...units].filter(([, { ended }]) => ended !== undefined).map(([id]) => id)
      if (event.type !== 'unit') return
      const measured = units.get(event.unit) ?? { needs: [] }
      units.set(event.unit, measured)
      // What needs nothing of its own phase needs that phase, and so all that ended before it.
      if (event.state === 'pending') measured.needs = event.needs.length === 0 ? beforePhase : event.needs
      if (event.state === 'running' || event.state === 'waiting') measured.began ??= event.at
      if (event.state === 'done' || event.state === 'failed') measured.ended = event.at
    },
    timing: () => summarize(units),
  }
}

function summarize(units: ReadonlyMap<string, Measured>): TimingEvent | undefined {
  const seconds = new Map<string, number>()
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const [unit, { began, ended }] of units) {
    if (ended === undefined) continue
    const begin = began ?? ended
    seconds.set(unit, (ended - begin) / 1000)
    first = Math.min(first, begin)
    last = Math.max(last, ended)
  }
  if (seconds.size === 0) return undefined
  const duration = (unit: string): UnitDuration => ({ unit, seconds: seconds.get(unit) ?? 0 })
  const nodes = [...seconds.keys()].map((id) => ({
    id,
    value: undefined,
    needs: (units.get(id)?.needs ?? []).filter((need) => seconds.has(need)),
  }))
  const path = criticalPath(createGraph(nodes), (id) => duration(id).seconds)
  return {
    type: 'timing',
    slowest: [...seconds.keys()]
      .map(duration)
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, 10),
    criticalPath: { units: path.ids.map(duration), seconds: path.length },
    wallSeconds: (last - first) / 1000,
  }
}
