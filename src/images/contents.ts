/** The images of a release as they are in the cache. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ImageManifest, imageManifest, manifestType } from './archive.ts'
import { archivePath, imageRef, sbomPath } from './build.ts'
import { layerHashes, sha256 } from './hash.ts'
import { blobPath, cachedLayer } from './layer.ts'
import type { BuiltLayer, ImageRef } from './model.ts'
import { imageRecipes, layerRecipes } from './recipes.ts'
import type { Blob, Manifest } from './registry/registry.ts'

/** What an image is made of, all of it in the cache. */
export interface BuiltImage {
  readonly manifest: Manifest
  /** Layers, lowest first, and the configuration. */
  readonly blobs: readonly Blob[]
  /** Bytes of all that, compressed. */
  readonly size: number
  /** Path of its bill of materials (SPDX). */
  readonly sbom: string
}

export interface ImageState extends ImageRef {
  /** Absent while it is not built. */
  readonly built?: BuiltImage
}

/** All images of a release; those whose archives are in the cache with what they are made of. Builds nothing. */
export function imageStates(options: {
  readonly repoDir: string
  readonly cacheDir: string
  readonly release: string
}): readonly ImageState[] {
  const cacheDir = join(options.cacheDir, 'images')
  const hashes = layerHashes(options.repoDir, options.release, layerRecipes)
  return imageRecipes.map((image) => {
    const ref = imageRef(image, options.release, hashes)
    const layers = image.layers.flatMap((name) => cachedLayer(cacheDir, { name, hash: hashes.get(name) ?? '' }) ?? [])
    if (layers.length < image.layers.length) return ref
    const content = imageManifest(image, ref, layers)
    const sbom = sbomPath(archivePath(cacheDir, image.name, content))
    return existsSync(sbom) ? { ...ref, built: builtImage(cacheDir, content, layers, sbom) } : ref
  })
}

function builtImage(cacheDir: string, content: ImageManifest, layers: readonly BuiltLayer[], sbom: string): BuiltImage {
  const config = { digest: `sha256:${sha256(content.config)}`, size: Buffer.byteLength(content.config) }
  const blobs = [
    ...layers.map(({ digest, size }) => ({ digest, size, content: { file: blobPath(cacheDir, digest) } })),
    { ...config, content: content.config },
  ]
  return {
    manifest: { digest: content.digest, mediaType: manifestType, text: content.manifest },
    blobs,
    size: blobs.reduce((sum, { size }) => sum + size, Buffer.byteLength(content.manifest)),
    sbom,
  }
}
