/** Which bytes a tag of the registry stands for: Pods name them by their digest, so that nothing changes under a cloud. */
import { CroqueError } from '../../errors/index.ts'
import type { ImageRef } from '../model.ts'
import { placeOf, referenceIn, repositoryOf, tagOf } from './place.ts'
import { type OpenOptions, withRegistry } from './registry.ts'

export interface PinOptions extends Omit<OpenOptions, 'place'> {
  /** `HOST[:PORT][/PREFIX]` */
  readonly from: string
  readonly images: readonly ImageRef[]
}

/** `HOST/PREFIX/NAME:TAG@sha256:…` by the image's name in the catalog. Throws `image-not-pushed` naming all that are missing. */
export async function pinnedReferences(options: PinOptions): Promise<Readonly<Record<string, string>>> {
  const { from, images } = options
  const place = placeOf(from)
  const digests = await withRegistry({ ...options, place }, (opened) =>
    images.map(
      async ({ name, reference }) => await (await opened).digestOf(repositoryOf(place, name), tagOf(reference)),
    ),
  )
  const missing = images.filter((_, index) => digests[index] === undefined).map((image) => referenceIn(from, image))
  if (missing.length > 0)
    throw new CroqueError('image-not-pushed', {
      what: `The registry ${from} lacks ${missing.length === images.length ? 'all images of this version' : missing.join(', ')}`,
    })
  return Object.fromEntries(images.map((image, index) => [image.name, `${referenceIn(from, image)}@${digests[index]}`]))
}
