/** What follows from an answer to a wish: a table from outcome to action. The status is written in every case. */
import type { Facts } from '../drivers/index.ts'
import { ConflictError, goingNodeGroups, underWay } from '../model/index.ts'
import { reasonOf } from './call.ts'
import { statusAtEnd, statusUnderWay } from './cluster-status.ts'
import type { Judgement } from './conditions.ts'
import { deadlineOf } from './deadline.ts'
import { groupStatusAfter, type Stage } from './group-status.ts'
import { groupsOf, momentNow, type Pass } from './pass.ts'
import { failureOf, isOverdue, namedFailures, progressOf, whatFailed } from './reason.ts'
import { mayUndo, specToUndo } from './rollback.ts'
import { type Answer, type Outcome, outcomeOf } from './situation.ts'
import { dropGroup, writeGroupSpec, writeGroupStatus, writeStatus } from './write.ts'

/** Milliseconds until it wants to be looked at again; undefined when only a new wish is a reason to. */
type Next = number | undefined

export async function judgeWish(pass: Pass, answer: Answer): Promise<Next> {
  const concluded = await conclude(pass, answer)
  const overdue = isOverdue(pass)
  return await actions[outcomeOf(concluded, { overdue, rollback: mayUndo(pass.cluster) })](pass, concluded)
}

/** A rotation goes in phases, and nodes have to follow each: `done` is not the end before the last. */
async function conclude(pass: Pass, answer: Answer): Promise<Answer> {
  const { prepared, tools, cluster } = pass
  if (answer.state !== 'done' || prepared === undefined) return answer
  try {
    if ((await tools.certificates.conclude(cluster, prepared)) === 'done') return answer
    const next = 'the nodes to follow the next step of the rotation'
    return { state: 'waiting', for: next, afterMs: 0, facts: answer.facts }
  } catch (error) {
    if (error instanceof ConflictError) throw error
    return { state: 'fault', reason: `the certificate authorities could not be concluded: ${reasonOf(error)}` }
  }
}

const actions: Readonly<Record<Outcome, (pass: Pass, answer: Answer) => Promise<Next>>> = {
  made: async (pass, answer) => await end(pass, answer, 'COMPLETE'),
  'made-in-part': async (pass, answer) => await end(pass, answer, 'COMPLETE'),
  coming: goOn,
  failed: async (pass, answer) => await end(pass, answer, 'FAILED'),
  overdue: async (pass, answer) => await end(pass, answer, 'FAILED'),
  'to-undo': turnBack,
}

/** It comes, or is hindered: says so, and comes back. Faults throw, for the back-off of the queue. */
async function goOn(pass: Pass, answer: Answer): Promise<Next> {
  const progress = progressOf(answer)
  tellProgress(pass, answer, progress)
  await writeGroups(pass, factsOf(answer), { stage: 'IN_PROGRESS' })
  const judgements = judgementsOf(pass, { status: 'False', reason: 'Waiting', message: progress })
  const look = { moment: momentNow(pass.tools), facts: factsOf(answer), judgements }
  await writeStatus(pass, (cluster) => statusUnderWay(cluster, progress, look))
  if (answer.state === 'fault') throw new Hindered(answer.reason)
  return untilNext(pass, answer.state === 'waiting' ? answer.afterMs : 0)
}

/** Node groups first and the cluster last: whoever sees that it ended sees the end of everything. */
async function end(pass: Pass, answer: Answer, stage: 'COMPLETE' | 'FAILED'): Promise<Next> {
  const { tools } = pass
  const facts = factsOf(answer)
  const reason = failureOf(pass, answer)
  await writeGroups(pass, facts, { stage, reason })
  const complete =
    stage === 'COMPLETE' && !Object.values(facts?.nodeGroups ?? {}).some(({ failure }) => failure !== undefined)
  await dropGoing(pass, facts, stage)
  const failed = complete ? undefined : whatFailed(pass, reason)
  const judgements = judgementsOf(
    pass,
    complete
      ? { status: 'True', reason: 'AsWished' }
      : { status: 'False', reason: 'Failed', message: failed?.reason ?? '' },
  )
  await writeStatus(pass, (now) =>
    statusAtEnd(now, {
      moment: momentNow(tools),
      facts,
      judgements,
      stage: complete ? 'COMPLETE' : 'FAILED',
      ...(failed ?? { reason: now.spec.operation.reason }),
    }),
  )
  const happened = { cluster: pass.cluster, nodeGroups: groupsOf(pass) }
  tools.tell(
    complete ? { ...happened, what: 'succeeded' } : { ...happened, what: 'failed', reason: failed?.reason ?? '' },
  )
  // At rest from now on: the next pass looks at its health.
  return 0
}

