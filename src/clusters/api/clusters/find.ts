/** Whose cluster may be seen: those of the caller's project; where Magnum has it so, all of them for an admin. */
import type { Caller } from '../../identity/caller.ts'
import { type Cluster, type ClusterStore, type ClusterTemplate, visibleStatus } from '../../model/index.ts'
import type { ApiRequest } from '../route.ts'
import type { ApiServices, Target } from '../services.ts'
import { addressed } from '../wire/index.ts'

interface Owned {
  readonly spec: { readonly projectId: string; readonly userId: string }
}

/** A caller whose token is of no project sees what is the caller's own. */
export function isSeen({ spec }: Owned, caller: Caller): boolean {
  return caller.projectId === undefined ? spec.userId === caller.userId : spec.projectId === caller.projectId
}

/** `everywhere`: an admin sees all projects. @throws ApiError 404, 409 */
export function findCluster(store: ClusterStore, caller: Caller, ident: string, everywhere = false): Cluster {
  const seen = (cluster: Cluster): boolean => (everywhere && caller.isAdmin) || isSeen(cluster, caller)
  return addressed(ident, {
    noun: 'Cluster',
    byUuid: (uuid) => [store.clusters.get(uuid)].find((cluster) => cluster !== undefined && seen(cluster)),
    byName: (name) => store.clusters.named(name).filter(seen),
  })
}

/** Own ones, public ones (also hidden), and for an admin all. @throws ApiError 404, 409 */
export function findTemplate(store: ClusterStore, caller: Caller, ident: string): ClusterTemplate {
  const seen = (item: ClusterTemplate): boolean => caller.isAdmin || item.spec.public || isSeen(item, caller)
  return addressed(ident, {
    noun: 'ClusterTemplate',
    byUuid: (uuid) => [store.templates.get(uuid)].find((item) => item !== undefined && seen(item)),
    byName: (name) => store.templates.named(name).filter(seen),
  })
}

/** The cluster of the path, as fresh as the request. @throws ApiError 404, 409 */
export async function foundCluster(services: ApiServices, request: ApiRequest, everywhere = false): Promise<Cluster> {
  await services.store.fresh()
  return findCluster(services.store, request.caller, request.params['cluster'] ?? '', everywhere)
}

/** All that the caller sees, oldest first. */
export function seenClusters(store: ClusterStore, caller: Caller): readonly Cluster[] {
  if (caller.isAdmin) return store.clusters.all()
  if (caller.projectId !== undefined) return store.clusters.ofProject(caller.projectId)
  return store.clusters.all().filter((cluster) => isSeen(cluster, caller))
}

/** A cluster as policies name its properties. */
export function targetOf(cluster: Cluster): Target {
  const { projectId, userId, name, templateId } = cluster.spec
  return {
    uuid: cluster.uuid,
    project_id: projectId,
    user_id: userId,
    name,
    cluster_template_id: templateId,
    status: visibleStatus(cluster),
  }
}
