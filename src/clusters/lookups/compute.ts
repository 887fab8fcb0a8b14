/** Flavors by their ids or names, and key pairs. */
import type { Flavor, Keypair, OpenStack } from '../../openstack/index.ts'
import { ApiError } from '../api/route.ts'
import { Fault, helpWith } from './fault.ts'
import type { FoundFlavor } from './sought.ts'

export function findFlavor(all: readonly Flavor[], value: string, field: string): FoundFlavor {
  const found = all.find(({ id, name }) => name === value || id === value)
  if (found !== undefined) return found
  const names = all.map(({ name }) => name)
  throw new Fault(
    400,
    `Unable to find flavor ${value}.`,
    helpWith({ field, value, names, command: 'openstack flavor list' }),
  )
}

export async function findKeypair({ compute }: Pick<OpenStack, 'compute'>, value: string): Promise<Keypair> {
  const found = await compute.keypair(value)
  if (found !== undefined) return found
  const names = (await compute.keypairs()).map(({ name }) => name)
  const help = helpWith({ field: 'keypair', value, names, command: 'openstack keypair list' })
  throw new Fault(404, `Unable to find keypair ${value}.`, help)
}

/**
 * A server needs a disk: its flavor's, or a volume of `bootVolumeSize` GB (the label `boot_volume_size`).
 * @throws ApiError 400
 */
export function requireRootDisk(flavor: FoundFlavor, bootVolumeSize: number): void {
  if (bootVolumeSize > 0 || flavor.disk > 0) return
  throw new ApiError(
    400,
    [
      'Flavor with zero root volume size is not supported when boot_volume_size is zero.',
      `Flavor ${flavor.name} has no disk: choose another, or boot from a volume with --labels boot_volume_size=20`,
    ].join(' '),
  )
}
