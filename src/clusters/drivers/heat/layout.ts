/** What a cluster shall look like in the cloud, from what is wished: labels, templates and defaults. */
import { type Cluster, isSwarm, type NodeGroup } from '../../model/index.ts'
import { labelIsTrue } from '../../rules/index.ts'
import { CloudRefusal } from './cloud.ts'
import { listOf } from './flags.ts'
import { loginKeyOf } from './login-key.ts'
import { serverName } from './names.ts'
import type { Placement, StackNode } from './node-stacks.ts'
import type { RosterNode } from './roster.ts'
import type { ClusterStack, Ground } from './stack.ts'
import type { Volume } from './volumes.ts'

export interface Ranges {
  /** Of all Pods: `10.100.0.0/16`. */
  readonly pods: string
  /** Of the Services: `10.254.0.0/16`. */
  readonly services: string
  readonly dnsDomain: string
}

export function rangesOf({ spec }: Pick<Cluster, 'spec'>): Ranges {
  const { labels } = spec
  return {
    pods: labels['calico_ipv4pool'] ?? labels['flannel_network_cidr'] ?? '10.100.0.0/16',
    services: labels['service_cluster_ip_range'] ?? '10.254.0.0/16',
    dnsDomain: labels['dns_cluster_domain'] ?? 'cluster.local',
  }
}

