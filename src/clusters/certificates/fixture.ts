/** A cluster in a store in memory, and replicas that keep its certificates there. For tests. */

import { clusterSpecFixture } from '../model/fixture.ts'
import { type Cluster, type ClusterStore, createMemoryStore } from '../model/index.ts'
import { type CertificatesOptions, type ClusterCertificates, createCertificates } from './certificates.ts'
import { defaultSettings } from './settings.ts'

export const start = new Date('2026-11-28T12:00:00Z')

/** RSA keys take their time, and what is tried here is the same with any. */
const quickSettings = { ...defaultSettings, serviceAccountKeys: 'ecdsa-p256' } as const

export interface Stage {
  readonly store: ClusterStore
  readonly cluster: Cluster
  readonly now: () => Date
  pass(hours: number): void
  /** Another replica of ours. */
  replica(options?: Partial<CertificatesOptions>): ClusterCertificates
  /** The cluster with another operation. */
  wish(kind: 'rotate-ca' | 'resize', id: string): Promise<Cluster>
}

export async function stage({ name = 'demo' }: { readonly name?: string } = {}): Promise<Stage> {
  let time = start.getTime()
  const now = () => new Date(time)
  const store = createMemoryStore({ now })
  const uuid = '00000000-0000-4000-8000-000000000001'
  const cluster = await store.clusters.create(uuid, clusterSpecFixture({ name }))
  return {
    store,
    cluster,
    now,
    pass: (hours) => {
      time += hours * 3_600_000
    },
    replica: (options = {}) => createCertificates({ store, now, settings: quickSettings, ...options }),
    wish: async (kind, id) => {
      const read = store.clusters.get(uuid)
      if (read === undefined) throw new Error('the cluster is gone')
      const operation = { ...read.spec.operation, kind, id }
      return await store.clusters.replace(read, { ...read.spec, operation })
    },
  }
}
