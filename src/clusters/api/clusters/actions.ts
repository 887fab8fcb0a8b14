/** POST /v1/clusters/{ident}/actions/resize and /upgrade. */
import type { Cluster, NodeGroup } from '../../model/index.ts'
import { checkZero, defaultWorker, resized, upgraded } from '../../rules/index.ts'
import { ApiError, type ApiReply, type ApiRequest } from '../route.ts'
import type { ApiServices } from '../services.ts'
import {
  addressed,
  type FieldTable,
  field,
  integer,
  invalidInput,
  list,
  parseBody,
  plainText,
  readArguments,
  text,
} from '../wire/index.ts'
import { beginChange, type ChangeWish } from './change.ts'
import { judged } from './checks.ts'
import { findCluster, findTemplate, targetOf } from './find.ts'

const groupName = text({ min: 1, max: 255 })

export const resizeFields = {
  node_count: field(integer({ min: 0 }), { mandatory: true }),
  nodes_to_remove: field(list(plainText(), { bounded: true }), { default: [] }),
  nodegroup: field(groupName),
} as const satisfies FieldTable

export const upgradeFields = {
  max_batch_size: field(integer({ min: 1 })),
  nodegroup: field(groupName),
  cluster_template: field(text({ min: 1, max: 255 })),
} as const satisfies FieldTable

/** A node group of a cluster by UUID or name; the default workers when none is named. @throws ApiError 404 */
export function groupOf(groups: readonly NodeGroup[], ident: string | null | undefined): NodeGroup {
  const worker = ident ? undefined : defaultWorker(groups)
  return (
    worker ??
    addressed(ident ?? '', {
      noun: 'Nodegroup',
      byUuid: (uuid) => groups.find((group) => group.uuid === uuid),
      byName: (name) => groups.filter(({ spec }) => spec.name === name),
    })
  )
}

export async function resizeCluster(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const body = parseBody('cluster_resize_req', resizeFields, request.body, request.version.minor)
  const nodeCount = body.node_count
  // A null must not empty a node group.
  if (typeof nodeCount !== 'number') throw invalidInput('node_count', null, 'Mandatory field missing.')
  const cluster = await beginChange(services, request, {
    find: () => findTo('cluster:resize', services, request),
    decide: (found, groups) => {
      checkZero(nodeCount, request.version.minor)
      const group = groupOf(groups, body.nodegroup)
      const nodesToRemove = (body.nodes_to_remove ?? []).filter((node) => node !== null)
      return {
        kind: 'resize',
        nodeGroups: [{ uuid: group.uuid, spec: resized(found, group, { nodeCount, nodesToRemove }) }],
      }
    },
  })
  return { status: 202, body: { uuid: cluster.uuid } }
}

export async function upgradeCluster(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const body = parseBody('cluster_upgrade_req', upgradeFields, request.body, request.version.minor)
  if (request.version.minor < 8)
    throw new ApiError(400, 'Cluster upgrade is not supported in the provided microversion.')
  const ident = body.cluster_template
  if (!ident)
    throw new ApiError(400, 'cluster_template is missing: the UUID or name of the cluster template to upgrade to.')
  const cluster = await beginChange(services, request, {
    find: () => findTo('cluster:upgrade', services, request),
    decide: (found, groups) =>
      upgradeWish(services, request, {
        cluster: found,
        groups,
        template: ident,
        ...(body.nodegroup ? { group: groupOf(groups, body.nodegroup) } : {}),
        ...(body.max_batch_size ? { maxBatchSize: body.max_batch_size } : {}),
      }),
  })
  return { status: 202, body: { uuid: cluster.uuid } }
}

interface UpgradeFacts {
  readonly cluster: Cluster
  readonly groups: readonly NodeGroup[]
  readonly template: string
  readonly group?: NodeGroup
  readonly maxBatchSize?: number
}

async function upgradeWish(services: ApiServices, request: ApiRequest, facts: UpgradeFacts): Promise<ChangeWish> {
  const { store, lookups } = services
  const { cluster, groups, group, maxBatchSize } = facts
  const template = findTemplate(store, request.caller, facts.template)
  const upgrade = upgraded({
    cluster,
    groups,
    template,
    ...(group === undefined ? {} : { group }),
    imageOf: (templateId) => store.templates.get(templateId)?.spec.imageId,
  })
  // Magnum finds out when the new nodes are made that their image is gone.
  const { imageId } = await lookups.find(request.caller, { imageId: template.spec.imageId }, request.signal)
  const said = judged(services, { ...cluster.spec, ...upgrade.cluster }, imageId)
  const isWhole = group === undefined || group.spec.isDefault
  return {
    kind: 'upgrade',
    nodeGroups: upgrade.nodeGroups,
    spec: isWhole ? { ...upgrade.cluster, warnings: [...upgrade.cluster.warnings, ...said] } : upgrade.cluster,
    ...(maxBatchSize === undefined ? {} : { maxBatchSize }),
  }
}

/** An admin upgrades everywhere and resizes at home, as in Magnum. */
function findTo(
  rule: 'cluster:resize' | 'cluster:upgrade',
  { store, enforce }: ApiServices,
  { caller, params }: ApiRequest,
): Cluster {
  const everywhere = rule === 'cluster:upgrade'
  if (everywhere && caller.isAdmin) enforce('cluster:upgrade_all_projects', caller)
  const cluster = findCluster(store, caller, params['cluster'] ?? '', everywhere)
  enforce(rule, caller, targetOf(cluster))
  return cluster
}
