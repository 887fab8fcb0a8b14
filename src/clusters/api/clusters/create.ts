/** POST /v1/clusters. */
import { type Cluster, type ClusterTemplate, claimPlace, claimUsableMs, releasePlace } from '../../model/index.ts'
import { type ClusterRequest, checkZero, draftCluster } from '../../rules/index.ts'
import { ApiError, type ApiReply, type ApiRequest } from '../route.ts'
import type { ApiServices } from '../services.ts'
import { generatedName, notAuthorized, parseBody, readArguments, type Values } from '../wire/index.ts'
import { actOf, announce, settled } from './change.ts'
import { completed } from './checks.ts'
import { clusterFields } from './fields.ts'
import { findTemplate } from './find.ts'
import { present } from './present.ts'
import { missingIs, refusalsAnswered } from './refused.ts'

export async function createCluster(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const body = parseBody('cluster', clusterFields, request.body, request.version.minor)
  services.enforce('cluster:create', request.caller)
  const cluster = await makeCluster(services, request, {
    template: body.cluster_template_id ?? 'None',
    wish: requestOf(body, body.name || generatedName('cluster', services.random)),
  })
  return { status: 202, body: { uuid: cluster.uuid } }
}

export interface Creation {
  /** UUID or name. */
  readonly template: string
  readonly wish: ClusterRequest
}

/** Clusters and bays. @throws ApiError */
export async function makeCluster(
  services: ApiServices,
  request: ApiRequest,
  { template: ident, wish }: Creation,
): Promise<Cluster> {
  const { version } = request
  const projectId = projectOf(request)
  await services.store.fresh()
  return refusalsAnswered(async () => {
    checkZero(wish.nodeCount, version.minor)
    const template = usableTemplate(services, request, ident)
    const clusterId = services.newUuid()
    const draft = draftCluster(wish, template, {
      ...actOf(services, request),
      clusterId,
      projectId,
      masterGroupId: services.newUuid(),
      workerGroupId: services.newUuid(),
    })
    const spec = await completed(services, request, draft)
    const written = await admitted(services, request, {
      projectId,
      clusterId,
      write: () => services.store.clusters.create(clusterId, spec),
    })
    await settled(services, written)
    announce(services, request, { cluster: written, outcome: 'pending', action: 'create' })
    return written
  })
}

/** A cluster belongs to a project, whoever makes it. */
function projectOf({ caller }: ApiRequest): string {
  if (caller.projectId !== undefined) return caller.projectId
  throw notAuthorized('A cluster is made in a project, and this token is of none. Ask for a token of the project.')
}

/** @throws ApiError 404 for an unknown one, below 1.10 400; 403 for a hidden one; 400 when no driver serves its clusters */
function usableTemplate(
  { store, unsupported }: ApiServices,
  { caller, version }: ApiRequest,
  ident: string,
): ClusterTemplate {
  const template = missingIs(version.minor < 10 ? 400 : 404, () => findTemplate(store, caller, ident))
  if (template.spec.hidden && !caller.isAdmin) throw notAuthorized()
  const why = unsupported(template.spec)
  if (why !== undefined) throw new ApiError(400, why)
  return template
}

interface Admission {
  readonly projectId: string
  readonly clusterId: string
  readonly write: () => Promise<Cluster>
}

/** A place of the quota is taken first, and given back when there is no cluster in the end. @throws ApiError 403 */
async function admitted(
  services: ApiServices,
  request: ApiRequest,
  { projectId, clusterId, write }: Admission,
): Promise<Cluster> {
  const { store, now, settings } = services
  const before = now().getTime()
  const full = await claimPlace(store, {
    projectId,
    clusterId,
    defaultLimit: settings.maxClustersPerProject,
    now,
    signal: request.signal,
  })
  if (full !== undefined) throw limitExceeded(full.limit)
  try {
    if (now().getTime() - before > claimUsableMs)
      throw new ApiError(503, 'It took too long to get a place in the quota. Try again.')
    return await write()
  } catch (error) {
    // A claim that cannot be given back now is dropped after a while.
    await releasePlace(store, projectId, clusterId).catch(() => undefined)
    throw error
  }
}

function limitExceeded(limit: number): ApiError {
  return new ApiError(
    403,
    `Resource limit exceeded: You have reached the maximum clusters per project, ${limit}. You may delete a cluster to make room for a new one.`,
  )
}

type Body = Omit<Values<typeof clusterFields>, 'cluster_template_id'>

/** Null and absent are one; a field with a default that is null has its default. */
export function requestOf(body: Body, name: string): ClusterRequest {
  return {
    name,
    nodeCount: body.node_count ?? 1,
    masterCount: body.master_count ?? 1,
    mergeLabels: body.merge_labels ?? false,
    createTimeout: body.create_timeout ?? 60,
    ...present({
      keypair: body.keypair,
      dockerVolumeSize: body.docker_volume_size,
      labels: body.labels,
      masterFlavorId: body.master_flavor_id,
      flavorId: body.flavor_id,
      discoveryUrl: body.discovery_url,
      fixedNetwork: body.fixed_network,
      fixedSubnet: body.fixed_subnet,
      floatingIpEnabled: body.floating_ip_enabled,
      masterLbEnabled: body.master_lb_enabled,
    }),
  }
}