/** A new wish, conditional on the one that failed: somebody else's newer wish wins. */
async function turnBack(pass: Pass, answer: Answer): Promise<Next> {
  const { tools, cluster } = pass
  const reason = failureOf(pass, answer) ?? namedFailures(pass, factsOf(answer))
  await writeGroups(pass, factsOf(answer), { stage: 'IN_PROGRESS' })
  const undoing = { reason: `Undone, since it failed: ${reason}`, now: new Date(tools.clock.now()), id: tools.newId() }
  const current = tools.store.clusters.get(cluster.uuid) ?? cluster
  if (current.spec.operation.id === cluster.spec.operation.id)
    await tools.store.clusters.replace(current, specToUndo(current, undoing))
  tools.tell({ what: 'turned-back', cluster, nodeGroups: groupsOf(pass), reason })
  return 0
}

const factsOf = (answer: Answer): Facts | undefined => (answer.state === 'fault' ? undefined : answer.facts)

/** Not longer than until the time is over. */
function untilNext(pass: Pass, afterMs: number): number {
  const deadline = deadlineOf(pass.cluster, groupsOf(pass))
  const left = deadline === undefined ? afterMs : Math.max(0, deadline - pass.tools.clock.now())
  // A driver that says "at once" for ever must not keep a worker for itself.
  return Math.max(100, Math.min(afterMs, left))
}

async function writeGroups(
  { tools, cluster }: Pass,
  facts: Facts | undefined,
  { stage, reason }: { readonly stage: Stage; readonly reason?: string | undefined },
): Promise<void> {
  const { store } = tools
  await Promise.all(
    store.nodeGroups.ofCluster(cluster.uuid).map(async ({ uuid, spec }) => {
      const known = facts?.nodeGroups?.[uuid]
      const finding = { stage, reason, facts: known, leaving: false }
      await writeGroupStatus(store, uuid, (group) => groupStatusAfter(cluster, group, finding))
      // Done means that all are gone that had to; those of a newer wish, which this driver was not told of, stay.
      const removed = new Set(
        stage === 'COMPLETE' && known?.failure === undefined ? spec.nodesToRemove : known?.removed,
      )
      if (removed.size > 0)
        await writeGroupSpec(store, uuid, (now) => ({
          ...now,
          nodesToRemove: now.nodesToRemove.filter((node) => !removed.has(node)),
        }))
    }),
  )
}

/** Groups that had to go are gone when the driver is done without them. */
async function dropGoing({ tools, cluster }: Pass, facts: Facts | undefined, stage: Stage): Promise<void> {
  if (stage !== 'COMPLETE') return
  const gone = goingNodeGroups(cluster).filter((uuid) => facts?.nodeGroups?.[uuid]?.failure === undefined)
  await Promise.all(gone.map((uuid) => dropGroup(tools.store, uuid)))
}

function judgementsOf({ judgements }: Pass, infrastructure: Omit<Judgement, 'type'>): readonly Judgement[] {
  return [...judgements, { type: 'InfrastructureReady', ...infrastructure }]
}

/** Only what changed is a story. */
export function tellProgress(pass: Pass, answer: Answer, progress: string): void {
  const { cluster, tools } = pass
  if (underWay(cluster) === undefined || cluster.status.progress === progress) return
  const told = { cluster, nodeGroups: groupsOf(pass) }
  if (answer.state === 'waiting') tools.tell({ ...told, what: 'waits', for: answer.for })
  if (answer.state === 'fault') tools.tell({ ...told, what: 'hindered', reason: answer.reason })
}

/** An outside fault, already written into the status: the queue tries again after a back-off. */
export class Hindered extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'Hindered'
  }
}
