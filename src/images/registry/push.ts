/** Brings images into a registry: every blob goes over the line once, and what is there already does not go at all. */
import { together } from '../../host/index.ts'
import { slots } from '../layers.ts'
import type { StepReporter } from '../model.ts'
import { type Place, placeOf, repositoryOf, tagOf } from './place.ts'
import { type Blob, type Manifest, type OpenOptions, type Registry, withRegistry } from './registry.ts'

export interface PushOptions extends Omit<OpenOptions, 'place'> {
  /** `HOST[:PORT][/PREFIX]` */
  readonly to: string
  readonly images: readonly PushableImage[]
  /** Every image is a step named after it. */
  readonly report: StepReporter
  /** Blobs on the line at a time. @default 4 */
  readonly concurrency?: number
}

export interface PushableImage {
  readonly name: string
  readonly reference: string
  readonly manifest: Manifest
  readonly blobs: readonly Blob[]
}

/** What a push did; blobs are layers and configurations. */
export interface PushTally {
  readonly sent: number
  readonly sentBytes: number
  /** Taken over from another repository of the registry. */
  readonly mounted: number
  /** Images of which nothing at all was missing. */
  readonly imagesThere: number
}

/** Pushes the images side by side. After an error, or a kill, the same call sends only what is missing. */
export async function pushImages(options: PushOptions): Promise<PushTally> {
  const tally = { sent: 0, sentBytes: 0, mounted: 0, imagesThere: 0 }
  const place = placeOf(options.to)
  await withRegistry({ ...options, place }, (opened, signal) => {
    const putBlob = blobPutter({ ...options, opened, place, tally })
    const push = async (image: PushableImage, say: (message: string) => void): Promise<void> => {
      const repository = repositoryOf(place, image.name)
      const tag = tagOf(image.reference)
      const registry = await opened
      if ((await registry.digestOf(repository, tag)) === image.manifest.digest) {
        tally.imagesThere += 1
        return say('already there')
      }
      const moved = progress(say)
      await together(signal, () => image.blobs.map((blob) => putBlob(repository, blob, moved)))
      await registry.putManifest(repository, tag, image.manifest)
    }
    return options.images.map((image) => options.report.step(image.name, async (say) => await push(image, say)))
  })
  return tally
}

type Moved = (bytes: number) => void
type PutBlob = (repository: string, blob: Blob, moved: Moved) => Promise<void>

interface PutterInput extends Pick<PushOptions, 'images' | 'concurrency'> {
  readonly opened: Promise<Registry>
  readonly place: Place
  readonly tally: { sent: number; sentBytes: number; mounted: number }
}

/** A function that makes a repository have a blob: what another repository has, or is getting, is taken over from there. */
function blobPutter({ images, concurrency = 4, opened, place, tally }: PutterInput): PutBlob {
  const slot = slots(concurrency)
  const put = async (repository: string, blob: Blob, onBytes: Moved, from?: string): Promise<void> => {
    const options = { onBytes, ...(from === undefined ? {} : { from }) }
    const how = await slot(async () => await (await opened).putBlob(repository, blob, options))
    if (how === 'mounted') tally.mounted += 1
    else {
      tally.sent += 1
      tally.sentBytes += blob.size
    }
  }
  /** The repositories that have a blob now, of those that want it. */
  const owners = perDigest(async ({ digest }) => {
    const registry = await opened
    const wanting = images
      .filter(({ blobs }) => blobs.some((blob) => blob.digest === digest))
      .map(({ name }) => repositoryOf(place, name))
    const have = await Promise.all(wanting.map(async (repository) => await registry.hasBlob(repository, digest)))
    return wanting.filter((_, index) => have[index])
  })
  /** One that has it: the first to ask brings it, when there is none. */
  const home = perDigest(async (blob, repository: string, moved: Moved) => {
    const [owner] = await owners(blob)
    if (owner === undefined) await put(repository, blob, moved)
    return owner ?? repository
  })
  return async (repository, blob, moved) => {
    const from = await home(blob, repository, moved)
    if (from === repository || (await owners(blob)).includes(repository)) return
    await put(repository, blob, moved, from)
  }
}

/** Does the work once for every digest; later calls get what the first one got. */
function perDigest<A extends readonly unknown[], T>(
  work: (blob: Blob, ...rest: A) => Promise<T>,
): (blob: Blob, ...rest: A) => Promise<T> {
  const begun = new Map<string, Promise<T>>()
  return async (blob, ...rest) => {
    const known = begun.get(blob.digest)
    if (known !== undefined) return await known
    const made = work(blob, ...rest)
    begun.set(blob.digest, made)
    return await made
  }
}

function progress(say: (message: string) => void): Moved {
  let sum = 0
  return (bytes) => {
    sum += bytes
    say(`${Math.round(sum / 1e6)} MB sent`)
  }
}
