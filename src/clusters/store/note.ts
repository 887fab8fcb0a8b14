/** What a replica says in the fence: versions by plural name of the kind, and when it said so last. */
import { z } from 'zod'
import { later } from './versions.ts'

export type Noted = Readonly<Record<string, string>>

const schema = z.object({ at: z.string(), versions: z.record(z.string(), z.string().regex(/^\d+$/)) })
export type Note = Readonly<z.infer<typeof schema>>

export function noteText({ at, versions }: Note): string {
  return JSON.stringify({ at, versions })
}

/** Undefined for what is no note of ours. */
export function parseNote(text: string): Note | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** The latest version of every kind. */
export function union(all: readonly Noted[]): Noted {
  const latest = new Map<string, string>()
  for (const versions of all)
    for (const [plural, version] of Object.entries(versions)) latest.set(plural, later(latest.get(plural), version))
  return Object.fromEntries(latest)
}

export function isSame(one: Noted, other: Noted): boolean {
  const [few, many] = [Object.entries(one), Object.keys(other)]
  return few.length === many.length && few.every(([plural, version]) => other[plural] === version)
}
