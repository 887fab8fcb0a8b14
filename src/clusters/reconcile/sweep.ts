/** Places in quotas that mean nothing any more: their cluster counts by itself since long, or never came. */
import { type ClusterStore, ConflictError, momentOf } from '../model/index.ts'

/** `claimPlace` counts no place that is older than ten minutes; this only keeps the objects small. */
const oldMs = 60 * 60_000

export async function sweepPlaces(store: ClusterStore, now: number): Promise<void> {
  const oldest = momentOf(new Date(now - oldMs))
  for (const quota of store.quotas.all()) {
    const entries = Object.entries(quota.spec.claims)
    const young = entries.filter(([, since]) => since > oldest)
    if (young.length === entries.length) continue
    await store.quotas.replace(quota, { ...quota.spec, claims: Object.fromEntries(young) }).catch((error: unknown) => {
      // Somebody claims right now, and drops the old ones himself.
      if (!(error instanceof ConflictError)) throw error
    })
  }
}
