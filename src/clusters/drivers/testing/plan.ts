/** What happens in a trial: users' wishes for two clusters, faults of everything around, and time between. */
import fc from 'fast-check'
import type { UserStep } from './user.ts'

export type PlanStep =
  | { readonly kind: 'user'; readonly cluster: string; readonly step: UserStep; readonly settles: boolean }
  /** Takes a place in the quota for a cluster that never comes. */
  | { readonly kind: 'abandon' }
  | { readonly kind: 'wait'; readonly ms: number }
  | {
      readonly kind: 'weather'
      readonly what: 'failing' | 'hanging' | 'hopeless' | 'conflicts' | 'deaf'
      readonly count: number
    }
  | { readonly kind: 'slow'; readonly ms: number }
  /** A worker dies. */
  | { readonly kind: 'death'; readonly cluster: string; readonly nth: number }
  /** Something below the driver fails while it does what it was asked for, so many times in a row. */
  | { readonly kind: 'ailment'; readonly nth: number; readonly count: number }
  /** Kills whoever leads; another process takes its place. */
  | { readonly kind: 'kill' }
  /** Cuts whoever leads off from the API server for a while. */
  | { readonly kind: 'cut-off'; readonly ms: number }
  | { readonly kind: 'jump'; readonly ms: number }

const count = fc.integer({ min: 0, max: 4 })

const userStep: fc.Arbitrary<UserStep> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('create' as const),
      masters: fc.constantFrom(1, 3),
      workers: count,
      timeout: fc.constantFrom(0, 1, 10, 60),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('resize' as const),
      group: fc.nat(2),
      count,
      remove: fc.subarray(['0', '1', '2'], { maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('patch' as const), count, rollback: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('upgrade' as const),
      template: fc.constantFrom('22222222-0000-4000-8000-000000000000', '33333333-0000-4000-8000-000000000000'),
      batch: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('rotate' as const),
      kind: fc.constantFrom('rotate-ca' as const, 'rotate-credential' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('add-group' as const), count }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('patch-group' as const), group: fc.nat(3), min: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('drop-group' as const), group: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.constant({ act: 'report-health' as const }) },
  { weight: 1, arbitrary: fc.constant({ act: 'delete' as const }) },
  { weight: 1, arbitrary: fc.constant({ act: 'delete-object' as const }) },
)

const planStep: fc.Arbitrary<PlanStep> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('user' as const),
      cluster: fc.constantFrom('a', 'a', 'a', 'b'),
      step: userStep,
      settles: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'abandon' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 50, 500, 3000, 20_000, 20_000, 400_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('weather' as const),
      what: fc.constantFrom(
        'failing' as const,
        'hanging' as const,
        'hopeless' as const,
        'conflicts' as const,
        'deaf' as const,
      ),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('slow' as const), ms: fc.constantFrom(0, 100, 7000) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'kill' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('death' as const), cluster: fc.constantFrom('a', 'b'), nth: fc.nat(3) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('ailment' as const),
      nth: fc.nat(5),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut-off' as const), ms: fc.constantFrom(30_000, 600_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('jump' as const), ms: fc.constantFrom(-600_000, -5000, 5000, 2_400_000) }),
  },
)

/** Most wishes are for something that is there, and often there is some time to fulfil them. */
const first: fc.Arbitrary<readonly PlanStep[]> = fc
  .tuple(count, fc.constantFrom(0, 3000, 20_000), fc.constantFrom(1, 3))
  .map(([workers, ms, masters]) => [
    { kind: 'user', cluster: 'a', step: { act: 'create', masters, workers, timeout: 60 }, settles: true },
    { kind: 'wait', ms },
  ])

export const plan: fc.Arbitrary<readonly PlanStep[]> = fc
  .tuple(first, fc.array(planStep, { maxLength: 30 }))
  .map(([begin, rest]) => [...begin, ...rest])
