/** Where API servers of clusters ask: by a word that only they have, about their own project only. */
import { ApiError } from '../api/route.ts'
import type { Validate } from '../identity/index.ts'
import type { Cluster, ClusterStore } from '../model/index.ts'
import { isReviewerToken, type Ledger } from '../nodes/index.ts'
import { type AccessReview, reviewAccess } from './access-review.ts'
import { reviewToken, type TokenReview } from './token-review.ts'

export interface ReviewsOptions {
  readonly store: Pick<ClusterStore, 'clusters'>
  readonly ledger: Pick<Ledger, 'read'>
  /** Asks Keystone. */
  readonly validate: Validate
}

export interface Reviews {
  /** @throws ApiError 401 for whoever is no API server of that cluster, 400 for what is no review */
  authentication(clusterId: string, reviewer: string, body: unknown): Promise<TokenReview>
  authorization(clusterId: string, reviewer: string, body: unknown): Promise<AccessReview>
}

export function openReviews({ store, ledger, validate }: ReviewsOptions): Reviews {
  const admit = async (clusterId: string, reviewer: string): Promise<Cluster> => {
    const cluster = store.clusters.get(clusterId)
    const state = cluster === undefined ? undefined : await ledger.read(clusterId)
    if (cluster === undefined || state === undefined || !isReviewerToken(reviewer, state.key, clusterId))
      throw new ApiError(401, 'This is the token of no API server of that cluster.')
    return cluster
  }
  return {
    authentication: async (clusterId, reviewer, body) => {
      const { projectId } = (await admit(clusterId, reviewer)).spec
      return await reviewToken(body, { projectId, validate })
    },
    authorization: async (clusterId, reviewer, body) => {
      const { projectId } = (await admit(clusterId, reviewer)).spec
      return reviewAccess(body, { projectId })
    },
  }
}
