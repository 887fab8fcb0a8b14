/** Clusters over HTTP. */
import { accepted } from '../accepted.ts'
import type { ApiReply, ApiRequest, Route, RouteDescription } from '../route.ts'
import type { ApiServices } from '../services.ts'
import { answerSchema, listSchema, pageArgumentTypes, patchSchema, querySchema, requestSchema } from '../wire/index.ts'
import { resizeCluster, resizeFields, upgradeCluster, upgradeFields } from './actions.ts'
import { createCluster } from './create.ts'
import { deleteCluster } from './delete.ts'
import { clusterFields } from './fields.ts'
import { patchCluster } from './patch.ts'
import { getCluster, listClusterDetails, listClusters } from './read.ts'

type Handle = (services: ApiServices, request: ApiRequest) => Promise<ApiReply>

const all = '/clusters'
const one = '/clusters/:cluster'
const list = { query: querySchema(pageArgumentTypes), answer: listSchema('clusters', clusterFields) }

const table: readonly (Omit<Route, 'handle' | 'describes'> & {
  readonly handle: Handle
  readonly describes: RouteDescription
})[] = [
  {
    method: 'GET',
    path: all,
    name: 'cluster:get_all',
    handle: listClusters,
    describes: { summary: 'Clusters of the project; of all projects for an admin', ...list },
  },
  {
    method: 'GET',
    path: `${all}/detail`,
    name: 'cluster:detail',
    handle: listClusterDetails,
    describes: { summary: 'The same, with all fields', ...list },
  },
  {
    method: 'GET',
    path: one,
    name: 'cluster:get',
    handle: getCluster,
    describes: { summary: 'One cluster, with what failed', answer: answerSchema(clusterFields) },
  },
  {
    method: 'POST',
    path: all,
    name: 'cluster:create',
    handle: createCluster,
    describes: { summary: 'Make a cluster', body: requestSchema(clusterFields), ...accepted },
  },
  {
    method: 'PATCH',
    path: one,
    name: 'cluster:update',
    handle: patchCluster,
    describes: {
      summary: 'Change the node count, or note health',
      query: querySchema({ rollback: 'boolean' }),
      body: patchSchema,
      ...accepted,
    },
  },
  {
    method: 'DELETE',
    path: one,
    name: 'cluster:delete',
    handle: deleteCluster,
    describes: { summary: 'Delete a cluster, in whatever status', status: 204 },
  },
  {
    method: 'POST',
    path: `${one}/actions/resize`,
    name: 'cluster:resize',
    versions: { from: 7 },
    handle: resizeCluster,
    describes: {
      summary: 'Resize a node group, or replace nodes of it',
      body: requestSchema(resizeFields),
      ...accepted,
    },
  },
  {
    method: 'POST',
    path: `${one}/actions/upgrade`,
    name: 'cluster:upgrade',
    versions: { from: 7 },
    handle: upgradeCluster,
    describes: { summary: 'Upgrade to another template', body: requestSchema(upgradeFields), ...accepted },
  },
]

export function clusterRoutes(services: ApiServices): readonly Route[] {
  return table.map(({ handle, ...route }) => ({ ...route, handle: (request) => handle(services, request) }))
}