const numberOf = (address: string): number => address.split('.').reduce((all, part) => all * 256 + Number(part), 0)
const addressOf = (number: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.')

/** The nth address of a range. */
export function addressIn(range: string, nth: number): string {
  const [first = ''] = range.split('/')
  return addressOf(numberOf(first) + nth)
}

const rangeForm = /^(\d{1,3}\.){3}\d{1,3}\/(\d{1,2})$/

/** Into what parts the range of Pods is cut. @throws CloudRefusal when it cannot be, or is none */
export function partOf(cluster: Pick<Cluster, 'spec'>): { readonly length: number; readonly room: number } {
  const { pods } = rangesOf(cluster)
  const own = Number(cluster.spec.labels['flannel_network_subnetlen'] ?? 24)
  const [, , length] = rangeForm.exec(pods) ?? []
  if (length === undefined || !(own > Number(length) && own <= 28))
    throw new CloudRefusal(
      `The range of Pods ${pods} cannot be cut into parts of /${own}; see the labels flannel_network_cidr and flannel_network_subnetlen`,
    )
  return { length: own, room: 2 ** (own - Number(length)) }
}

/** A node's part of the Pods' addresses. @throws CloudRefusal when the range has no room for it, or is none */
export function podRangeOf(cluster: Pick<Cluster, 'spec'>, { slot }: Pick<RosterNode, 'slot'>): string {
  const { pods } = rangesOf(cluster)
  const { length: own, room } = partOf(cluster)
  if (slot >= room) throw new CloudRefusal(`The range of Pods ${pods} has room for ${room} nodes with /${own} each`)
  return `${addressIn(pods, slot * 2 ** (32 - own))}/${own}`
}

/** Of whoever says nothing. */
export interface Defaults {
  /** `cinder.default_boot_volume_size`, GB. */
  readonly bootVolumeSize: number
}

export function placementOf(
  { spec }: Pick<Cluster, 'spec'>,
  defaults: Defaults,
  group?: Pick<NodeGroup, 'spec'>,
): Placement {
  const labels = group?.spec.labels ?? spec.labels
  const zone = labels['availability_zone']
  const spread = labels['server_group_policies']
  const volumes = {
    bootVolume: volumeOf(labels['boot_volume_size'] ?? defaults.bootVolumeSize, {
      type: labels['boot_volume_type'],
      zone: labels['boot_volume_availability_zone'],
    }),
    containerVolume: volumeOf((group?.spec ?? spec).dockerVolumeSize ?? 0, { type: labels['docker_volume_type'] }),
    etcdVolume: volumeOf(labels['etcd_volume_size'] ?? labels['etcd_blockdevice_size'] ?? 0, {
      type: labels['etcd_volume_type'] ?? labels['etcd_blockdevice_volume_type'],
      zone: labels['etcd_blockdevice_volume_az'],
    }),
  }
  return {
    floatingIps: spec.floatingIpEnabled,
    logins: loginKeyOf(spec) !== undefined,
    ...(zone === undefined ? {} : { availabilityZone: zone }),
    ...(spread === undefined ? {} : { spread }),
    ...Object.fromEntries(Object.entries(volumes).filter(([, volume]) => volume !== undefined)),
  }
}

/** Whether whoever is outside reaches the API. */
export function isApiOutside({ spec }: Pick<Cluster, 'spec'>): boolean {
  const said = spec.labels['master_lb_floating_ip_enabled']
  return said === undefined ? spec.floatingIpEnabled : labelIsTrue(said)
}

interface VolumeWords {
  readonly type: string | undefined
  readonly zone?: string | undefined
}

/** Undefined for a size of 0 GB. */
function volumeOf(size: string | number, { type, zone }: VolumeWords): Volume | undefined {
  if (Number(size) === 0) return undefined
  return {
    size: Number(size),
    ...(type === undefined ? {} : { type }),
    ...(zone === undefined ? {} : { availabilityZone: zone }),
  }
}

/** @throws CloudRefusal where there is no network to stand on */
export function groundOf({ spec }: Pick<Cluster, 'spec'>): Ground {
  const { fixedNetwork, fixedSubnet, template, labels } = spec
  if (fixedNetwork !== undefined && fixedSubnet !== undefined) return { networkId: fixedNetwork, subnetId: fixedSubnet }
  const { externalNetworkId, dnsNameserver } = template
  if (fixedNetwork !== undefined) throw new CloudRefusal('fixed_network needs fixed_subnet beside it')
  if (externalNetworkId === undefined)
    throw new CloudRefusal(
      'The cluster template has no external_network_id, and the cluster no fixed_network: nobody could reach it',
    )
  return {
    range: labels['fixed_subnet_cidr'] ?? '10.0.0.0/24',
    nameServers: listOf(dnsNameserver),
    externalNetworkId,
  }
}

/** Docker's own, with TLS. */
const dockerPort = 2376

export const apiPortOf = (cluster: Pick<Cluster, 'spec'>): number =>
  cluster.spec.template.apiserverPort ?? (isSwarm(cluster) ? dockerPort : 6443)

/** Who may reach the API; nobody said: everybody. */
export const allowedRangesOf = ({ spec: { labels } }: Pick<Cluster, 'spec'>): readonly string[] =>
  listOf(labels['master_lb_allowed_cidrs'] ?? labels['api_master_lb_allowed_cidrs'])

/** All but its nodes. */
export function clusterLayout(
  cluster: Pick<Cluster, 'spec'>,
  defaults: Defaults,
): Omit<ClusterStack, 'masters' | 'workers' | 'routed'> {
  const { spec } = cluster
  const apiRanges = allowedRangesOf(cluster)
  const { externalNetworkId } = spec.template
  return {
    name: spec.name,
    ground: groundOf(cluster),
    apiPort: apiPortOf(cluster),
    engine: isSwarm(cluster) ? 'Docker Swarm' : 'Kubernetes',
    podRange: rangesOf(cluster).pods,
    placement: placementOf(cluster, defaults),
    apiOutside: isApiOutside(cluster),
    ...(externalNetworkId === undefined ? {} : { externalNetworkId }),
    ...(apiRanges.length === 0 ? {} : { apiRanges }),
  }
}

export const stackNodeOf = (cluster: Cluster, group: NodeGroup, node: RosterNode, userData: string): StackNode => ({
  index: node.index,
  name: serverName(cluster, { uuid: group.uuid, name: group.spec.name }, node.index),
  imageId: node.imageId,
  flavorId: node.flavorId,
  userData,
  podRange: isSwarm(cluster) ? rangesOf(cluster).pods : podRangeOf(cluster, node),
})
