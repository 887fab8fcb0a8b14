/** From a template and a request to a cluster and its two default node groups: all defaults and merges of POST /v1/clusters. */
import {
  type ClusterSpec,
  type ClusterTemplate,
  type ClusterTemplateSpec,
  momentOf,
  type NodeGroupSpec,
} from '../model/index.ts'
import { masterName, workerName } from './counts.ts'
import { checkLabels, labelNumber, labelWarnings } from './label-warnings.ts'
import { type Labels, mergeLabels } from './labels.ts'
import { type Act, firstOperation } from './operation.ts'
import { Refusal } from './refusal.ts'

/** A body of POST /v1/clusters, its types checked and the wire's own defaults filled in; null and absent mean the same here. */
export interface ClusterRequest {
  readonly name: string
  readonly keypair?: string
  readonly nodeCount: number
  readonly masterCount: number
  readonly dockerVolumeSize?: number
  readonly labels?: Labels
  readonly mergeLabels: boolean
  readonly masterFlavorId?: string
  readonly flavorId?: string
  readonly createTimeout: number
  readonly discoveryUrl?: string
  readonly fixedNetwork?: string
  readonly fixedSubnet?: string
  readonly floatingIpEnabled?: boolean
  readonly masterLbEnabled?: boolean
}

export interface DraftContext extends Act {
  readonly clusterId: string
  readonly projectId: string
  readonly masterGroupId: string
  readonly workerGroupId: string
}

/** @throws Refusal 400 for what could not work: see {@link checkSizes} */
export function draftCluster(request: ClusterRequest, template: ClusterTemplate, context: DraftContext): ClusterSpec {
  const { spec } = template
  const wish = settings(request, spec)
  checkLabels(wish.labels)
  checkSizes(request, spec, wish)
  const createdAt = momentOf(context.now)
  const cluster = {
    name: request.name,
    projectId: context.projectId,
    userId: context.userId,
    createdAt,
    templateId: template.uuid,
    ...wish,
    ownLabels: request.labels ?? {},
    mergeLabels: request.mergeLabels,
    createTimeout: request.createTimeout,
    template: spec,
    warnings: [...labelWarnings(wish.labels, spec.coe)],
  }
  const group = { clusterId: context.clusterId, templateId: template.uuid, createdAt, projectId: context.projectId }
  const master = defaultGroup(cluster, group, { role: 'master', nodeCount: request.masterCount })
  const worker = defaultGroup(cluster, group, { role: 'worker', nodeCount: request.nodeCount })
  const nodeGroups = [
    { uuid: context.masterGroupId, spec: master },
    { uuid: context.workerGroupId, spec: worker },
  ]
  const operation = firstOperation({ kind: 'create', nodeGroups }, context)
  return { ...cluster, operation, nodeGroups: nodeGroups.map(({ uuid }) => uuid) }
}

type Settings = Pick<
  ClusterSpec,
  | 'keypair'
  | 'flavorId'
  | 'masterFlavorId'
  | 'dockerVolumeSize'
  | 'discoveryUrl'
  | 'fixedNetwork'
  | 'fixedSubnet'
  | 'labels'
  | 'floatingIpEnabled'
  | 'masterLbEnabled'
>

/** What the request says, else the template. */
function settings(request: ClusterRequest, template: ClusterTemplateSpec): Settings {
  return {
    ...defined('keypair', request.keypair ?? template.keypairId),
    ...defined('flavorId', request.flavorId || template.flavorId),
    ...defined('masterFlavorId', request.masterFlavorId || template.masterFlavorId),
    ...defined('dockerVolumeSize', request.dockerVolumeSize || template.dockerVolumeSize),
    ...defined('discoveryUrl', request.discoveryUrl),
    ...defined('fixedNetwork', request.fixedNetwork || template.fixedNetwork),
    ...defined('fixedSubnet', request.fixedSubnet || template.fixedSubnet),
    labels: mergeLabels(template.labels, request.labels, request.mergeLabels),
    floatingIpEnabled: request.floatingIpEnabled ?? template.floatingIpEnabled,
    masterLbEnabled: request.masterLbEnabled ?? template.masterLbEnabled,
  }
}

function defined<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value })
}

function checkSizes(request: ClusterRequest, template: ClusterTemplateSpec, wish: Settings): void {
  checkDockerVolume(template.dockerStorageDriver, wish.dockerVolumeSize)
  checkMasterSize(request.masterCount)
  if (request.masterCount > 1 && !wish.masterLbEnabled) {
    throw new Refusal(400, 'master_count must be 1 when master_lb_enabled is False')
  }
  const most = boundsOf(wish.labels).maxNodeCount
  if (most !== undefined && request.nodeCount > most)
    throw new Refusal(
      400,
      `node_count (${request.nodeCount}) should be less or equal to max_node_count (${most}), which a label says.`,
    )
  const missing = [
    wish.flavorId === undefined ? 'flavor_id' : [],
    wish.masterFlavorId === undefined ? 'master_flavor_id' : [],
  ]
  const [name] = missing.flat()
  if (name === undefined) return
  const option = name === 'flavor_id' ? '--flavor' : '--master-flavor'
  throw new Refusal(400, `Neither the request nor the cluster template says a ${name}; add ${option} FLAVOR.`)
}

/** An etcd of an even number of members bears no more failures than one less. @throws Refusal 400 */
export function checkMasterSize(count: number): void {
  if (count % 2 === 1) return
  throw new Refusal(400, `master nodegroup size of ${count} is invalid, size cannot be an even number.`)
}

/** @throws Refusal 400 */
function checkDockerVolume(storageDriver: string | undefined, size: number | undefined): void {
  if (storageDriver !== 'devicemapper' || (size ?? 0) >= 3) return
  throw new Refusal(
    400,
    `docker volume size ${size ?? 'None'} GB is not valid, expecting minimum value 3GB for ${storageDriver} storage driver.`,
  )
}

/** Of the default workers; 0 is no bound. */
function boundsOf(labels: Labels): Pick<NodeGroupSpec, 'minNodeCount' | 'maxNodeCount'> {
  const most = labelNumber(labels, 'max_node_count', 0)
  return {
    minNodeCount: labelNumber(labels, 'min_node_count', 0),
    ...(most === 0 ? {} : { maxNodeCount: most }),
  }
}

function defaultGroup(
  cluster: Omit<ClusterSpec, 'operation'>,
  group: Pick<NodeGroupSpec, 'clusterId' | 'templateId' | 'createdAt' | 'projectId'>,
  { role, nodeCount }: { readonly role: 'master' | 'worker'; readonly nodeCount: number },
): NodeGroupSpec {
  const flavorId = role === 'master' ? cluster.masterFlavorId : cluster.flavorId
  return {
    ...group,
    name: role === 'master' ? masterName : workerName,
    role,
    isDefault: true,
    flavorId: flavorId ?? '',
    imageId: cluster.template.imageId,
    ...defined('dockerVolumeSize', cluster.dockerVolumeSize),
    labels: cluster.labels,
    ownLabels: {},
    mergeLabels: false,
    nodeLabels: {},
    nodeTaints: [],
    nodeCount,
    ...(role === 'master' ? { minNodeCount: 0 } : boundsOf(cluster.labels)),
    nodesToRemove: [],
  }
}
