/** Makes the images of a release: which there are, and which of their layers must still be built. */
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { markUsed, together } from '../host/index.ts'
import { type ImageManifest, imageManifest, layoutEntries, writeArchive } from './archive.ts'
import { imageHash, layerHashes, sha256 } from './hash.ts'
import { blobPath, cachedLayer, layerDirectory } from './layer.ts'
import { type BuildOptions, layerBuilder } from './layers.ts'
import type { BuiltLayer, ImageArchive, ImageRecipe, ImageRef } from './model.ts'
import { imageRecipes, layerRecipes } from './recipes.ts'
import { componentsOf, spdxDocument } from './sbom.ts'

export interface EnsureImages extends BuildOptions {
  /** Names in the catalog; default all. */
  readonly names?: readonly string[]
}

/** Names and references of the images of a release. Reads a few dozen small files; builds nothing. */
export async function imageSet(options: {
  readonly repoDir: string
  readonly release: string
}): Promise<readonly ImageRef[]> {
  const hashes = layerHashes(options.repoDir, options.release, layerRecipes)
  return imageRecipes.map((image) => imageRef(image, options.release, hashes))
}

/** The layers of a release's images that are in the cache, each once. */
export function imageLayers(options: {
  readonly repoDir: string
  readonly cacheDir: string
  readonly release: string
}): readonly BuiltLayer[] {
  const hashes = layerHashes(options.repoDir, options.release, layerRecipes)
  const names = new Set(imageRecipes.flatMap(({ layers }) => layers))
  return [...names].flatMap(
    (name) => cachedLayer(join(options.cacheDir, 'images'), { name, hash: hashes.get(name) ?? '' }) ?? [],
  )
}

/** Makes sure that the images' archives are in the cache, building the layers that are missing. Each layer is a step named after it. */
export async function ensureImages(options: EnsureImages): Promise<readonly ImageArchive[]> {
  const hashes = layerHashes(options.repoDir, options.release, layerRecipes)
  const wanted = imageRecipes.filter((image) => options.names === undefined || options.names.includes(image.name))
  const cacheDir = join(options.cacheDir, 'images')
  // Longest chain of layers first: it decides when all is done.
  const order = wanted.toSorted((a, b) => b.layers.length - a.layers.length)
  const archives = await together(options.signal, (signal) => {
    const layers = layerBuilder({ ...options, cacheDir, signal }, layerRecipes, hashes)
    return order.map((image) => ensureArchive(image, imageRef(image, options.release, hashes), cacheDir, layers))
  })
  return archives.toSorted((a, b) => position(a, wanted) - position(b, wanted))
}

function position(archive: ImageArchive, wanted: readonly ImageRecipe[]): number {
  return wanted.findIndex((image) => archive.reference.startsWith(`croque.local/${image.name}:`))
}

export function imageRef(image: ImageRecipe, release: string, hashes: ReadonlyMap<string, string>): ImageRef {
  return {
    name: image.name,
    reference: `croque.local/${image.name}:${release}-${imageHash(image, hashes).slice(0, 12)}`,
  }
}

async function ensureArchive(
  image: ImageRecipe,
  ref: ImageRef,
  cacheDir: string,
  layer: (name: string) => Promise<BuiltLayer>,
): Promise<ImageArchive> {
  const layers = await Promise.all(image.layers.map(layer))
  const manifest = imageManifest(image, ref, layers)
  const path = archivePath(cacheDir, image.name, manifest)
  await writeArchive(
    path,
    layoutEntries(manifest, layers, (digest) => blobPath(cacheDir, digest)),
  )
  await markUsed(path)
  const archive = { reference: ref.reference, digest: manifest.digest, path }
  await ensureSbom(
    archive,
    layers.map((built) => join(layerDirectory(cacheDir, built), 'diff')),
  )
  return archive
}

/** An archive holds the image's reference too: releases share the very same image under names of their own. */
export const archivePath = (cacheDir: string, name: string, { index }: Pick<ImageManifest, 'index'>): string =>
  join(cacheDir, 'archives', `${name}-${sha256(index).slice(0, 16)}.tar`)

/** The bill of materials beside an archive. */
export const sbomPath = (archive: string): string => archive.replace(/\.tar$/, '.spdx.json')

async function ensureSbom(archive: ImageArchive, trees: readonly string[]): Promise<void> {
  const path = sbomPath(archive.path)
  if (await markUsed(path)) return
  const partial = `${path}.${process.pid}.partial`
  await writeFile(partial, spdxDocument(archive, trees.flatMap(componentsOf)))
  await rename(partial, path)
}
