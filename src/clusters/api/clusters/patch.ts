/** PATCH /v1/clusters/{ident}: the node count, which is a change, and health, which is only noted. */
import { type Cluster, ConflictError, momentOf, nodeGroupsOf } from '../../model/index.ts'
import { type ClusterPatch, checkZero, decidePatch, defaultWorker } from '../../rules/index.ts'
import type { ApiReply, ApiRequest } from '../route.ts'
import type { ApiServices } from '../services.ts'
import {
  changedMeanwhile,
  type FieldTable,
  type PatchOperation,
  type PatchRules,
  parsePatch,
  patched,
  readArguments,
} from '../wire/index.ts'
import { beginChange, type ChangeWish } from './change.ts'
import { clusterFields } from './fields.ts'
import { findCluster, targetOf } from './find.ts'
import { refusalsAnswered } from './refused.ts'
import { clusterValues } from './view.ts'

/** Of clusters and bays: their documents differ in names only. */
export interface PatchedKind {
  readonly table: FieldTable
  readonly rules: PatchRules
  readonly document: (cluster: Cluster, services: ApiServices) => Readonly<Record<string, unknown>>
}

const internal = [
  '/api_address',
  '/node_addresses',
  '/master_addresses',
  '/stack_id',
  '/cluster_id',
  '/ca_cert_ref',
  '/magnum_cert_ref',
  '/trust_id',
  '/trustee_user_name',
  '/trustee_password',
  '/trustee_user_id',
  '/etcd_ca_cert_ref',
  '/front_proxy_ca_cert_ref',
]

export const patchRules = (table: FieldTable): PatchRules => ({ table, internal })

const clusterKind: PatchedKind = {
  table: clusterFields,
  rules: patchRules(clusterFields),
  document: (cluster, { store }) => clusterValues(cluster, store),
}

export async function patchCluster(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const { uuid } = await applyTo(services, request, clusterKind)
  return { status: 202, body: { uuid } }
}

/** @returns the cluster after it @throws ApiError */
export async function applyTo(services: ApiServices, request: ApiRequest, kind: PatchedKind): Promise<Cluster> {
  const { rollback = false } = readArguments(
    request.query,
    request.version.minor >= 3 ? { rollback: 'boolean' } : {},
  ) as {
    readonly rollback?: boolean
  }
  const operations = parsePatch(request.body, kind.rules)
  const decided = (cluster: Cluster): ClusterPatch => decide(services, cluster, { kind, operations })
  const cluster = await beginChange(services, request, {
    find: () => findToPatch(services, request),
    decide: (found) => {
      const patch = decided(found)
      if (patch.nodeCount !== undefined) checkZero(patch.nodeCount, request.version.minor)
      return counted(services, found, { patch, rollback })
    },
  })
  return await refusalsAnswered(async () => await noteHealth(services, cluster, decided(cluster)))
}

function findToPatch({ store, enforce }: ApiServices, { caller, params }: ApiRequest): Cluster {
  if (caller.isAdmin) enforce('cluster:update_all_projects', caller)
  const cluster = findCluster(store, caller, params['cluster'] ?? '', true)
  enforce('cluster:update', caller, targetOf(cluster))
  enforce('cluster:update_health_status', caller)
  return cluster
}

interface Sent {
  readonly kind: PatchedKind
  readonly operations: readonly PatchOperation[]
}

function decide(services: ApiServices, cluster: Cluster, { kind, operations }: Sent): ClusterPatch {
  const before = kind.document(cluster, services)
  const after = patched(kind.table, before, operations)
  return decidePatch({ before, after, paths: operations.map(({ path }) => path) })
}

/** Undefined when the default workers are as many as they shall be. */
function counted(
  { store }: ApiServices,
  cluster: Cluster,
  { patch, rollback }: { readonly patch: ClusterPatch; readonly rollback: boolean },
): ChangeWish | undefined {
  const worker = defaultWorker(nodeGroupsOf(cluster, store))
  const { nodeCount } = patch
  if (worker === undefined || nodeCount === undefined || worker.spec.nodeCount === nodeCount) return undefined
  return { kind: 'update', rollback, nodeGroups: [{ uuid: worker.uuid, spec: { ...worker.spec, nodeCount } }] }
}

/** Health is not a wish: it is written down whatever the cluster is doing, and the last report counts. */
async function noteHealth(services: ApiServices, cluster: Cluster, { health }: ClusterPatch): Promise<Cluster> {
  if (health === undefined) return cluster
  const { store, now } = services
  for (let round = 0; round < healthRounds; round++) {
    const current = store.clusters.get(cluster.uuid)
    if (current === undefined) return cluster
    const { healthStatus: _, ...status } = current.status
    try {
      return await store.clusters.setStatus(current, {
        ...status,
        ...(health.status === null ? {} : { healthStatus: health.status }),
        healthStatusReason: health.reason,
        healthReportedAt: momentOf(now()),
      })
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
      await store.fresh()
    }
  }
  throw changedMeanwhile(`Cluster ${cluster.spec.name}`)
}

/** The reconciler writes the status too, while it works every few moments. */
const healthRounds = 10
