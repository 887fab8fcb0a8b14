/** The tiny test image: a kernel, a ramdisk and a disk that boot in seconds under emulation, and the same guest as a root file system for containers. */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { layerHashes, sha256 } from './hash.ts'
import { layerDirectory } from './layer.ts'
import { type BuildOptions, layerBuilder } from './layers.ts'
import { layerRecipes, testImageRecipe } from './recipes.ts'
import { Digest } from './streams.ts'

/** Paths of the four files; `digest` (64 hex digits) covers the bytes of all. */
export interface TestImageFiles {
  readonly kernel: string
  readonly ramdisk: string
  readonly disk: string
  /** ext4, for container guests. */
  readonly container: string
  readonly digest: string
}

const recipes = [...layerRecipes.filter((layer) => testImageRecipe.on.includes(layer.name)), testImageRecipe]

/** Makes sure that the test image is in the cache. It has no release; building it takes about ten seconds. */
export async function ensureTestImage(options: Omit<BuildOptions, 'release'>): Promise<TestImageFiles> {
  const hashes = testImageHashes(options.repoDir)
  const cacheDir = join(options.cacheDir, 'images')
  await layerBuilder({ ...options, release: '', cacheDir }, recipes, hashes)(testImageRecipe.name)
  const out = join(
    layerDirectory(cacheDir, { name: testImageRecipe.name, hash: hashes.get(testImageRecipe.name) ?? '' }),
    'diff/out',
  )
  const files = {
    kernel: join(out, 'vmlinuz'),
    ramdisk: join(out, 'initrd'),
    disk: join(out, 'disk'),
    container: join(out, 'container'),
  }
  const digests = await Promise.all(Object.values(files).map(digestOf))
  return { ...files, digest: sha256(digests.join(' ')) }
}

/** Hashes of its layer and of those below. */
export const testImageHashes = (repoDir: string): ReadonlyMap<string, string> => layerHashes(repoDir, '', recipes)

async function digestOf(path: string): Promise<string> {
  const digest = new Digest()
  await pipeline(createReadStream(path), digest, async (bytes) => {
    for await (const _ of bytes);
  })
  return digest.digest()
}
