/** What a request names in other services is looked up before anything is written, with the caller's own rights. */
import { requireRootDisk } from '../../lookups/index.ts'
import type { ClusterSpec } from '../../model/index.ts'
import { type Labels, labelNumber } from '../../rules/index.ts'
import type { ApiRequest } from '../route.ts'
import type { ApiServices } from '../services.ts'
import { present } from './present.ts'

/** All that a new cluster names, its template's included. @throws ApiError */
export async function checkResources(services: ApiServices, request: ApiRequest, spec: ClusterSpec): Promise<void> {
  const { template, flavorId, masterFlavorId, fixedNetwork, fixedSubnet, keypair, labels } = spec
  const { externalNetworkId, imageId } = template
  const sought = present({ externalNetworkId, flavorId, masterFlavorId, fixedNetwork, fixedSubnet, keypair })
  const found = await services.lookups.find(request.caller, { imageId, ...sought }, request.signal)
  const volume = bootVolume(services, labels)
  for (const flavor of [found.flavorId, found.masterFlavorId]) {
    if (flavor !== undefined) requireRootDisk(flavor, volume)
  }
}

export interface GroupResources {
  readonly flavorId: string
  /** Undefined: the cluster's, which was looked up when the cluster was made. */
  readonly imageId?: string
  /** Of the cluster. */
  readonly labels: Labels
}

/** All that a new node group names. @throws ApiError */
export async function checkGroupResources(
  services: ApiServices,
  request: ApiRequest,
  { labels, ...sought }: GroupResources,
): Promise<void> {
  const { flavorId } = await services.lookups.find(request.caller, sought, request.signal)
  requireRootDisk(flavorId, bootVolume(services, labels))
}

/** GB; 0 for none. */
function bootVolume({ settings }: ApiServices, labels: Labels): number {
  return labelNumber(labels, 'boot_volume_size', settings.defaultBootVolumeSize)
}
