/** What a request names in other services is looked up before anything is written, with the caller's own rights. */
import { type FoundImage, requireRootDisk } from '../../lookups/index.ts'
import type { ClusterSpec, NodeGroupSpec } from '../../model/index.ts'
import { type Labels, labelNumber } from '../../rules/index.ts'
import { ApiError, type ApiRequest } from '../route.ts'
import type { ApiServices } from '../services.ts'
import { present } from './present.ts'

/**
 * Looks up all that a new cluster names, its template's included, and asks its driver.
 * @returns it with what is known by then: the text of its key, which only who brings it can see, and what will be otherwise than it was asked for
 * @throws ApiError
 */
export async function completed(services: ApiServices, request: ApiRequest, spec: ClusterSpec): Promise<ClusterSpec> {
  const { template, flavorId, masterFlavorId, fixedNetwork, fixedSubnet, keypair, labels } = spec
  const { externalNetworkId, imageId } = template
  const sought = present({ externalNetworkId, flavorId, masterFlavorId, fixedNetwork, fixedSubnet, keypair })
  const found = await services.lookups.find(request.caller, { imageId, ...sought }, request.signal)
  const volume = bootVolume(services, labels)
  for (const flavor of [found.flavorId, found.masterFlavorId]) {
    if (flavor !== undefined) requireRootDisk(flavor, volume)
  }
  const known = { ...spec, ...(found.keypair === undefined ? {} : { publicKey: found.keypair.publicKey }) }
  return { ...known, warnings: [...spec.warnings, ...judged(services, known, found.imageId)] }
}

/** What the driver warns of. @throws ApiError 400 for what it refuses */
export function judged(
  { judge }: ApiServices,
  spec: ClusterSpec,
  image: FoundImage,
  group?: NodeGroupSpec,
): readonly string[] {
  const { refusal, warnings } = judge(spec, image, group)
  if (refusal !== undefined) throw new ApiError(400, refusal)
  return warnings
}

/** All that a new node group names, and what the driver says to it. @throws ApiError */
export async function checkGroup(
  services: ApiServices,
  request: ApiRequest,
  { cluster, group }: { readonly cluster: ClusterSpec; readonly group: NodeGroupSpec },
): Promise<void> {
  const sought = { flavorId: group.flavorId, imageId: group.imageId }
  const { flavorId, imageId } = await services.lookups.find(request.caller, sought, request.signal)
  requireRootDisk(flavorId, bootVolume(services, group.labels))
  judged(services, cluster, imageId, group)
}

/** GB; 0 for none. */
function bootVolume({ settings }: ApiServices, labels: Labels): number {
  return labelNumber(labels, 'boot_volume_size', settings.defaultBootVolumeSize)
}
