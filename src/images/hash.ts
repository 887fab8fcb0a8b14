/** Recipe hashes: what goes into a layer, and nothing else, gives it its name. */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { ImageRecipe, LayerRecipe } from './model.ts'
import { programFiles, runtimePackages } from './program.ts'
import { sourceDateEpoch, suite } from './recipes.ts'

/** Hash of every layer by name, for the files below `<repoDir>/images`. Reads a few dozen small files; builds nothing. */
export function layerHashes(
  repoDir: string,
  release: string,
  layers: readonly LayerRecipe[],
): ReadonlyMap<string, string> {
  const builder = treeHash(join(repoDir, 'images/builder'))
  const hashes = new Map<string, string>()
  for (const layer of layers) {
    const files =
      layer.files === undefined
        ? ''
        : treeHash(join(repoDir, 'images', layer.files), layer.perRelease ? release : undefined)
    const below = layer.on.map((name) => hashes.get(name))
    const program = layer.program === undefined ? [] : [programHash(repoDir, layer.program)]
    const known = [suite, sourceDateEpoch, builder, layer, files, below, layer.perRelease ? release : '', ...program]
    hashes.set(layer.name, sha256(JSON.stringify(known)))
  }
  return hashes
}

/** Hash of an image: its layers and its configuration. */
export function imageHash(image: ImageRecipe, hashes: ReadonlyMap<string, string>): string {
  return sha256(JSON.stringify([image, image.layers.map((name) => hashes.get(name))]))
}

const programHash = (repoDir: string, paths: readonly string[]): string =>
  sha256(
    JSON.stringify([
      programFiles(repoDir, paths).map((path) => [path, sha256(readFileSync(join(repoDir, path)))]),
      runtimePackages(repoDir),
    ]),
  )

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Hash of names, executable bits and contents below a directory. Of subdirectories named for a release (`2026.1`) only `release` counts. */
function treeHash(directory: string, release?: string): string {
  return sha256(JSON.stringify(entries(directory, '', release)))
}

function entries(root: string, path: string, release: string | undefined): readonly (readonly string[])[] {
  return readdirSync(join(root, path))
    .filter((name) => path !== '' || release === undefined || !/^\d{4}\.\d$/.test(name) || name === release)
    .filter((name) => name !== '__pycache__')
    .sort()
    .flatMap((name) => {
      const below = path === '' ? name : `${path}/${name}`
      const status = lstatSync(join(root, below))
      if (status.isDirectory()) return entries(root, below, release)
      if (status.isSymbolicLink()) return [[below, 'link', readlinkSync(join(root, below))]]
      return [[below, (status.mode & 0o111) === 0 ? 'file' : 'program', sha256(readFileSync(join(root, below)))]]
    })
}
