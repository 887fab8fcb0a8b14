/** What the live tree knows: the units by group, taken from events. */
import type { StampedEvent, UnitEvent, UnitState } from '../engine/index.ts'

export interface BoardUnit {
  readonly id: string
  /** The id without its group. */
  readonly label: string
  readonly state: UnitState
  /** What it does, waits for, or ended with. */
  readonly text: string
  readonly needs: readonly string[]
  /** Milliseconds since 1970. */
  readonly began?: number
  readonly ended?: number
}

export interface Board {
  /** In the order in which they appeared. */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, BoardUnit>>
  apply(event: StampedEvent): void
}

export function createBoard(): Board {
  const groups = new Map<string, Map<string, BoardUnit>>()
  return {
    groups,
    apply(event) {
      if (event.type !== 'unit') return
      const group = groups.get(event.group) ?? new Map<string, BoardUnit>()
      groups.set(event.group, group)
      group.set(event.unit, advance(group.get(event.unit), event))
    },
  }
}

function advance(before: BoardUnit | undefined, event: UnitEvent & { readonly at: number }): BoardUnit {
  const { unit, group, state, at } = event
  const active = state === 'running' || state === 'waiting'
  const began = before?.began ?? (active ? at : undefined)
  const ended = state === 'done' || state === 'failed' || state === 'skipped' ? at : undefined
  return {
    id: unit,
    label: unit.startsWith(`${group}/`) ? unit.slice(group.length + 1) : unit,
    state,
    text: textOf(event),
    needs: state === 'pending' ? event.needs : (before?.needs ?? []),
    ...(began === undefined ? {} : { began }),
    ...(ended === undefined ? {} : { ended }),
  }
}

function textOf(event: UnitEvent): string {
  switch (event.state) {
    case 'pending':
      return ''
    case 'waiting':
      return `waits for ${event.reason}`
    case 'running':
    case 'done':
      return event.message ?? ''
    case 'failed':
      return event.problem.what
    case 'skipped':
      return `skipped, because ${event.cause} failed`
  }
}

/** Needs of a pending unit that are not done yet. */
export function unmetNeeds(board: Board, unit: BoardUnit): readonly string[] {
  const done = new Set<string>()
  for (const group of board.groups.values()) {
    for (const other of group.values()) if (other.state === 'done') done.add(other.id)
  }
  return unit.needs.filter((need) => !done.has(need))
}
