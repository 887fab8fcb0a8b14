/**
 * A place in a project's quota, taken before a cluster is made. The quota object is the one place where creates of a project meet: every
 * claim is a conditional write of it, so a limit holds however many come at once, from whatever replica.
 */
import { createHash } from 'node:crypto'
import { momentOf } from './moment.ts'
import type { ClusterQuota, ClusterQuotaSpec } from './objects.ts'
import { type ClusterStore, ConflictError } from './store.ts'

/**
 * A claim this old is settled: its cluster is there and counts by itself, or it never came. Much longer than a request may take,
 * so that a cluster whose claim was dropped is in everybody's cache by then.
 */
const claimLifeMs = 10 * 60_000
/** After a claim, a cluster has to be made within that time. */
export const claimUsableMs = 2 * 60_000

/** Name of the one quota object of a project and resource; in the form of a UUID. */
export function quotaUuid(projectId: string, resource: ClusterQuotaSpec['resource']): string {
  const hex = createHash('sha256').update(`${resource}\n${projectId}`).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)]
  return parts.join('-')
}

export interface Claim {
  readonly projectId: string
  /** Of the cluster that is to be made. */
  readonly clusterId: string
  /** Where the project has no limit of its own; -1 without limit. */
  readonly defaultLimit: number
  readonly now: () => Date
  readonly signal?: AbortSignal
}

/** Claims of one project queue up here, so that only replicas can get into each other's way. */
const queues = new WeakMap<ClusterStore, Map<string, Promise<unknown>>>()

/**
 * Takes a place for the cluster, or says why there is none. Claiming again for the same cluster changes nothing.
 * @returns the limit when it is reached; undefined when a place was taken
 */
export async function claimPlace(store: ClusterStore, claim: Claim): Promise<{ readonly limit: number } | undefined> {
  return inTurn(store, claim.projectId, async () => {
    for (;;) {
      claim.signal?.throwIfAborted()
      try {
        return await tryClaim(store, claim)
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error
        await store.fresh()
      }
    }
  })
}

/** Gives a place back: of a create that failed, or of a cluster of which nothing is left. */
export async function releasePlace(store: ClusterStore, projectId: string, clusterId: string): Promise<void> {
  await inTurn(store, projectId, async () => {
    for (;;) {
      const quota = store.quotas.get(quotaUuid(projectId, 'Cluster'))
      if (quota === undefined || !(clusterId in quota.spec.claims)) return
      const { [clusterId]: _, ...claims } = quota.spec.claims
      try {
        await store.quotas.replace(quota, { ...quota.spec, claims })
        return
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error
        await store.fresh()
      }
    }
  })
}

async function tryClaim(store: ClusterStore, claim: Claim): Promise<{ readonly limit: number } | undefined> {
  const { projectId, clusterId, defaultLimit } = claim
  const now = claim.now()
  const quota = store.quotas.get(quotaUuid(projectId, 'Cluster'))
  const limit = quota?.spec.hardLimit ?? defaultLimit
  const claims = youngClaims(quota, now)
  const taken = new Set([...store.clusters.ofProject(projectId).map(({ uuid }) => uuid), ...Object.keys(claims)])
  taken.delete(clusterId)
  if (limit >= 0 && taken.size >= limit) return { limit }
  await write(store, projectId, quota, { claims: { ...claims, [clusterId]: momentOf(now) }, now })
  return undefined
}

async function write(
  store: ClusterStore,
  projectId: string,
  quota: ClusterQuota | undefined,
  { claims, now }: { readonly claims: Readonly<Record<string, string>>; readonly now: Date },
): Promise<void> {
  if (quota !== undefined) {
    await store.quotas.replace(quota, { ...quota.spec, claims })
    return
  }
  const spec = { id: now.getTime() * 1000, projectId, resource: 'Cluster' as const, createdAt: momentOf(now), claims }
  await store.quotas.create(quotaUuid(projectId, 'Cluster'), spec)
}

function youngClaims(quota: ClusterQuota | undefined, now: Date): Readonly<Record<string, string>> {
  const oldest = momentOf(new Date(now.getTime() - claimLifeMs))
  return Object.fromEntries(Object.entries(quota?.spec.claims ?? {}).filter(([, since]) => since > oldest))
}

async function inTurn<Result>(store: ClusterStore, projectId: string, work: () => Promise<Result>): Promise<Result> {
  const queue = queues.get(store) ?? new Map<string, Promise<unknown>>()
  queues.set(store, queue)
  const before = queue.get(projectId) ?? Promise.resolve()
  const mine = before.then(work, work)
  const settled = mine.catch(() => undefined)
  queue.set(projectId, settled)
  try {
    return await mine
  } finally {
    if (queue.get(projectId) === settled) queue.delete(projectId)
  }
}
