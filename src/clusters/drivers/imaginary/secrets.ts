/**
 * Imaginary infrastructure in a Secret a cluster, so that another replica goes on where one was killed. Nothing of it is secret: it is
 * where whoever has a store may write anyhow, and it goes with the cluster.
 */
import type { ClusterStore } from '../../model/index.ts'
import type { ImaginaryCloud, ImaginaryCluster } from './cloud.ts'

const secretName = 'imaginary'
const key = 'infrastructure.json'

export const imaginaryCloudInSecrets = (store: Pick<ClusterStore, 'readSecret' | 'writeSecret'>): ImaginaryCloud => ({
  read: async (id) => {
    const text = (await store.readSecret(id, secretName))?.data[key]
    return text === undefined ? undefined : (JSON.parse(text) as ImaginaryCluster)
  },
  write: async (owner, cluster) => {
    const there = await store.readSecret(owner.uuid, secretName)
    const data = cluster === undefined ? {} : { [key]: JSON.stringify(cluster) }
    await store.writeSecret(owner, secretName, data, there)
  },
})
