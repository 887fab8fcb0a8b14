/** Builds layers in the order in which they stand on one another. */
import { installPackages, markUsed, missingPackages } from '../host/index.ts'
import { blobPath, buildLayer, cachedLayer, layerDirectory } from './layer.ts'
import type { BuiltLayer, LayerRecipe, StepReporter } from './model.ts'
import { hostPackages } from './recipes.ts'

export interface BuildOptions {
  readonly repoDir: string
  readonly cacheDir: string
  readonly release: string
  /** Proxies, CA bundle and package indexes for the builds are taken from it. */
  readonly env: Readonly<Record<string, string>>
  /** Builds at a time. @default 2 */
  readonly concurrency?: number
  readonly report: StepReporter
  readonly signal: AbortSignal
}

/** A function that builds a layer and all below it, once each, at most `concurrency` at a time. Every build is a step named after its layer. */
export function layerBuilder(
  options: BuildOptions,
  recipes: readonly LayerRecipe[],
  hashes: ReadonlyMap<string, string>,
): (name: string) => Promise<BuiltLayer> {
  const slot = slots(options.concurrency ?? 2)
  let tools: Promise<void> | undefined
  const begun = new Map<string, Promise<BuiltLayer>>()
  const ensure = (name: string): Promise<BuiltLayer> => {
    const known = begun.get(name)
    if (known !== undefined) return known
    const made = make(name)
    begun.set(name, made)
    return made
  }
  const make = async (name: string): Promise<BuiltLayer> => {
    const recipe = recipeOf(recipes, name)
    const hash = hashes.get(name) ?? ''
    const cached = cachedLayer(options.cacheDir, { name, hash })
    if (cached !== undefined && (await isMarked(options.cacheDir, cached))) return cached
    await Promise.all(recipe.on.map(ensure))
    const on = recipe.on.map((below) => ({ name: below, hash: hashes.get(below) ?? '' }))
    tools ??= ensureTools(options)
    await tools
    options.signal.throwIfAborted()
    return slot(() => options.report.step(name, (say) => buildLayer({ ...options, recipe, name, hash, on, say })))
  }
  return ensure
}

/** Whether the layer is there still, and stays for a while. */
async function isMarked(cacheDir: string, layer: BuiltLayer): Promise<boolean> {
  const blob = layer.digest === '' || (await markUsed(blobPath(cacheDir, layer.digest)))
  return blob && (await markUsed(layerDirectory(cacheDir, layer)))
}

/** Installs what building needs on this machine, as a step of its own when something is missing. */
async function ensureTools(options: BuildOptions): Promise<void> {
  const missing = await missingPackages(hostPackages)
  if (missing.length === 0) return
  await options.report.step('tools', (say) => {
    say(`installing ${missing.join(', ')}`)
    return installPackages(missing, { env: options.env, signal: options.signal, say })
  })
}

function recipeOf(recipes: readonly LayerRecipe[], name: string): LayerRecipe {
  const recipe = recipes.find((layer) => layer.name === name)
  if (recipe === undefined) throw new Error(`no layer is named ${name}`)
  return recipe
}

/** A function that runs works, at most so many at a time. */
export function slots(count: number): <T>(work: () => Promise<T>) => Promise<T> {
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
