/** DELETE /v1/clusters/{ident}: from every status. */
import { type Cluster, underWay } from '../../model/index.ts'
import type { ApiReply, ApiRequest } from '../route.ts'
import type { ApiServices } from '../services.ts'
import { readArguments } from '../wire/index.ts'
import { beginChange, settled } from './change.ts'
import { findCluster, targetOf } from './find.ts'

export async function deleteCluster(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const cluster = await beginChange(services, request, {
    find: () => findToDelete(services, request),
    // One that goes already goes on going.
    decide: (found) => (underWay(found) === 'delete' ? undefined : { kind: 'delete', nodeGroups: [] }),
  })
  await settled(services, cluster)
  return { status: 204 }
}

function findToDelete({ store, enforce }: ApiServices, { caller, params }: ApiRequest): Cluster {
  if (caller.isAdmin) enforce('cluster:delete_all_projects', caller)
  const cluster = findCluster(store, caller, params['cluster'] ?? '', true)
  enforce('cluster:delete', caller, targetOf(cluster))
  return cluster
}
