/**
 * The tiny test image: kernel, ramdisk and disk, three images that belong together by their digest.
 *
 * Glance has no unique names but takes an id: derived from the digest, so two runs mean the same image and none is made twice.
 * It never gives an id twice, even when the image was deleted; so the id has a generation that grows past deleted ones.
 */
import { createHash } from 'node:crypto'
import { CroqueError } from '../../errors/index.ts'
import { type Image, pause } from '../../openstack/index.ts'
import { contentNames, type StepAction, type StepContext, type StepResult, type TestImage } from '../content.ts'

const digestProperty = 'croque_digest'
const partProperty = 'croque_part'

type PartName = 'kernel' | 'ramdisk' | 'disk'

interface Part {
  readonly name: PartName
  readonly digest: string
  readonly path: string
  readonly format: 'aki' | 'ari' | 'raw'
  readonly properties: Readonly<Record<string, string>>
  readonly sendingMs: number
}

export async function observeTestImage(context: StepContext): Promise<StepAction> {
  const digest = wholeDigest(await context.testImage())
  const images = await context.cloud.image.list({ name: contentNames.image })
  if (images.some((image) => isReady(image, digest))) return 'unchanged'
  return images.some((image) => image.properties[digestProperty] !== undefined) ? 'configured' : 'created'
}

export async function makeTestImage(context: StepContext, sendingMs: number): Promise<StepResult> {
  const files = await context.testImage()
  const digest = wholeDigest(files)
  const named = await context.cloud.image.list({ name: contentNames.image })
  const ready = named.find((image) => isReady(image, digest))
  if (ready !== undefined) {
    const hidden = await hideOld(context, named, digest)
    return { action: hidden ? 'configured' : 'unchanged', message: `image ${ready.name} is active` }
  }
  const boot = { digest, properties: {}, sendingMs }
  const [kernel, ramdisk] = await Promise.all([
    makePart(context, { ...boot, name: 'kernel', path: files.kernel, format: 'aki' }),
    makePart(context, { ...boot, name: 'ramdisk', path: files.ramdisk, format: 'ari' }),
  ])
  const properties = { ...diskProperties, kernel_id: kernel, ramdisk_id: ramdisk }
  await makePart(context, { ...boot, name: 'disk', path: files.disk, format: 'raw', properties })
  const renewed = await hideOld(context, named, digest)
  return { action: renewed ? 'configured' : 'created', message: `image ${contentNames.image} is active` }
}

/** A VGA card, so that the console in the browser shows something. */
const diskProperties = {
  os_command_line: 'console=tty0 console=ttyS0 panic=5',
  hw_machine_type: 'q35',
  hw_video_model: 'vga',
  hw_rng_model: 'virtio',
}

/** A change of the properties makes a new image as well. */
function wholeDigest(files: TestImage): string {
  return createHash('sha256').update(files.digest).update(JSON.stringify(diskProperties)).digest('hex')
}

function isReady(image: Image, digest: string): boolean {
  return (
    image.status === 'active' &&
    image.properties[digestProperty] === digest &&
    image.properties[partProperty] === 'disk'
  )
}

/** Older builds keep working for their servers by id; their name goes to the new one. */
async function hideOld(context: StepContext, named: readonly Image[], digest: string): Promise<boolean> {
  const old = named.filter((image) => (image.properties[digestProperty] ?? digest) !== digest)
  await Promise.all(old.map((image) => context.cloud.image.hide(image.id)))
  return old.length > 0
}

/** Makes one part active and returns its id. */
async function makePart(context: StepContext, part: Part): Promise<string> {
  for (let generation = 0; generation < 100; generation += 1) {
    const id = partId(part, generation)
    const image = (await context.cloud.image.get(id)) ?? (await create(context, part, id))
    if (image !== undefined && (await finish(context, part, image))) return id
  }
  throw new CroqueError('openstack-resource-failed', {
    what: `the ${part.name} of image ${contentNames.image} was deleted a hundred times`,
  })
}

/** Undefined when an image of this id was there once and is deleted. */
async function create(context: StepContext, part: Part, id: string): Promise<Image | undefined> {
  const { image } = context.cloud
  const made = await image.create({
    id,
    name: part.name === 'disk' ? contentNames.image : `${contentNames.image}-${part.name}`,
    containerFormat: part.format === 'raw' ? 'bare' : part.format,
    diskFormat: part.format,
    visibility: 'public',
    properties: { ...part.properties, [digestProperty]: part.digest, [partProperty]: part.name },
  })
  return made === 'taken' ? image.get(id) : made
}

/** Brings an image to `active`; false when it was half-uploaded and is removed, so that another must be made. */
async function finish(context: StepContext, part: Part, image: Image): Promise<boolean> {
  const { cloud, say, signal } = context
  const deadline = Date.now() + part.sendingMs
  let status = image.status
  while (status !== 'active') {
    if (status === 'queued' && Date.now() < deadline) {
      say(`sending the ${part.name}`)
      await cloud.image.upload(image.id, part.path)
    } else if (status !== 'saving' || Date.now() > deadline) {
      say(`removing a half-uploaded ${part.name} (${status})`)
      await cloud.image.remove(image.id)
      return false
    } else {
      say(`waiting for the ${part.name} that another run is sending`)
      await pause(500, signal)
    }
    status = (await cloud.image.get(image.id))?.status ?? 'deleted'
  }
  return true
}

/** A UUID (version 8: made by a rule of one's own). */
function partId(part: Part, generation: number): string {
  const inputs = [part.digest, part.name, ...Object.entries(part.properties).flat(), generation]
  const hash = createHash('sha256').update(JSON.stringify(inputs)).digest('hex')
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}
