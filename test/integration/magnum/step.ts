/** Requests as data, in order: what is asked, by whom, and what of the answer the next ones use. */
import type { Person } from './world.ts'

export interface Step {
  /** `POST /clusters/{c}/actions/resize`, below the endpoint; `{words}` are ids kept from earlier answers, or names of the world. Before `//`: below the server's root. */
  readonly ask: string
  /** @default 'member' */
  readonly as?: Person
  /** The whole microversion header, none at all when null. @default 'container-infra 1.12' */
  readonly version?: string | null
  readonly body?: unknown
  /** Sent as it is, in place of `body`. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The word under which the `uuid` of the answer's body is known from here on. */
  readonly keep?: string
  /** What was begun is brought to its good end after the answer. */
  readonly settle?: boolean
}

/** Steps that stand for themselves: what they make is removed after the last. */
export interface Scenario {
  /** Name of the file it is recorded in. */
  readonly name: string
  /** The first of Magnum's releases that can answer it. @default '22' */
  readonly since?: '22' | '23'
  readonly steps: readonly Step[]
}

/** The same request with each of several bodies. */
export const each = (step: Omit<Step, 'body'>, ...bodies: readonly unknown[]): readonly Step[] =>
  bodies.map((body) => ({ ...step, body }))

/** Whoever is not the owner of what is asked for, one of each kind. */
export const others = [
  'reader',
  'second',
  'other',
  'manager',
  'admin',
  'redadmin',
  'service',
  'application',
  'trustee',
] as const satisfies readonly Person[]

/** The same request of each of several people. */
export const asEach = (step: Omit<Step, 'as'>, ...people: readonly Person[]): readonly Step[] =>
  people.map((as) => ({ ...step, as }))
