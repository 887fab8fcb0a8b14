/** The one way a cluster is changed: look, decide, one conditional write with the operation in it, and then what belongs to it. */
import {
  type Cluster,
  type ClusterSpec,
  ConflictError,
  type NodeGroup,
  nodeGroupsOf,
  settle,
  underWay,
  visibleStatus,
} from '../../model/index.ts'
import { type Act, checkAllowed, clusterEvent, type Wish, withOperation } from '../../rules/index.ts'
import type { ApiRequest } from '../route.ts'
import type { ApiServices } from '../services.ts'
import { changedMeanwhile } from '../wire/index.ts'
import { refusalsAnswered } from './refused.ts'

export interface Change {
  /** Finds the cluster in what is there now, and asks the policy. @throws ApiError */
  readonly find: () => Cluster
  /** Undefined: nothing is to be changed. What it throws is the answer. */
  readonly decide: (
    cluster: Cluster,
    groups: readonly NodeGroup[],
  ) => ChangeWish | undefined | Promise<ChangeWish | undefined>
}

export interface ChangeWish extends Wish {
  /** Beside its operation. */
  readonly spec?: Partial<ClusterSpec>
}

/** The reconciler writes the status every few moments while it works: to meet it is no loss. */
const rounds = 10

/**
 * Whether the status allows the operation is asked here. Who loses to another wish decides once more, by what is there then, and who
 * loses twice is told so.
 * @returns the cluster as it was written
 * @throws ApiError
 */
export async function beginChange(services: ApiServices, request: ApiRequest, change: Change): Promise<Cluster> {
  return refusalsAnswered(async () => {
    const wishes = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      await services.store.fresh()
      const cluster = change.find()
      wishes.add(cluster.spec.operation.id)
      if (wishes.size > 2) break
      const written = await attempt(services, request, { change, cluster })
      if (written !== undefined) return written
    }
    throw changedMeanwhile(`Cluster ${change.find().spec.name}`)
  })
}

interface Attempt {
  readonly change: Change
  readonly cluster: Cluster
}

/** Undefined when somebody else was quicker. */
async function attempt(
  services: ApiServices,
  request: ApiRequest,
  { change, cluster }: Attempt,
): Promise<Cluster | undefined> {
  const { store } = services
  const groups = nodeGroupsOf(cluster, store)
  try {
    const wish = await change.decide(cluster, groups)
    if (wish === undefined) return cluster
    checkStatus(services, request, { cluster, wish })
    const spec = withOperation(cluster, groups, wish, actOf(services, request))
    const written = await store.clusters.replace(cluster, { ...spec, ...wish.spec })
    await settled(services, written)
    announce(services, request, { cluster: written, outcome: 'pending', action: actionOf(wish) })
    return written
  } catch (error) {
    if (error instanceof ConflictError) return undefined
    throw error
  }
}

function checkStatus(services: ApiServices, request: ApiRequest, { cluster, wish }: Checked): void {
  if (wish.kind === 'create' || wish.kind === 'delete' || wish.kind === 'rollback') return
  try {
    checkAllowed(wish.kind, visibleStatus(cluster), underWay(cluster))
  } catch (error) {
    announce(services, request, { cluster, outcome: 'failure', action: 'update' })
    throw error
  }
}

interface Checked {
  readonly cluster: Cluster
  readonly wish: Wish
}

/** The wish stands; what could not be written of it here, the reconciler writes, and until then readers have it from the operation. */
export async function settled({ store }: ApiServices, cluster: Cluster): Promise<void> {
  await settle(cluster, store).catch(() => undefined)
}

export function actOf({ now, newUuid }: ApiServices, { caller, requestId }: ApiRequest): Act {
  return { now: now(), operationId: newUuid(), userId: caller.userId, requestId }
}

type Action = 'create' | 'update' | 'delete'

const actionOf = ({ kind }: Wish): Action => (kind === 'delete' ? 'delete' : 'update')

export interface Announcement {
  readonly cluster: Cluster
  readonly outcome: 'pending' | 'failure'
  readonly action: Action
}

export function announce(
  services: ApiServices,
  { caller }: ApiRequest,
  { cluster, outcome, action }: Announcement,
): void {
  const { userId, projectId, domainId } = caller
  services.notify(
    clusterEvent({
      id: services.newUuid(),
      now: services.now(),
      action,
      outcome,
      initiator: {
        id: services.newUuid(),
        userId,
        ...(projectId === undefined ? {} : { projectId }),
        ...(domainId === undefined ? {} : { domainId }),
      },
      cluster,
      groups: nodeGroupsOf(cluster, services.store),
    }),
  )
}
