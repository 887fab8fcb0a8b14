/** What the live tree knows: the units by group, taken from events. */
import type { StampedEvent, UnitEvent, UnitState } from '../engine/index.ts'
import { createFailures, type Failures } from './failures.ts'
import { oneLine } from './width.ts'

export interface BoardUnit {
  readonly id: string
  /** The id without its group. */
  readonly label: string
  /** `stopped`: it was at work when the run ended, or when another one failed. */
  readonly state: UnitState | 'stopped'
  /** What it does, waits for, or ended with; one line. */
  readonly text: string
  readonly needs: readonly string[]
  /** The failed unit because of which it is skipped. */
  readonly cause?: string
  /** Milliseconds since 1970. */
  readonly began?: number
  readonly ended?: number
}

export interface Board {
  /** In the order in which they appeared. */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, BoardUnit>>
  apply(event: StampedEvent): void
  /** The run has ended: nothing is at work any more. */
  stop(at: number): void
}

export function createBoard(): Board {
  const groups = new Map<string, Map<string, BoardUnit>>()
  const failures = createFailures()
  return {
    groups,
    apply(event) {
      if (event.type !== 'unit') return
      const group = groups.get(event.group) ?? new Map<string, BoardUnit>()
      groups.set(event.group, group)
      group.set(event.unit, advance(group.get(event.unit), event, failures))
    },
    stop(at) {
      for (const group of groups.values()) {
        for (const [id, unit] of group) if (isAtWork(unit)) group.set(id, { ...unit, state: 'stopped', ended: at })
      }
    },
  }
}

export const isAtWork = ({ state }: BoardUnit): boolean => state === 'running' || state === 'waiting'

type Stamped = UnitEvent & { readonly at: number }

function advance(before: BoardUnit | undefined, event: Stamped, failures: Failures): BoardUnit {
  const { unit, group, at } = event
  const now = { ...outcome(event, failures), id: unit }
  const active = event.state === 'running' || event.state === 'waiting'
  const began = before?.began ?? (active ? at : undefined)
  return {
    ...now,
    label: unit.startsWith(`${group}/`) ? unit.slice(group.length + 1) : unit,
    needs: event.state === 'pending' ? event.needs : (before?.needs ?? []),
    ...(began === undefined ? {} : { began }),
    ...(active || event.state === 'pending' ? {} : { ended: at }),
  }
}

function outcome(event: Stamped, failures: Failures): Pick<BoardUnit, 'state' | 'text' | 'cause'> {
  const { state } = event
  switch (state) {
    case 'pending':
      return { state, text: '' }
    case 'waiting':
      return { state, text: `waits for ${oneLine(event.reason)}` }
    case 'running':
    case 'done':
      return { state, text: oneLine(event.message ?? '') }
    case 'skipped':
      return { state, text: '', cause: event.cause }
    case 'failed': {
      const failure = failures.classify(event.unit, event.problem)
      if (failure.kind === 'failed') return { state, text: oneLine(event.problem.what) }
      return { state: 'stopped', text: failure.kind === 'stopped' ? `stopped, because ${failure.cause} failed` : '' }
    }
  }
}
