/** Lists and single clusters. */
import type { Cluster } from '../../model/index.ts'
import type { ApiReply, ApiRequest } from '../route.ts'
import type { ApiServices } from '../services.ts'
import { notFound, type Page, pageArguments, pageArgumentTypes, pageOf, readArguments } from '../wire/index.ts'
import { foundCluster, seenClusters, targetOf } from './find.ts'
import { clusterColumns, longCluster, shortCluster } from './view.ts'

/** Of the clusters that the caller sees; `resource` is where the next page is. @throws ApiError */
export async function clusterPage(
  { store, settings }: ApiServices,
  { query, caller, baseUrl }: ApiRequest,
  resource: string,
): Promise<Page<Cluster>> {
  const page = pageArguments(readArguments(query, pageArgumentTypes), settings.maxLimit)
  await store.fresh()
  return pageOf(page, {
    items: seenClusters(store, caller),
    columns: clusterColumns,
    idOf: ({ uuid }) => uuid,
    unknownMarker: (marker) => notFound(`Cluster ${marker} could not be found.`),
    resource,
    baseUrl,
  })
}

export async function listClusters(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const { enforce, store } = services
  enforce('cluster:get_all', request.caller)
  if (request.caller.isAdmin) enforce('cluster:get_all_all_projects', request.caller)
  const { items, next } = await clusterPage(services, request, 'clusters')
  const clusters = items.map((cluster) => shortCluster(cluster, store, request))
  return { status: 200, body: { clusters, ...(next === undefined ? {} : { next }) } }
}

export async function listClusterDetails(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const { enforce, store } = services
  enforce('cluster:detail', request.caller)
  if (request.caller.isAdmin) enforce('cluster:detail_all_projects', request.caller)
  const { items, next } = await clusterPage(services, request, 'clusters/detail')
  const clusters = items.map((cluster) => longCluster(cluster, store, request))
  return { status: 200, body: { clusters, ...(next === undefined ? {} : { next }) } }
}

export async function readCluster(services: ApiServices, request: ApiRequest): Promise<Cluster> {
  readArguments(request.query, {})
  const { enforce } = services
  if (request.caller.isAdmin) enforce('cluster:get_one_all_projects', request.caller)
  const cluster = await foundCluster(services, request, true)
  enforce('cluster:get', request.caller, targetOf(cluster))
  return cluster
}

export async function getCluster(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const cluster = await readCluster(services, request)
  const { baseUrl, version } = request
  return { status: 200, body: longCluster(cluster, services.store, { baseUrl, version, faults: true }) }
}
