/**
 * Images of known content: made once and whole, however often and by however many they are asked for.
 *
 * Glance has no unique names but takes an id: derived from the content, so two runs mean the same image and none is made twice.
 * It never gives an id twice, even when the image was deleted; so the id has a generation that grows past deleted ones.
 */
import { createHash } from 'node:crypto'
import { CroqueError } from '../../errors/index.ts'
import { type Image, pause } from '../../openstack/index.ts'
import type { StepContext } from '../content.ts'

export interface WholeImage {
  readonly name: string
  /** What it is of something bigger, for people: `kernel`. */
  readonly part: string
  readonly path: string
  readonly format: 'aki' | 'ari' | 'raw'
  readonly properties: Readonly<Record<string, string>>
  /** GiB of the smallest disk that it fits on. @default any */
  readonly minDisk?: number
  /** MiB of the least memory that it starts with. @default any */
  readonly minRam?: number
  /** Images with the same words are the same image. */
  readonly identity: readonly string[]
  /** How long another run may take to send it, in milliseconds; then it counts as dead. */
  readonly sendingMs: number
}

/** Properties by which our images are known: what all parts of one thing share, and which part it is. */
export const digestProperty = 'croque_digest'
export const partProperty = 'croque_part'

export type ImageContext = Pick<StepContext, 'cloud' | 'say' | 'signal'>

/** Makes the image active and returns its id; sends nothing when it is. */
export async function makeWholeImage(context: ImageContext, image: WholeImage): Promise<string> {
  for (let generation = 0; generation < 100; generation += 1) {
    const id = imageId(image, generation)
    const found = (await context.cloud.image.get(id)) ?? (await create(context, image, id))
    if (found !== undefined && (await finish(context, image, found))) return id
  }
  throw new CroqueError('openstack-resource-failed', {
    what: `the ${image.part} of image ${image.name} was deleted a hundred times`,
  })
}

/** Undefined when an image of this id was there once and is deleted. */
async function create({ cloud }: ImageContext, image: WholeImage, id: string): Promise<Image | undefined> {
  const made = await cloud.image.create({
    id,
    name: image.name,
    containerFormat: image.format === 'raw' ? 'bare' : image.format,
    diskFormat: image.format,
    visibility: 'public',
    properties: image.properties,
    ...(image.minDisk === undefined ? {} : { minDisk: image.minDisk }),
    ...(image.minRam === undefined ? {} : { minRam: image.minRam }),
  })
  return made === 'taken' ? cloud.image.get(id) : made
}

/** Brings an image to `active`; false when it was half-uploaded and is removed, so that another must be made. */
async function finish(context: ImageContext, image: WholeImage, found: Image): Promise<boolean> {
  const { cloud, say, signal } = context
  const deadline = Date.now() + image.sendingMs
  let status = found.status
  while (status !== 'active') {
    if (status === 'queued' && Date.now() < deadline) {
      say(`sending the ${image.part}`)
      await cloud.image.upload(found.id, image.path)
    } else if (status !== 'saving' || Date.now() > deadline) {
      say(`removing a half-uploaded ${image.part} (${status})`)
      await cloud.image.remove(found.id)
      return false
    } else {
      say(`waiting for the ${image.part} that another run is sending`)
      await pause(500, signal)
    }
    status = (await cloud.image.get(found.id))?.status ?? 'deleted'
  }
  return true
}

/** Older builds of ours keep working for their servers by id; their name goes to the new one. Returns whether there were any. */
export async function hideOld(
  { cloud }: ImageContext,
  named: readonly Image[],
  isCurrent: (image: Image) => boolean,
): Promise<boolean> {
  const old = named.filter((image) => image.properties[digestProperty] !== undefined && !isCurrent(image))
  await Promise.all(old.map(async ({ id }) => await cloud.image.hide(id)))
  return old.length > 0
}

/** A UUID (version 8: made by a rule of one's own). */
function imageId({ identity }: WholeImage, generation: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([...identity, generation]))
    .digest('hex')
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}
