/**
 * Looks at the health of clusters at rest: one a minute each, spread over the minute, so many at once at most. They stand back behind
 * everything else: a wish that comes interrupts the look at its cluster, and somebody who reports health himself is not contradicted. A
 * look that finds nodes dead may end with a wish to heal them (`heal.ts`).
 */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock/index.ts'
import type { Health } from '../drivers/index.ts'
import { type Cluster, type ClusterStatus, ConflictError } from '../model/index.ts'
import { limited, reasonOf } from './call.ts'
import { specToHeal } from './heal.ts'
import { groupsOf, type Pass } from './pass.ts'

export interface LookOptions {
  readonly clock: Clock
  /** From 0 to 1, without 1. */
  readonly random: () => number
  /** Between two looks at a cluster. @default 60_000 */
  readonly everyMs?: number
  /** How long nobody looks after somebody reported health himself. @default 180_000 */
  readonly quietMs?: number
  /** What one look may take. @default 10_000 */
  readonly callMs?: number
  /** Looks at once. @default 16 */
  readonly limit?: number
}

export interface Looks {
  /** Looks if it is time. Resolves to the milliseconds until the next one. */
  at(pass: Pass): Promise<number | undefined>
  /** There is something better to do for that cluster. */
  interrupt(clusterId: string): void
  /** A cluster that is gone. */
  forget(clusterId: string): void
}

export function createLooks(options: LookOptions): Looks {
  const { clock, random, everyMs = 60_000, quietMs = 180_000, callMs = 10_000, limit = 16 } = options
  const due = new Map<string, number>()
  const looking = new Map<string, AbortController>()

  const waitFor = ({ uuid, status }: Cluster): number => {
    const quiet = quietUntil(status, quietMs) - clock.now()
    // Nobody has looked yet: some time within the minute, so that a start does not ask all of them at once.
    const at = due.get(uuid) ?? clock.elapsed() + random() * everyMs
    due.set(uuid, at)
    // A clock that was put back is no reason to look away for longer than that.
    return Math.ceil(Math.max(at - clock.elapsed(), Math.min(quiet, quietMs)))
  }

  const look = async (pass: Pass): Promise<void> => {
    const { uuid } = pass.cluster
    const interrupt = new AbortController()
    looking.set(uuid, interrupt)
    const bound = limited(clock, callMs, AbortSignal.any([pass.signal, interrupt.signal]))
    try {
      const health = await ask(pass, bound.signal)
      if (!interrupt.signal.aborted && !pass.signal.aborted) await report(pass, health)
    } finally {
      bound.forget()
      looking.delete(uuid)
    }
  }

  return {
    at: async (pass) => {
      const { uuid, status } = pass.cluster
      // What has no address cannot be asked, and says so by its status.
      if (status.apiAddress === undefined) return undefined
      const wait = waitFor(pass.cluster)
      if (wait > 0) return wait
      if (looking.size >= limit) return 500 + random() * 1000
      due.set(uuid, clock.elapsed() + everyMs * (0.95 + random() / 10))
      await look(pass)
      return Math.max(1, Math.ceil((due.get(uuid) ?? 0) - clock.elapsed()))
    },
    interrupt: (clusterId) => looking.get(clusterId)?.abort(new Error('There is something to do for the cluster')),
    forget: (clusterId) => due.delete(clusterId),
  }
}

const quietUntil = ({ healthReportedAt }: ClusterStatus, quietMs: number): number =>
  healthReportedAt === undefined ? 0 : Date.parse(healthReportedAt) + quietMs

async function ask(pass: Pass, signal: AbortSignal): Promise<Health> {
  const { cluster, tools } = pass
  try {
    const driver = tools.drivers.driverOf(cluster.spec.template)
    return await driver.health({ cluster, nodeGroups: groupsOf(pass), signal })
  } catch (error) {
    return { status: 'UNKNOWN', reason: { api: reasonOf(error) } }
  }
}

/** Somebody who wrote in between knows better. */
async function report(pass: Pass, health: Health): Promise<void> {
  try {
    await writeDown(pass, health)
    await heal(pass, health)
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
  }
}

async function writeDown(pass: Pass, { status: to, reason }: Health): Promise<void> {
  const { tools, cluster } = pass
  const { healthStatus: from, healthStatusReason } = cluster.status
  if (from === to && isDeepStrictEqual(healthStatusReason, reason)) return
  const status = { ...cluster.status, healthStatus: to, healthStatusReason: { ...reason } }
  pass.cluster = await tools.store.clusters.setStatus(cluster, status)
  if (from !== to) tools.tell({ what: 'health-changed', cluster: pass.cluster, nodeGroups: groupsOf(pass), from, to })
}

/** Upon exactly what was looked at. The new wish is heard like any other. */
async function heal(pass: Pass, { dead = [] }: Health): Promise<void> {
  const { tools, cluster } = pass
  const healing = { dead, now: new Date(tools.clock.now()), id: tools.newId() }
  const spec = dead.length === 0 ? undefined : specToHeal(cluster, groupsOf(pass), healing)
  if (spec !== undefined) await tools.store.clusters.replace(cluster, spec)
}
