/** What follows from an answer to a removal: a table from departure to action. */
import { ConflictError, releasePlace, underWay } from '../model/index.ts'
import { kindOf, statusAtEnd, statusUnderWay } from './cluster-status.ts'
import { groupStatusAfter, type Stage } from './group-status.ts'
import { Hindered, tellProgress } from './judge.ts'
import { groupsOf, momentNow, type Pass } from './pass.ts'
import { failureOf, isOverdue, progressOf } from './reason.ts'
import { type Answer, type Departure, departureOf } from './situation.ts'
import { dropGroup, persist, writeGroupStatus, writeStatus } from './write.ts'

/** How long what does not go is left alone, before it is tried again without being asked. */
const stuckMs = 10 * 60_000
/** What still goes when its time is over is looked at less often. */
const slowMs = 30_000

export async function judgeDeparture(pass: Pass, answer: Answer): Promise<number | undefined> {
  return await actions[departureOf(answer, { overdue: isOverdue(pass) })](pass, answer)
}

const actions: Readonly<Record<Departure, (pass: Pass, answer: Answer) => Promise<number | undefined>>> = {
  left: leave,
  going: goOn,
  stuck,
}

/**
 * Node groups first, the object last, its place in the quota after that: as long as anything is left of a cluster, it counts. Killed
 * between the last two, the place is free all the same ten minutes after it was taken (see `claimPlace`).
 */
async function leave(pass: Pass): Promise<undefined> {
  const { tools, cluster } = pass
  const { store } = tools
  const nodeGroups = groupsOf(pass)
  await Promise.all(nodeGroups.map(({ uuid }) => dropGroup(store, uuid)))
  tools.tell({ what: 'succeeded', cluster, nodeGroups })
  await persist(store, async () => {
    const now = store.clusters.get(cluster.uuid)
    if (now === undefined) return
    // Deleted by the step before; the finalizer of an object that was not would be lost.
    if (now.deletedAt === undefined) throw new ConflictError(`Cluster ${cluster.uuid} is not deleted yet`)
    await store.clusters.letGo(now)
  })
  await releasePlace(store, cluster.spec.projectId, cluster.uuid)
}

async function goOn(pass: Pass, answer: Answer): Promise<number> {
  const progress = progressOf(answer)
  tellProgress(pass, answer, progress)
  // One that failed to go stays so while it is tried again: it either is gone one day, or is not.
  if (underWay(pass.cluster) !== undefined) {
    await writeGroups(pass, { stage: 'IN_PROGRESS' })
    const judgement = { type: 'InfrastructureReady', status: 'False', reason: 'Going', message: progress } as const
    const look = { moment: momentNow(pass.tools), judgements: [judgement] }
    await writeStatus(pass, (cluster) => statusUnderWay(cluster, progress, look))
  }
  if (answer.state === 'fault') throw new Hindered(answer.reason)
  return Math.max(100, answer.state === 'waiting' ? answer.afterMs : 0)
}

async function stuck(pass: Pass, answer: Answer): Promise<number> {
  const { tools } = pass
  const reason = failureOf(pass, answer) ?? ''
  const isNews = underWay(pass.cluster) !== undefined
  await writeGroups(pass, { stage: 'FAILED', reason })
  const judgement = { type: 'InfrastructureReady', status: 'False', reason: 'Stuck', message: reason } as const
  await writeStatus(pass, (cluster) =>
    statusAtEnd(cluster, {
      moment: momentNow(tools),
      judgements: [judgement],
      stage: 'FAILED',
      reason,
      faults: { [cluster.spec.name]: reason },
    }),
  )
  if (isNews) tools.tell({ what: 'failed', cluster: pass.cluster, nodeGroups: groupsOf(pass), reason })
  return answer.state === 'waiting' ? Math.max(slowMs, answer.afterMs) : stuckMs * (0.75 + tools.random() / 2)
}

async function writeGroups(
  pass: Pass,
  { stage, reason }: { readonly stage: Stage; readonly reason?: string },
): Promise<void> {
  const { store } = pass.tools
  const finding = { stage, reason, facts: undefined, leaving: kindOf(pass.cluster) === 'delete' }
  await Promise.all(
    groupsOf(pass).map(({ uuid }) =>
      writeGroupStatus(store, uuid, (group) => groupStatusAfter(pass.cluster, group, finding)),
    ),
  )
}
