/** What a run is at, from the events of its units: told when it has to end before them. */
import type { CroqueEvent } from './events.ts'

export interface OpenWork {
  observe(event: CroqueEvent): void
  /** `nova/api: Deployment nova-api: 0 of 1 Pod ready`: what waits before what works, in the order in which it began. */
  lines(): readonly string[]
}

interface Doing {
  readonly waits: boolean
  readonly text: string
}

export function openWork(): OpenWork {
  const open = new Map<string, Doing>()
  return {
    observe(event) {
      if (event.type !== 'unit' || event.state === 'pending') return
      if (event.state === 'waiting') open.set(event.unit, { waits: true, text: `waits for ${event.reason}` })
      else if (event.state === 'running') open.set(event.unit, { waits: false, text: event.message ?? 'at work' })
      else open.delete(event.unit)
    },
    lines: () =>
      [...open].sort(([, a], [, b]) => Number(b.waits) - Number(a.waits)).map(([unit, { text }]) => `${unit}: ${text}`),
  }
}
