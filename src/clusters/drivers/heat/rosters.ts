/** Where rosters are kept: one Secret a cluster, though nothing of it is secret, for there is no other place that goes with the cluster. */
import { z } from 'zod'
import type { Cluster, ClusterStore } from '../../model/index.ts'
import { emptyRoster, type Roster } from './roster.ts'

const schema = z.object({
  nodes: z.array(
    z.object({
      group: z.string(),
      index: z.int(),
      templateId: z.string(),
      imageId: z.string(),
      flavorId: z.string(),
      slot: z.int(),
      leaves: z.boolean(),
      leftAt: z.number().exactOptional(),
      released: z.literal(true).exactOptional(),
      failedIn: z.string().exactOptional(),
    }),
  ),
  next: z.record(z.string(), z.int()),
  balanced: z.literal(true).exactOptional(),
  retries: z
    .record(z.string(), z.object({ what: z.string(), count: z.int(), due: z.number().exactOptional() }))
    .exactOptional(),
  begun: z.record(z.string(), z.number()).exactOptional(),
})

export interface RosterKeeper {
  read(cluster: Cluster): Promise<KeptRoster>
}

export interface KeptRoster {
  readonly roster: Roster
  /** Replaces exactly what was read. @throws ConflictError when another replica was quicker: it is the leader now */
  write(roster: Roster): Promise<void>
}

const secretName = 'roster'

export const rostersIn = (store: Pick<ClusterStore, 'readSecret' | 'writeSecret'>): RosterKeeper => ({
  read: async (cluster) => {
    let secret = await store.readSecret(cluster.uuid, secretName)
    const text = secret?.data['roster']
    return {
      roster: text === undefined ? emptyRoster : schema.parse(JSON.parse(text)),
      write: async (roster) => {
        secret = await store.writeSecret(cluster, secretName, { roster: JSON.stringify(roster) }, secret)
      },
    }
  },
})
