/** Makes the images of a release: which there are, and which of their layers must still be built. */
import { join } from 'node:path'
import { imageManifest, layoutEntries, writeArchive } from './archive.ts'
import { imageHash, layerHashes } from './hash.ts'
import { blobPath, buildLayer, cachedLayer } from './layer.ts'
import type { BuiltLayer, ImageArchive, ImageRecipe, ImageRef, LayerRecipe, StepReporter } from './model.ts'
import { imageRecipes, layerRecipes } from './recipes.ts'

export interface EnsureImages {
  readonly repoDir: string
  readonly cacheDir: string
  readonly release: string
  /** Names in the catalog; default all. */
  readonly names?: readonly string[]
  /** Proxies, CA bundle and package indexes for the builds are taken from it. */
  readonly env: Readonly<Record<string, string>>
  /** Builds at a time. @default 2 */
  readonly concurrency?: number
  readonly report: StepReporter
  readonly signal: AbortSignal
}

/** Names and references of the images of a release. Reads a few dozen small files; builds nothing. */
export async function imageSet(options: { readonly repoDir: string; readonly release: string }): Promise<readonly ImageRef[]> {
  const hashes = layerHashes(options.repoDir, options.release, layerRecipes)
  return imageRecipes.map((image) => imageRef(image, options.release, hashes))
}

/** Makes sure that the images' archives are in the cache, building the layers that are missing. Each layer is a step `images/<layer>`. */
export async function ensureImages(options: EnsureImages): Promise<readonly ImageArchive[]> {
  const hashes = layerHashes(options.repoDir, options.release, layerRecipes)
  const wanted = imageRecipes.filter((image) => options.names === undefined || options.names.includes(image.name))
  const layers = layerBuilder({ ...options, cacheDir: join(options.cacheDir, 'images') }, hashes)
  return Promise.all(wanted.map((image) => ensureArchive(image, imageRef(image, options.release, hashes), join(options.cacheDir, 'images'), layers)))
}

function imageRef(image: ImageRecipe, release: string, hashes: ReadonlyMap<string, string>): ImageRef {
  return { name: image.name, reference: `croque.local/${image.name}:${release}-${imageHash(image, hashes).slice(0, 12)}` }
}

async function ensureArchive(image: ImageRecipe, ref: ImageRef, cacheDir: string, layer: (name: string) => Promise<BuiltLayer>): Promise<ImageArchive> {
  const layers = await Promise.all(image.layers.map(layer))
  const manifest = imageManifest(image, ref, layers)
  const path = join(cacheDir, 'archives', `${image.name}-${manifest.digest.slice(7, 23)}.tar`)
  await writeArchive(path, layoutEntries(manifest, layers, (digest) => blobPath(cacheDir, digest)))
  return { reference: ref.reference, digest: manifest.digest, path }
}

/** A function that builds a layer and all below it, once each, at most `concurrency` at a time. */
function layerBuilder(options: EnsureImages, hashes: ReadonlyMap<string, string>): (name: string) => Promise<BuiltLayer> {
  const slot = slots(options.concurrency ?? 2)
  const begun = new Map<string, Promise<BuiltLayer>>()
  const ensure = (name: string): Promise<BuiltLayer> => {
    const known = begun.get(name)
    if (known !== undefined) return known
    const made = make(name)
    begun.set(name, made)
    return made
  }
  const make = async (name: string): Promise<BuiltLayer> => {
    const recipe = recipeOf(name)
    const hash = hashes.get(name) ?? ''
    const cached = cachedLayer(options.cacheDir, { name, hash })
    if (cached !== undefined) return cached
    await Promise.all(recipe.on.map(ensure))
    const on = recipe.on.map((below) => ({ name: below, hash: hashes.get(below) ?? '' }))
    return slot(() => options.report.step(`images/${name}`, (say) => buildLayer({ ...options, recipe, name, hash, on, say })))
  }
  return ensure
}

function recipeOf(name: string): LayerRecipe {
  const recipe = layerRecipes.find((layer) => layer.name === name)
  if (recipe === undefined) throw new Error(`no layer is named ${name}`)
  return recipe
}

function slots(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = count
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
