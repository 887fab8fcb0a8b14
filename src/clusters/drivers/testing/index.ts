/**
 * The property test kit of drivers. It lets users wish anything in any order, and everything around fail in any order, in a simulated
 * time, under the real reconciler with two replicas; then the world gets well, and all of this must be true:
 *
 * - no cluster is in progress for ever, and what failed succeeds when it is wished once more;
 * - the infrastructure is what the last wish says, and nothing is left of what was deleted: not in the cloud, not in the store;
 * - never is a driver called twice at once for one cluster;
 * - no caller sees a status become what it must not become.
 */
import fc from 'fast-check'
import { plan } from './plan.ts'
import type { MakeSubject } from './subject.ts'
import { runTrial } from './trial.ts'

export type { Hazard, MakeSubject, SeenGroup, Subject } from './subject.ts'

export interface DriverCheck {
  /** Sequences to try. @default 200 */
  readonly runs?: number
  /** To repeat a run. */
  readonly seed?: number
  readonly path?: string
}

/** @throws Error with the shortest sequence found that goes wrong, and the seed to repeat it */
export async function checkDriver(make: MakeSubject, { runs = 200, seed, path }: DriverCheck = {}): Promise<void> {
  await fc.assert(
    fc.asyncProperty(plan, async (steps) => {
      const problems = await runTrial(make, steps)
      if (problems.length > 0) throw new Error(problems.join('\n'))
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }), ...(path === undefined ? {} : { path }) },
  )
}
