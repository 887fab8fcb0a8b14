/** Answers from a field table, with WSME's omission rules. */
import { type FieldTable, inRange } from './field.ts'

export interface RenderOptions<Table extends FieldTable> {
  readonly minor: number
  /** Of a short list: only these are taken from the values; the others are unset, so that defaults reappear. @default all */
  readonly only?: readonly (keyof Table & string)[]
}

/**
 * Never set (undefined) is left out, set to nothing is null, and a field with a default that is not set has its default again,
 * also in a short list, where it says nothing about the object.
 */
export function render<Table extends FieldTable>(
  table: Table,
  values: { readonly [Name in keyof Table]?: unknown },
  { minor, only }: RenderOptions<Table>,
): Record<string, unknown> {
  const answer: Record<string, unknown> = {}
  for (const name of Object.keys(table)) {
    const entry = table[name]
    if (entry === undefined || !inRange(entry.versions, minor)) continue
    const set = only === undefined || only.includes(name) ? values[name] : undefined
    const value = set === undefined ? entry.default : set
    if (value !== undefined) answer[name] = value
  }
  return answer
}

/** `2026-11-28T16:00:00.123456Z` as Magnum shows it, `2026-11-28T16:00:00+00:00`: its database keeps seconds. */
export function shownMoment(moment: string): string {
  return `${moment.slice(0, 19)}+00:00`
}
