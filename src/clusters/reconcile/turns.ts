/**
 * Clusters that are made at once, where their number is limited: on a machine on which everything runs, many that begin together take so
 * long that what they wait for gives up. The others wait for their turn, and say so. Known to the one replica that works; another one that
 * takes over goes on with those of which something is there.
 */
import type { Clock } from '../clock/index.ts'
import { type Cluster, type ClusterStore, underWay } from '../model/index.ts'
import type { Pass } from './pass.ts'
import type { Answer } from './situation.ts'

export interface TurnOptions {
  readonly store: Pick<ClusterStore, 'clusters'>
  readonly clock: Pick<Clock, 'elapsed'>
  /** How many; undefined for any number. */
  readonly most: number | undefined
  /** After which one that is still being made keeps nobody any more: it may wait for something that never comes. @default 600_000 */
  readonly keepsMs?: number
}

export interface Turns {
  /** A step of a wish: undefined when it is its turn. */
  take(pass: Pick<Pass, 'cluster'>): Promise<Answer | undefined>
}

export function createTurns({ store, clock, most = Number.POSITIVE_INFINITY, keepsMs = 600_000 }: TurnOptions): Turns {
  /** When each had its turn. */
  const had = new Map<string, number>()
  const isMade = (cluster: Cluster | undefined): boolean => cluster !== undefined && underWay(cluster) === 'create'
  const keeping = (): number => {
    for (const uuid of had.keys()) if (!isMade(store.clusters.get(uuid))) had.delete(uuid)
    return [...had.values()].filter((since) => clock.elapsed() - since < keepsMs).length
  }
  return {
    take: async ({ cluster }) => {
      if (!isMade(cluster) || had.has(cluster.uuid)) return undefined
      if (keeping() < most || cluster.status.stackId !== undefined) {
        had.set(cluster.uuid, clock.elapsed())
        return undefined
      }
      const why = `its turn: others are being made, and conductor.creates_at_once is ${most}`
      return { state: 'waiting', for: why, afterMs: 2000, facts: {} }
    },
  }
}
