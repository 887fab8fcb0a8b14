/**
 * The tiny test image: kernel, ramdisk and disk, three images that belong together by their digest. For container guests the same
 * guest is one image more, of its root file system.
 */
import { createHash } from 'node:crypto'
import type { Image } from '../../openstack/index.ts'
import { contentNames, type StepAction, type StepContext, type StepResult, type TestImage } from '../content.ts'
import { digestProperty, hideOld, makeWholeImage, partProperty, type WholeImage } from './whole-image.ts'

type PartName = 'kernel' | 'ramdisk' | 'disk' | 'container'

interface Part extends Pick<WholeImage, 'path' | 'format' | 'properties' | 'sendingMs'> {
  readonly name: PartName
  /** Name of its image. */
  readonly title: string
  readonly digest: string
}

export async function observeTestImage(context: StepContext): Promise<StepAction> {
  const digest = wholeDigest(await context.testImage())
  const images = await context.cloud.image.list({ name: contentNames.image })
  return actionOf(images, { digest, part: 'disk' })
}

export async function observeContainerImage(context: StepContext): Promise<StepAction> {
  const digest = wholeDigest(await context.testImage(), containerProperties)
  const images = await context.cloud.image.list({ name: contentNames.containerImage })
  return actionOf(images, { digest, part: 'container' })
}

function actionOf(images: readonly Image[], wanted: Wanted): StepAction {
  if (images.some((image) => isReady(image, wanted))) return 'unchanged'
  return images.some((image) => image.properties[digestProperty] !== undefined) ? 'configured' : 'created'
}

export async function makeTestImage(context: StepContext, sendingMs: number): Promise<StepResult> {
  const files = await context.testImage()
  const digest = wholeDigest(files)
  const named = await context.cloud.image.list({ name: contentNames.image })
  const ready = named.find((image) => isReady(image, { digest, part: 'disk' }))
  if (ready !== undefined) {
    const hidden = await hideOld(context, named, hasDigest(digest))
    return { action: hidden ? 'configured' : 'unchanged', message: `image ${ready.name} is active` }
  }
  const boot = { digest, properties: {}, sendingMs }
  const title = contentNames.image
  const [kernel, ramdisk] = await Promise.all([
    makePart(context, { ...boot, name: 'kernel', title: `${title}-kernel`, path: files.kernel, format: 'aki' }),
    makePart(context, { ...boot, name: 'ramdisk', title: `${title}-ramdisk`, path: files.ramdisk, format: 'ari' }),
  ])
  const properties = { ...diskProperties, kernel_id: kernel, ramdisk_id: ramdisk }
  await makePart(context, { ...boot, name: 'disk', title, path: files.disk, format: 'raw', properties })
  const renewed = await hideOld(context, named, hasDigest(digest))
  return { action: renewed ? 'configured' : 'created', message: `image ${contentNames.image} is active` }
}

export async function makeContainerImage(context: StepContext, sendingMs: number): Promise<StepResult> {
  const files = await context.testImage()
  const title = contentNames.containerImage
  const properties = containerProperties
  const digest = wholeDigest(files, properties)
  const named = await context.cloud.image.list({ name: title })
  const action = actionOf(named, { digest, part: 'container' })
  if (action !== 'unchanged')
    await makePart(context, {
      digest,
      name: 'container',
      title,
      path: files.container,
      format: 'raw',
      properties,
      sendingMs,
    })
  const renewed = await hideOld(context, named, hasDigest(digest))
  return { action: renewed ? 'configured' : action, message: `image ${title} is active` }
}

/** By which the scheduler gives it to nodes for container guests. */
const containerProperties = { img_hv_type: 'lxc' }

/** A VGA card, so that the console in the browser shows something. */
const diskProperties = {
  os_command_line: 'console=tty0 console=ttyS0 panic=5',
  hw_machine_type: 'q35',
  hw_video_model: 'vga',
  hw_rng_model: 'virtio',
}

/** A change of the properties makes a new image as well. */
function wholeDigest(files: TestImage, properties: Part['properties'] = diskProperties): string {
  return createHash('sha256').update(files.digest).update(JSON.stringify(properties)).digest('hex')
}

interface Wanted {
  readonly digest: string
  readonly part: PartName
}

function isReady(image: Image, { digest, part }: Wanted): boolean {
  return (
    image.status === 'active' && image.properties[digestProperty] === digest && image.properties[partProperty] === part
  )
}

const hasDigest =
  (digest: string) =>
  ({ properties }: Image): boolean =>
    properties[digestProperty] === digest

/** Makes one part active and returns its id. */
async function makePart(context: StepContext, { name, title, digest, properties, ...part }: Part): Promise<string> {
  return await makeWholeImage(context, {
    ...part,
    name: title,
    part: name,
    properties: { ...properties, [digestProperty]: digest, [partProperty]: name },
    identity: [digest, name, ...Object.entries(properties).flat()],
  })
}
