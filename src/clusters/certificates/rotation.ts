/**
 * Rotation of a cluster's authorities, as a machine of three phases. Nodes follow each phase before the next one begins, so that at no
 * moment anybody meets a certificate that he does not trust:
 *
 * - `settled`: one generation, which signs and is trusted.
 * - `introducing`: a new generation is trusted beside the old one, which still signs. Nodes learn to trust both.
 * - `replacing`: the new generation signs; the old one is still trusted. Nodes get new certificates and tokens.
 *
 * Then the old generation is dropped, and all is `settled`: nodes forget it. A rotation has the id of the operation that wished for it,
 * and one that failed half-way is gone on with by the next. Everything here is a function of what was; `certificates.ts` writes it.
 */
import { type Authorities, type Material, parseAuthorities, printAuthorities } from './authorities.ts'

export const phases = ['settled', 'introducing', 'replacing'] as const
export type Phase = (typeof phases)[number]

export interface Holdings {
  readonly phase: Phase
  /** Counts rotations; of the newest authorities. */
  readonly generation: number
  /** Id of the last rotation that began. */
  readonly rotation?: string
  /** ISO 8601: when the phase began. */
  readonly since: string
  readonly signing: Authorities
  /** What is trusted besides; undefined when settled. */
  readonly beside?: Authorities
}

export const begin = (fresh: Authorities, now: Date): Holdings => ({
  phase: 'settled',
  generation: 1,
  since: now.toISOString(),
  signing: fresh,
})

/** Of a rotation that is under way, with the operation that goes on with it. */
export const takeOver = (holdings: Holdings, id: string): Holdings => ({ ...holdings, rotation: id })

export const introduce = (holdings: Holdings, id: string, fresh: Authorities, now: Date): Holdings => ({
  ...holdings,
  phase: 'introducing',
  generation: holdings.generation + 1,
  rotation: id,
  since: now.toISOString(),
  beside: fresh,
})

/** What follows when the nodes have followed; undefined at the end. */
export function next(holdings: Holdings, now: Date): Holdings | undefined {
  const { beside, signing, ...rest } = holdings
  if (beside === undefined) return undefined
  const since = now.toISOString()
  if (holdings.phase === 'introducing') return { ...rest, phase: 'replacing', since, signing: beside, beside: signing }
  return { ...rest, phase: 'settled', since, signing }
}

/** Everything that is trusted, what signs first: some clients read only the first. */
export const trusted = ({ signing, beside }: Holdings): readonly Authorities[] =>
  beside === undefined ? [signing] : [signing, beside]

const prefixOf = (generation: number): string => `${generation}.`

export function print(holdings: Holdings): Material {
  const { phase, generation, rotation, since, signing, beside } = holdings
  const [newest, older] = phase === 'introducing' ? [beside, signing] : [signing, beside]
  return {
    phase,
    generation: String(generation),
    since,
    ...(rotation === undefined ? {} : { rotation }),
    ...(newest === undefined ? {} : printAuthorities(newest, prefixOf(generation))),
    ...(older === undefined ? {} : printAuthorities(older, prefixOf(generation - 1))),
  }
}

/** @throws Error when it is not what {@link print} writes */
export function parse(data: Material): Holdings {
  const phase = phases.find((name) => name === data['phase'])
  const generation = Number(data['generation'])
  if (phase === undefined || !Number.isSafeInteger(generation) || generation < 1)
    throw new Error("The Secret of the cluster's certificates has no known phase or generation")
  const { rotation, since = '' } = data
  const state = { phase, generation, since, ...(rotation === undefined ? {} : { rotation }) }
  const newest = parseAuthorities(data, prefixOf(generation))
  if (phase === 'settled') return { ...state, signing: newest }
  const older = parseAuthorities(data, prefixOf(generation - 1))
  return phase === 'introducing'
    ? { ...state, signing: older, beside: newest }
    : { ...state, signing: newest, beside: older }
}
