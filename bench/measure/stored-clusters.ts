/** Clusters as an API server keeps them, put into its etcd: it would take minutes to be given them. */
import { randomUUID } from 'node:crypto'
import type { ClusterSpec, NodeGroupSpec } from '../../src/clusters/model/index.ts'
import type { KubeObject } from '../../src/kube/index.ts'
import { clusterSpec, moment, nodeGroupSpec, templateSpec } from '../../test/integration/clusters.ts'

export interface StoredOptions {
  readonly etcdUrl: string
  readonly namespace: string
  readonly count: number
  /** Of the nth cluster. */
  readonly projectOf: (n: number) => string
}

interface Made {
  readonly plural: string
  readonly object: KubeObject
}

/** Two node groups each. Returns the UUIDs of the clusters. */
export async function putClusters({ etcdUrl, namespace, count, projectOf }: StoredOptions): Promise<readonly string[]> {
  const encode = (text: string): string => Buffer.from(text).toString('base64')
  const uuids: string[] = []
  // As many as one transaction may have.
  const atOnce = 40
  for (let n = 0; n < count; n += atOnce) {
    const all = Array.from({ length: Math.min(atOnce, count - n) }, (_, index) =>
      madeCluster(n + index, projectOf(n + index), namespace),
    )
    uuids.push(...all.flatMap(([cluster]) => (cluster === undefined ? [] : [cluster.object.metadata.name])))
    const success = all.flat().map(({ plural, object }) => ({
      requestPut: {
        key: encode(`/registry/croque.dev/${plural}/${namespace}/${object.metadata.name}`),
        value: encode(JSON.stringify(object)),
      },
    }))
    const answer = await fetch(`${etcdUrl}/v3/kv/txn`, { method: 'POST', body: JSON.stringify({ success }) })
    if (!answer.ok) throw new Error(`etcd: ${await answer.text()}`)
  }
  return uuids
}

/** A cluster as it is after it was made, with everything that a driver knows of it; every tenth project has its own template. */
function madeCluster(n: number, projectId: string, namespace: string): readonly Made[] {
  const uuid = randomUUID()
  const project = n % 1000
  const templateId = `00000000-0000-4000-8000-${String(project % 10 === 0 ? project : 1).padStart(12, '0')}`
  const template = templateSpec({ name: `template-${templateId.slice(-4)}` })
  const group = (role: 'master' | 'worker'): { readonly uuid: string; readonly spec: NodeGroupSpec } => {
    const rest: Partial<NodeGroupSpec> = { name: `default-${role}`, role, clusterId: uuid, projectId, templateId }
    return { uuid: randomUUID(), spec: nodeGroupSpec({ ...rest, createdAt: moment(n) }) }
  }
  const groups = [group('master'), group('worker')]
  const userId = project.toString(16).padStart(32, 'b')
  const base = clusterSpec({ name: `cluster-${n}`, projectId, userId, templateId, template, createdAt: moment(n) })
  const spec: ClusterSpec = { ...base, operation: { ...base.operation, nodeGroups: groups } }
  const status = {
    operation: spec.operation.id,
    status: 'CREATE_COMPLETE',
    stackId: randomUUID(),
    apiAddress: `https://203.0.113.${n % 250}:6443`,
    coeVersion: 'v1.35.4',
    healthStatus: 'HEALTHY',
    healthStatusReason: { api: 'ok', 'default-worker-0.Ready': 'True', 'default-worker-1.Ready': 'True' },
  }
  return [
    stored(namespace, { kind: 'Cluster', name: uuid, spec, status }),
    ...groups.map((of) =>
      stored(namespace, {
        kind: 'NodeGroup',
        name: of.uuid,
        spec: of.spec,
        status: {
          status: 'CREATE_COMPLETE',
          stackId: randomUUID(),
          nodeAddresses: [0, 1, 2].map((node) => `10.0.${n % 250}.${node}`),
          version: 'v1.35.4',
        },
      }),
    ),
  ]
}

interface Wanted {
  readonly kind: 'Cluster' | 'NodeGroup'
  readonly name: string
  readonly spec: object
  readonly status: object
}

/** With what the API server adds by itself. */
function stored(namespace: string, { kind, name, spec, status }: Wanted): Made {
  const fields = Object.fromEntries(Object.keys(spec).map((field) => [`f:${field}`, {}]))
  const metadata = {
    name,
    namespace,
    uid: randomUUID(),
    generation: 1,
    creationTimestamp: '2026-11-28T16:00:00Z',
    annotations: { 'croque.dev/write': `api-7d9c5b8f6d-x2x4z-${randomUUID()}/1` },
    managedFields: [{ manager: 'croque', operation: 'Update', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': fields } }],
  }
  return {
    plural: kind === 'Cluster' ? 'clusters' : 'nodegroups',
    object: { apiVersion: 'croque.dev/v1alpha1', kind, metadata, spec, status },
  }
}
