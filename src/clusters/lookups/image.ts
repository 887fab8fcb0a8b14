/** An image by its id or its name. */
import { type Image, type OpenStack, statusOf } from '../../openstack/index.ts'
import { Fault, helpWith } from './fault.ts'
import type { FoundImage } from './sought.ts'

/** As oslo.utils reads UUIDs: with or without hyphens. */
const uuidLike = /^\{?(?:urn:uuid:)?[\da-f]{8}(?:-?[\da-f]{4}){3}-?[\da-f]{12}\}?$/i

export async function findImage({ image }: Pick<OpenStack, 'image'>, value: string): Promise<FoundImage> {
  const found = uuidLike.test(value) ? await byId(image, value) : await byName(image, value)
  if (found === undefined) throw new Fault(400, `Image ${value} could not be found.`, await help(image, value))
  const {
    os_distro: osDistro,
    magnum_driver: driver,
    kube_version: kubeVersion,
    docker_version: dockerVersion,
    img_hv_type: hypervisor,
  } = found.properties
  if (osDistro === undefined || osDistro === '')
    throw new Fault(
      400,
      `Image ${value} doesn't contain os_distro field.`,
      `It says which driver can use the image. To set it: openstack image set --property os_distro=ubuntu ${found.id}`,
    )
  return {
    id: found.id,
    name: found.name,
    osDistro,
    ...(driver === undefined ? {} : { driver }),
    ...(kubeVersion === undefined ? {} : { kubeVersion }),
    ...(dockerVersion === undefined ? {} : { dockerVersion }),
    ...(hypervisor === undefined ? {} : { hypervisor }),
  }
}

async function byId(image: OpenStack['image'], id: string): Promise<Image | undefined> {
  return image.get(encodeURIComponent(id)).catch((error: unknown) => {
    if (statusOf(error) === 403) throw new Fault(403, `Not authorized for image ${id}.`)
    throw error
  })
}

async function byName(image: OpenStack['image'], name: string): Promise<Image | undefined> {
  // Glance has operators in names (`in:a,b`): only the very name counts.
  const [first, ...others] = (await image.list({ name })).filter((one) => one.name === name)
  if (others.length > 0)
    throw new Fault(
      409,
      `Multiple images exist with same name ${name}. Please use the resource id instead.`,
      `They are: ${[first, ...others].map((one) => one?.id).join(', ')}.`,
    )
  return first
}

async function help(image: OpenStack['image'], value: string): Promise<string> {
  const names = (await image.list({})).filter((one) => 'os_distro' in one.properties).map(({ name }) => name)
  return helpWith({ field: 'image_id', value, names, command: 'openstack image list --long' })
}
