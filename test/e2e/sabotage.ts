/** Programs that work on clusters, killed at moments that a seed decides while something is done. */
import { setTimeout as pause } from 'node:timers/promises'
import { random } from '../random.ts'
import { timed } from './clusters.ts'
import type { Installation } from './installation.ts'
import { end, processes } from './processes.ts'

export interface Victim {
  readonly name: string
  readonly pattern: RegExp
}

const api: Victim = { name: 'the API of clusters', pattern: /^node .*serve\.ts/ }
const heat: Victim = { name: 'the engine of Heat', pattern: /^heat-engine: / }
const nova: Victim = { name: 'nova-compute', pattern: /\/nova-compute/ }

export interface Sabotage {
  /** In the order in which their turn comes. */
  readonly victims: readonly [Victim, Victim, Victim]
  /** Does the work while each of them dies once, within so many milliseconds; says how long it took and who died when. */
  readonly during: (what: string, dying: readonly Victim[], within: number, work: () => Promise<void>) => Promise<void>
}

export function sabotageOf(cloud: Installation, seed: number): Sabotage {
  const next = random(seed)
  const orders = [
    [api, heat, nova],
    [heat, nova, api],
    [nova, api, heat],
  ] as const
  return {
    victims: orders[Math.floor(next() * orders.length)] ?? orders[0],
    during: async (what, dying, within, work) => {
      const over = new AbortController()
      const begun = Date.now()
      const deaths = dying.map(async ({ name, pattern }) => {
        const waited = await pause(next() * within, true, { signal: over.signal }).catch(() => false)
        if (!waited) return []
        end(processes(cloud, pattern))
        return [`${name} after ${((Date.now() - begun) / 1000).toFixed(0)} s`]
      })
      await timed(what, work).finally(() => over.abort())
      const died = (await Promise.all(deaths)).flat()
      process.stdout.write(`cluster: meanwhile died (seed ${seed}): ${died.join(', ') || 'nobody'}\n`)
    },
  }
}
