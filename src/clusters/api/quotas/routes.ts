/** How many clusters a project may have. */
import { quotaUuid } from '../../model/index.ts'
import type { ResourceServices } from '../resource-services.ts'
import type { ApiReply, ApiRequest, Route } from '../route.ts'
import {
  answerSchema,
  listSchema,
  notAuthorized,
  notFound,
  pageArguments,
  pageArgumentTypes,
  pageOf,
  querySchema,
  readArguments,
  requestSchema,
} from '../wire/index.ts'
import { defaultQuota, quotaColumns, quotaFields, shownQuota, shownQuotaFields } from './view.ts'
import { createQuota, deleteQuota, updateQuota } from './write.ts'

const listArguments = { ...pageArgumentTypes, marker: 'integer', all_tenants: 'boolean' } as const

export function quotaRoutes(services: ResourceServices): readonly Route[] {
  const one = '/quotas/:project_id/:resource'
  const answer = answerSchema(shownQuotaFields)
  const body = requestSchema(quotaFields)
  return [
    {
      method: 'GET',
      path: '/quotas',
      name: 'quota:get_all',
      handle: (request) => listQuotas(services, request),
      describes: {
        summary: 'Quotas that were set',
        query: querySchema(listArguments),
        answer: listSchema('quotas', shownQuotaFields),
      },
    },
    {
      method: 'GET',
      path: one,
      name: 'quota:get',
      handle: (request) => getQuota(services, request),
      describes: { summary: "A project's quota, or the default", answer },
    },
    {
      method: 'POST',
      path: '/quotas',
      name: 'quota:create',
      handle: (request) => createQuota(services, request),
      describes: { summary: 'Set a quota', status: 201, body, answer },
    },
    {
      method: 'PATCH',
      path: one,
      name: 'quota:update',
      handle: (request) => updateQuota(services, request),
      describes: { summary: 'Change a quota', status: 202, body, answer },
    },
    {
      method: 'DELETE',
      path: one,
      name: 'quota:delete',
      handle: (request) => deleteQuota(services, request),
      describes: { summary: 'Back to the default', status: 204 },
    },
  ]
}

async function listQuotas({ enforce, store, settings }: ResourceServices, request: ApiRequest): Promise<ApiReply> {
  const { caller, baseUrl, version } = request
  const read = readArguments(request.query, listArguments)
  enforce('quota:get_all', caller)
  const page = pageArguments(read, settings.maxLimit)
  await store.fresh()
  // An object without a limit holds claims only.
  const set = store.quotas.all().filter(({ spec }) => spec.hardLimit !== undefined)
  const everywhere = caller.isAdmin && read.all_tenants === true
  const { items, next } = pageOf(page, {
    items: everywhere ? set : set.filter(({ spec }) => spec.projectId === caller.projectId),
    columns: quotaColumns,
    idOf: ({ spec }) => String(spec.id),
    unknownMarker: (marker) => notFound(`Quota could not be found: quota id ${marker} .`),
    resource: 'quotas',
    baseUrl,
  })
  const quotas = items.map((quota) => shownQuota(quota, version.minor))
  return { status: 200, body: { quotas, ...(next === undefined ? {} : { next }) } }
}

async function getQuota({ enforce, store, settings }: ResourceServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const { caller, params, version } = request
  const { project_id: projectId = '', resource = '' } = params
  enforce('quota:get', caller)
  if (!caller.isAdmin && projectId !== caller.projectId) throw notAuthorized()
  await store.fresh()
  const quota = resource === 'Cluster' ? store.quotas.get(quotaUuid(projectId, resource)) : undefined
  const body =
    quota?.spec.hardLimit === undefined
      ? defaultQuota(projectId, settings.maxClustersPerProject, version.minor)
      : shownQuota(quota, version.minor)
  return { status: 200, body }
}
