/**
 * One reconcile of one cluster: look, name what is the matter, follow that recipe. Every recipe may be followed at any time, from the
 * beginning, by whoever leads; none relies on an earlier one having ended.
 *
 * @returns milliseconds after which to call again; undefined when only a change is a reason to
 * @throws when something outside hinders, to be called again after a back-off. A ConflictError or Superseded means no more than: look
 * again; everything else is in the status already, if the status could be written
 */

import { judgeDeparture } from './departure.ts'
import { judgeWish } from './judge.ts'
import type { Pass, Tools } from './pass.ts'
import { type Situation, situationOf } from './situation.ts'
import { departureSteps, follow, wishSteps } from './steps.ts'
import { dropGroup } from './write.ts'

export async function reconcileCluster(
  tools: Tools,
  clusterId: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const cluster = tools.store.clusters.get(clusterId)
  const situation = situationOf(cluster)
  if (situation === 'gone' || cluster === undefined) return await clearAway(tools, clusterId)
  return await recipes[situation]({ tools, cluster, signal, judgements: [] })
}

const recipes: Readonly<Record<Exclude<Situation, 'gone'>, (pass: Pass) => Promise<number | undefined>>> = {
  wished: async (pass) => await judgeWish(pass, await follow(pass, wishSteps)),
  leaving: async (pass) => await judgeDeparture(pass, await follow(pass, departureSteps)),
  resting: async (pass) => await pass.tools.looks.at(pass),
}

/** Node groups of a cluster that is gone: written by an API server that was slow, after they had been dropped. */
async function clearAway({ store, looks }: Tools, clusterId: string): Promise<undefined> {
  looks.forget(clusterId)
  if (store.nodeGroups.ofCluster(clusterId).length === 0) return
  // A cluster comes before its node groups, so whoever saw them and then looks freshly sees it, if there is one.
  await store.fresh()
  if (store.clusters.get(clusterId) !== undefined) return
  await Promise.all(store.nodeGroups.ofCluster(clusterId).map(({ uuid }) => dropGroup(store, uuid)))
}
