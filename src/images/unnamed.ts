/** What lies in the cache of images and is named by no present recipe. */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { othersIn, type Unnamed } from '../host/index.ts'
import { sbomPath } from './build.ts'
import { layerHashes } from './hash.ts'
import { layerDirectory } from './layer.ts'
import type { BuiltLayer, ImageArchive } from './model.ts'
import { nodeImageCache, nodeImageNames, nodeLayerHashes } from './node/node-image.ts'
import { layerRecipes } from './recipes.ts'
import { testImageHashes } from './test-image.ts'

export interface UnnamedOptions {
  readonly repoDir: string
  readonly cacheDir: string
  /** Releases that clouds of this machine may have. */
  readonly releases: readonly string[]
  /** The archives of the present images. */
  readonly archives: readonly ImageArchive[]
}

/** Layers come before blobs, which go when no layer names them any more. The packages that builds downloaded go as a whole. */
export function unnamedImages({ repoDir, cacheDir, releases, archives }: UnnamedOptions): readonly Unnamed[] {
  const images = join(cacheDir, 'images')
  const layers = new Set(
    [
      ...releases.map((release) => layerHashes(repoDir, release, layerRecipes)),
      testImageHashes(repoDir),
      nodeLayerHashes(repoDir),
    ].flatMap((hashes) => [...hashes].map(([name, hash]) => basename(layerDirectory(images, { name, hash })))),
  )
  const files = new Set(archives.flatMap(({ path }) => [basename(path), basename(sbomPath(path))]))
  return [
    async () => await othersIn(join(images, 'layers'), layers),
    async () => await othersIn(join(images, 'blobs/sha256'), await blobsOf(join(images, 'layers'))),
    async () => await othersIn(join(images, 'archives'), files),
    async () => await othersIn(images, new Set(['layers', 'blobs', 'archives', 'building'])),
    async () => await othersIn(nodeImageCache(cacheDir), new Set(await nodeImageNames(repoDir))),
  ]
}

/** Blobs of all layers that are there. */
async function blobsOf(layers: string): Promise<ReadonlySet<string>> {
  const names = await readdir(layers).catch(() => [])
  const texts = await Promise.all(
    names.map(async (name) => await readFile(join(layers, name, 'layer.json'), 'utf8').catch(() => undefined)),
  )
  const built = texts.filter((text) => text !== undefined).map((text) => JSON.parse(text) as BuiltLayer)
  return new Set(built.map(({ digest }) => digest.replace('sha256:', '')))
}
