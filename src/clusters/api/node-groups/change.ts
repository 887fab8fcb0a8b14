/** Making, changing and taking away node groups: each is a change of their cluster. */
import { type Cluster, type NodeGroup, nodeGroupsOf } from '../../model/index.ts'
import { checkDeletable, draftNodeGroup, type NodeGroupRequest, patchedNodeGroup } from '../../rules/index.ts'
import { groupOf } from '../clusters/actions.ts'
import { beginChange } from '../clusters/change.ts'
import { checkGroup } from '../clusters/checks.ts'
import { findCluster } from '../clusters/find.ts'
import { present } from '../clusters/present.ts'
import type { ApiReply, ApiRequest } from '../route.ts'
import type { ApiServices } from '../services.ts'
import {
  notFound,
  type PatchOperation,
  type PatchRules,
  parseBody,
  parsePatch,
  patched,
  readArguments,
  type Values,
} from '../wire/index.ts'
import { nodeGroupFields } from './fields.ts'
import { longNodeGroup, nodeGroupValues } from './view.ts'

export async function createNodeGroup(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const body = parseBody('nodegroup', nodeGroupFields, request.body, request.version.minor)
  services.enforce('nodegroup:create', request.caller)
  const uuid = services.newUuid()
  const cluster = await beginChange(services, request, {
    find: () => ownCluster(services, request),
    decide: async (found, groups) => {
      const spec = draftNodeGroup(requestOf(body), found, groups)
      await checkGroup(services, request, { cluster: found.spec, group: spec })
      return { kind: 'nodegroup-create', nodeGroups: [{ uuid, spec }] }
    },
  })
  return whole(services, request, { cluster, uuid })
}

function requestOf(body: Values<typeof nodeGroupFields>): NodeGroupRequest {
  return {
    nodeCount: body.node_count ?? 1,
    minNodeCount: body.min_node_count ?? 0,
    role: body.role || 'worker',
    mergeLabels: body.merge_labels ?? false,
    ...present({
      name: body.name,
      maxNodeCount: body.max_node_count,
      flavorId: body.flavor_id,
      imageId: body.image_id,
      dockerVolumeSize: body.docker_volume_size,
      labels: body.labels,
      nodeLabels: body.node_labels,
      nodeTaints: body.node_taints,
    }),
  }
}

const fixed = [
  'name',
  'cluster_id',
  'docker_volume_size',
  'labels',
  'flavor_id',
  'image_id',
  'node_addresses',
  'node_count',
  'role',
  'is_default',
  'stack_id',
  'status',
  'status_reason',
  'version',
]
const patchRules: PatchRules = { table: nodeGroupFields, internal: fixed.map((name) => `/${name}`) }

export async function patchNodeGroup(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const operations = parsePatch(request.body, patchRules)
  services.enforce('nodegroup:update', request.caller)
  let uuid = ''
  const cluster = await beginChange(services, request, {
    find: () => ownCluster(services, request),
    decide: (found, groups) => {
      const group = named(groups, request)
      uuid = group.uuid
      if (operations.length === 0) return undefined
      const spec = patchedSpec(found, group, operations)
      return { kind: 'nodegroup-update', nodeGroups: [{ uuid, spec }] }
    },
  })
  return whole(services, request, { cluster, uuid })
}

function patchedSpec(cluster: Cluster, group: NodeGroup, operations: readonly PatchOperation[]): NodeGroup['spec'] {
  const after = patched(nodeGroupFields, nodeGroupValues(cluster, group), operations)
  return patchedNodeGroup(group, {
    minNodeCount: after.min_node_count ?? 0,
    nodeLabels: after.node_labels ?? {},
    nodeTaints: after.node_taints ?? [],
    ...present({ maxNodeCount: after.max_node_count }),
  })
}

export async function deleteNodeGroup(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  services.enforce('nodegroup:delete', request.caller)
  await beginChange(services, request, {
    find: () => ownCluster(services, request),
    decide: (_, groups) => {
      const group = named(groups, request)
      checkDeletable(group)
      return { kind: 'nodegroup-delete', nodeGroups: [{ uuid: group.uuid }] }
    },
  })
  return { status: 204 }
}

/** An admin changes node groups at home only, as in Magnum. */
function ownCluster({ store }: ApiServices, { caller, params }: ApiRequest): Cluster {
  return findCluster(store, caller, params['cluster'] ?? '')
}

function named(groups: readonly NodeGroup[], { params }: ApiRequest): NodeGroup {
  return groupOf(groups, params['nodegroup'] ?? '')
}

interface Changed {
  readonly cluster: Cluster
  readonly uuid: string
}

function whole({ store }: ApiServices, request: ApiRequest, { cluster, uuid }: Changed): ApiReply {
  const group = nodeGroupsOf(cluster, store).find((candidate) => candidate.uuid === uuid)
  if (group === undefined) throw notFound(`Nodegroup ${uuid} could not be found.`)
  return { status: 202, body: longNodeGroup(cluster, group, request) }
}
