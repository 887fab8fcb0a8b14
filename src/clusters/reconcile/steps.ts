/**
 * The steps of the recipes. A step that has nothing to say lets the next one go on; one that gives an answer ends the list, and the answer
 * is judged like a driver's. What it throws is an answer as well (`fault`), but for conflicts: those only mean to look again.
 */
import { ClusterTypeNotSupported } from '../drivers/index.ts'
import { ConflictError, settle, strayNodeGroups } from '../model/index.ts'
import { admit } from './admit.ts'
import { callDriver, callRemove, reasonOf } from './call.ts'
import { operationOf } from './cluster-status.ts'
import { groupsOf, type Pass } from './pass.ts'
import type { Answer } from './situation.ts'
import { dropGroup, Superseded } from './write.ts'

type Step = (pass: Pass) => Promise<Answer | undefined>

/** From a wish to infrastructure. */
export const wishSteps: readonly Step[] = [
  /** Before anything is made: a place in the quota. */
  admit,
  async (pass) => await pass.tools.turns.take(pass),
  /** Whoever watches hears of it before it takes its time. */
  tellBeginning,
  /** The API may have been killed before it did. */
  settleNodeGroups,
  /** Nodes need their authorities when they start. */
  makeCertificates,
  async (pass) => await callDriver(pass, pass.tools.drivers.driverOf(pass.cluster.spec.template)),
]

/** From a cluster that nobody wants to nothing. */
export const departureSteps: readonly Step[] = [
  tellBeginning,
  /** Deletes the object, so that it goes when its finalizer does. */
  settleNodeGroups,
  removeInfrastructure,
]

export async function follow(pass: Pass, steps: readonly Step[]): Promise<Answer> {
  for (const step of steps) {
    pass.signal.throwIfAborted()
    const answer = await step(pass).catch((error: unknown) => faultOf(pass, error))
    if (answer !== undefined) return answer
  }
  return { state: 'fault', reason: 'nobody had an answer' }
}

function faultOf({ signal }: Pass, error: unknown): Answer {
  signal.throwIfAborted()
  if (error instanceof ConflictError || error instanceof Superseded) throw error
  if (error instanceof ClusterTypeNotSupported) return { state: 'failed', reason: error.message, facts: {} }
  return { state: 'fault', reason: reasonOf(error) }
}

async function tellBeginning(pass: Pass): Promise<undefined> {
  const { cluster, tools } = pass
  if (cluster.status.begun !== operationOf(cluster)) tools.tell({ what: 'began', cluster, nodeGroups: groupsOf(pass) })
}

async function settleNodeGroups(pass: Pass): Promise<undefined> {
  const operation = pass.cluster.spec.operation.id
  const settled = await settle(pass.cluster, pass.tools.store)
  if (settled === undefined || settled.spec.operation.id !== operation) throw new Superseded(pass.cluster.uuid)
  pass.cluster = settled
  const { store } = pass.tools
  for (const uuid of strayNodeGroups(settled, store)) await dropGroup(store, uuid)
}

async function makeCertificates(pass: Pass): Promise<undefined> {
  const { tools, cluster, judgements } = pass
  const type = 'CertificatesReady'
  try {
    pass.prepared = await tools.certificates.prepare(cluster)
    judgements.push({ type, status: 'True', reason: 'Prepared' })
  } catch (error) {
    if (error instanceof ConflictError) throw error
    judgements.push({ type, status: 'False', reason: 'NotPrepared', message: reasonOf(error) })
    throw new Error(`the certificate authorities could not be made: ${reasonOf(error)}`, { cause: error })
  }
}

/** A cluster that never came to a driver has nothing to remove, whether or not anybody covers its kind. */
async function removeInfrastructure(pass: Pass): Promise<Answer> {
  const { cluster, tools } = pass
  try {
    return await callRemove(pass, tools.drivers.driverOf(cluster.spec.template))
  } catch (error) {
    const never = cluster.status.stackId === undefined && cluster.status.apiAddress === undefined
    if (never && error instanceof ClusterTypeNotSupported) return { state: 'done', facts: {} }
    throw error
  }
}
