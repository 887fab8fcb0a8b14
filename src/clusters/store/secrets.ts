/** Private material of clusters. It is in no memory but that of who asks for it. */
import { type Kube, KubeError, type KubeObject, type ObjectRef } from '../../kube/index.ts'
import {
  apiVersion,
  type Cluster,
  type ClusterSecret,
  ConflictError,
  clusterLabel,
  projectLabel,
} from '../model/index.ts'
import { mergePatch } from './difference.ts'

type Data = Readonly<Record<string, string>>

export interface ClusterSecrets {
  read(clusterId: string, name: string): Promise<ClusterSecret | undefined>
  write(cluster: Cluster, name: string, data: Data, read?: ClusterSecret): Promise<ClusterSecret>
}

export function createSecrets(kube: Kube, namespace: string): ClusterSecrets {
  const ref = (clusterId: string, name: string): ObjectRef => ({
    apiVersion: 'v1',
    kind: 'Secret',
    name: `cluster-${clusterId}-${name}`,
    namespace,
  })

  const create = async (cluster: Cluster, name: string, data: Data): Promise<KubeObject> => {
    const { uuid, uid, spec } = cluster
    const { name: secretName, ...place } = ref(uuid, name)
    return await kube.create({
      apiVersion: place.apiVersion,
      kind: place.kind,
      metadata: {
        name: secretName,
        namespace,
        labels: { [clusterLabel]: uuid, [projectLabel]: spec.projectId },
        ownerReferences: [{ apiVersion, kind: 'Cluster', name: uuid, uid }],
      },
      type: 'Opaque',
      data: encoded(data),
    })
  }
  const replace = async (clusterId: string, name: string, data: Data, read: ClusterSecret): Promise<KubeObject> =>
    await kube.patch(ref(clusterId, name), {
      metadata: { resourceVersion: read.resourceVersion },
      data: mergePatch(encoded(read.data), encoded(data)),
    })

  return {
    read: async (clusterId, name) => {
      const object = await kube.get(ref(clusterId, name))
      return object === undefined ? undefined : secretOf(object)
    },
    write: async (cluster, name, data, read) => {
      try {
        const written = read === undefined ? create(cluster, name, data) : replace(cluster.uuid, name, data, read)
        return secretOf(await written)
      } catch (error) {
        if (!isRefused(error, read)) throw error
        // An answer may have been lost and the request sent again: nobody else has the same private material.
        const there = await kube.get(ref(cluster.uuid, name))
        if (there !== undefined && isOwned(there, cluster) && isSame(secretOf(there).data, data)) return secretOf(there)
        throw new ConflictError(`The Secret ${name} of cluster ${cluster.uuid} was written by somebody else`)
      }
    },
  }
}

function secretOf(object: KubeObject): ClusterSecret {
  const data = (object as { data?: Data }).data ?? {}
  return {
    resourceVersion: object.metadata.resourceVersion ?? '',
    data: mapped(data, (value) => Buffer.from(value, 'base64').toString('utf8')),
  }
}

function encoded(data: Data): Data {
  return mapped(data, (value) => Buffer.from(value, 'utf8').toString('base64'))
}

function mapped(data: Data, change: (value: string) => string): Data {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, change(value)]))
}

function isRefused(error: unknown, read: ClusterSecret | undefined): boolean {
  return error instanceof KubeError && (error.status === 409 || (error.status === 404 && read !== undefined))
}

function isOwned({ metadata }: KubeObject, cluster: Cluster): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === cluster.uid) === true
}

function isSame(one: Data, other: Data): boolean {
  return Object.keys(mergePatch(one, other)).length === 0
}
