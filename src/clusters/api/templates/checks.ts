/** What a template may be: drivers of its COE, and what there is in the cloud. */
import { type FoundImage, requireRootDisk } from '../../lookups/index.ts'
import type { ClusterTemplateSpec } from '../../model/index.ts'
import { labelNumber } from '../../rules/index.ts'
import type { ResourceServices } from '../resource-services.ts'
import type { ApiRequest } from '../route.ts'
import { invalidValue, pythonText } from '../wire/index.ts'
import type { TemplateValues } from './view.ts'

interface CoeDrivers {
  /** The first one is filled in. */
  readonly network: readonly [string, ...string[]]
  readonly volume: readonly string[]
}

const drivers: Readonly<Record<ClusterTemplateSpec['coe'], CoeDrivers>> = {
  kubernetes: { network: ['flannel', 'calico', 'cilium'], volume: ['cinder'] },
  'swarm-mode': { network: ['docker', 'flannel'], volume: ['rexray'] },
}

/** What Magnum checks of the values alone. @throws ApiError 400 @returns the network driver, filled in */
export function checkDrivers(values: TemplateValues): {
  readonly coe: ClusterTemplateSpec['coe']
  readonly networkDriver: string
} {
  const { coe, server_type: serverType, volume_driver: volumeDriver } = values
  if (coe === undefined || coe === null)
    throw invalidValue(`Requested COE type ${coe === null ? 'None' : 'Unset'} is not supported.`)
  if (serverType === null)
    throw invalidValue('Server type None is not supported, expecting a vm/bm/unspecified server type.')
  const { network, volume } = drivers[coe]
  const networkDriver = values.network_driver ?? network[0]
  if (!network.includes(networkDriver)) throw unsupported('Network', 'network', networkDriver, network)
  if (volumeDriver && !volume.includes(volumeDriver)) throw unsupported('Volume', 'volume', volumeDriver, volume)
  checkDockerVolume(values)
  return { coe, networkDriver }
}

function unsupported(word: string, noun: string, driver: string, known: readonly string[]): Error {
  const expected = [...known, 'unspecified'].join('/')
  return invalidValue(`${word} driver type ${driver} is not supported, expecting a ${expected} ${noun} driver.`)
}

function checkDockerVolume({ docker_storage_driver: driver, docker_volume_size: size }: TemplateValues): void {
  if (driver !== 'devicemapper' || (size ?? 0) >= 3) return
  throw invalidValue(
    `docker volume size ${pythonText(size ?? null)} GB is not valid, expecting minimum value 3GB for ${driver} storage driver.`,
  )
}

/** All that a template names is there, and the flavors have a root disk or get a volume. @throws ApiError 400, 403, 409, 503 */
export async function checkResources(
  { lookups, settings }: ResourceServices,
  { caller, signal }: Pick<ApiRequest, 'caller' | 'signal'>,
  values: TemplateValues & { readonly image_id: string },
): Promise<FoundImage> {
  const sought = {
    flavorId: values.flavor_id,
    masterFlavorId: values.master_flavor_id,
    externalNetworkId: values.external_network_id,
    fixedNetwork: values.fixed_network,
    fixedSubnet: values.fixed_subnet,
  }
  const named = Object.fromEntries(Object.entries(sought).filter(([, value]) => typeof value === 'string'))
  const found = await lookups.find(caller, { ...named, imageId: values.image_id }, signal)
  const volume = labelNumber(values.labels ?? {}, 'boot_volume_size', settings.defaultBootVolumeSize)
  for (const flavor of [found.flavorId, found.masterFlavorId]) if (flavor !== undefined) requireRootDisk(flavor, volume)
  return found.imageId
}

/** @throws ApiError 400 when no driver makes clusters of it */
export function checkSupported({ unsupported }: ResourceServices, spec: ClusterTemplateSpec): void {
  const why = unsupported(spec)
  if (why !== undefined) throw invalidValue(why)
}
