/** Quotas set and taken away. Claims of places stand in the same objects and are never touched here. */
import {
  type ClusterQuota,
  type ClusterQuotaSpec,
  type ClusterStore,
  ConflictError,
  momentOf,
  quotaUuid,
} from '../../model/index.ts'
import type { ResourceServices } from '../resource-services.ts'
import type { ApiReply, ApiRequest } from '../route.ts'
import { conflict, invalidInput, invalidValue, notFound, parseBody, readArguments } from '../wire/index.ts'
import { quotaFields, shownQuota } from './view.ts'

export async function createQuota(services: ResourceServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const { caller, version, signal } = request
  const {
    project_id: projectId,
    resource,
    hard_limit,
    id,
  } = parseBody('quota', quotaFields, request.body, version.minor)
  services.enforce('quota:create', caller)
  if (!projectId) throw invalidValue('Must provide a valid project ID.')
  if (resource === null) throw invalidInput('resource', null, 'Value should be one of: Cluster')
  const hardLimit = limitOf(hard_limit)
  if (!(await services.projectExists(projectId, caller, signal)))
    throw notFound(`The project_id ${projectId} could not be found.`)
  const now = services.now()
  const written = await retried(services.store, async () => {
    const { quotas } = services.store
    const there = quotas.get(quotaUuid(projectId, 'Cluster'))
    const taken = quotas.all().some(({ spec, uuid }) => spec.id === id && uuid !== there?.uuid)
    if (there?.spec.hardLimit !== undefined || taken)
      throw conflict(`Quota for project ${projectId} already exists for resource Cluster.`)
    const fixed = { projectId, resource: 'Cluster', hardLimit, createdAt: momentOf(now) } as const
    if (there !== undefined) return quotas.replace(there, { ...there.spec, ...fixed, id: id ?? there.spec.id })
    return quotas.create(quotaUuid(projectId, 'Cluster'), { ...fixed, id: id ?? now.getTime() * 1000, claims: {} })
  })
  return { status: 201, body: shownQuota(written, version.minor) }
}

function limitOf(sent: number | null | undefined): number {
  if (sent === null || sent === undefined) throw invalidInput('hard_limit', null, 'Value should be a number')
  return sent
}

/** The body is a quota, not a patch; what stands in its project and resource does not matter. */
export async function updateQuota(services: ResourceServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const { caller, version } = request
  const { hard_limit } = parseBody('quotapatch', quotaFields, request.body, version.minor)
  services.enforce('quota:update', caller)
  const hardLimit = limitOf(hard_limit)
  const written = await retried(services.store, async () => {
    const quota = setQuota(services.store, request)
    return services.store.quotas.replace(quota, { ...quota.spec, hardLimit, updatedAt: momentOf(services.now()) })
  })
  return { status: 202, body: shownQuota(written, version.minor) }
}

export async function deleteQuota(services: ResourceServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  services.enforce('quota:delete', request.caller)
  const { quotas } = services.store
  await retried(services.store, async () => {
    const quota = setQuota(services.store, request)
    if (Object.keys(quota.spec.claims).length === 0) return quotas.delete(quota)
    await quotas.replace(quota, withoutLimit(quota.spec))
  })
  return { status: 204 }
}

function withoutLimit({ hardLimit: _, updatedAt: __, ...spec }: ClusterQuotaSpec): ClusterQuotaSpec {
  return spec
}

/** @throws ApiError 404 when nobody gave the project one */
function setQuota({ quotas }: ClusterStore, { params }: ApiRequest): ClusterQuota {
  const { project_id: projectId = '', resource = '' } = params
  const quota = resource === 'Cluster' ? quotas.get(quotaUuid(projectId, resource)) : undefined
  if (quota?.spec.hardLimit !== undefined) return quota
  throw notFound(`Quota could not be found: project_id ${projectId} resource ${resource}.`)
}

/** Claims are written to the same object all the time, and are no reason to refuse. */
async function retried<Result>(store: ClusterStore, write: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    await store.fresh()
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === 20) throw error
    }
  }
}
