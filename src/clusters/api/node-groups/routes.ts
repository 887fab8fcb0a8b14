/** Node groups over HTTP, from 1.9 on. */
import { type Cluster, nodeGroupsOf } from '../../model/index.ts'
import { groupOf } from '../clusters/actions.ts'
import { foundCluster } from '../clusters/find.ts'
import type { ApiReply, ApiRequest, Route, RouteDescription } from '../route.ts'
import type { ApiServices } from '../services.ts'
import {
  answerSchema,
  listSchema,
  notFound,
  pageArguments,
  pageArgumentTypes,
  pageOf,
  patchSchema,
  querySchema,
  readArguments,
  requestSchema,
} from '../wire/index.ts'
import { createNodeGroup, deleteNodeGroup, patchNodeGroup } from './change.ts'
import { nodeGroupFields } from './fields.ts'
import { longNodeGroup, nodeGroupColumns, shortNodeGroup } from './view.ts'

export function nodeGroupRoutes(services: ApiServices): readonly Route[] {
  const all = '/clusters/:cluster/nodegroups'
  const one = `${all}/:nodegroup`
  const route = (method: Route['method'], path: string, [name, handle]: Named, describes: RouteDescription): Route => ({
    method,
    path,
    name,
    versions: { from: 9 },
    handle: (request) => handle(services, request),
    describes,
  })
  const answer = answerSchema(nodeGroupFields)
  return [
    route('GET', all, ['nodegroup:get_all', listNodeGroups], {
      summary: 'Node groups of a cluster',
      query: querySchema(listArguments),
      answer: listSchema('nodegroups', nodeGroupFields),
    }),
    route('GET', one, ['nodegroup:get', getNodeGroup], { summary: 'One node group', answer }),
    route('POST', all, ['nodegroup:create', createNodeGroup], {
      summary: 'Make a node group',
      status: 202,
      body: requestSchema(nodeGroupFields),
      answer,
    }),
    route('PATCH', one, ['nodegroup:update', patchNodeGroup], {
      summary: 'Change the bounds, labels and taints of a node group',
      status: 202,
      body: patchSchema,
      answer,
    }),
    route('DELETE', one, ['nodegroup:delete', deleteNodeGroup], { summary: 'Delete a node group', status: 204 }),
  ]
}

type Named = readonly [name: string, handle: (services: ApiServices, request: ApiRequest) => Promise<ApiReply>]

const listArguments = { ...pageArgumentTypes, role: 'text' } as const

async function listNodeGroups(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const { enforce, store, settings } = services
  const { caller, query, baseUrl } = request
  enforce('nodegroup:get_all', caller)
  if (caller.isAdmin) enforce('nodegroup:get_all_all_projects', caller)
  const { role, ...page } = readArguments(query, listArguments)
  const pageAsked = pageArguments(page, settings.maxLimit)
  const cluster = await foundCluster(services, request, true)
  const groups = nodeGroupsOf(cluster, store).filter(({ spec }) => !role || spec.role === role)
  const { items, next } = pageOf(pageAsked, {
    items: groups,
    columns: nodeGroupColumns(cluster),
    idOf: ({ uuid }) => uuid,
    unknownMarker: (marker) => notFound(`Nodegroup ${marker} could not be found.`),
    resource: `clusters/${cluster.uuid}/nodegroups`,
    baseUrl,
  })
  const nodegroups = items.map((group) => shortNodeGroup(cluster, group, request))
  return { status: 200, body: { nodegroups, ...(next === undefined ? {} : { next }) } }
}

async function getNodeGroup(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const { enforce, store } = services
  readArguments(request.query, {})
  enforce('nodegroup:get', request.caller)
  if (request.caller.isAdmin) enforce('nodegroup:get_one_all_projects', request.caller)
  const cluster: Cluster = await foundCluster(services, request, true)
  const group = groupOf(nodeGroupsOf(cluster, store), request.params['nodegroup'] ?? '')
  return { status: 200, body: longNodeGroup(cluster, group, request) }
}
