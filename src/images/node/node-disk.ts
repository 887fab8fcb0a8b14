/**
 * Node images as whole disks, which boot by themselves, by BIOS and by UEFI: for clouds that take no kernel beside an image. A disk is
 * made of an image that is built, lies beside its files, and is made only where somebody asks for one.
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { contained, digestOf, digestOfFile, markUsed, removeTree, run, withLock } from '../../host/index.ts'
import { layerDirectory } from '../layer.ts'
import { layerBuilder } from '../layers.ts'
import type { WorkOptions } from '../model.ts'
import { nodeRecipes, sourceDateEpoch } from '../recipes.ts'
import { type BuildNodeImage, type NodeImage, type NodeImageFile, nodeLayerHashes, uuidOf } from './node-image.ts'

interface DiskOf {
  readonly repoDir: string
  readonly image: NodeImage
  /** Of the kernel. */
  readonly commandLine: string
}

export type BuildNodeDisk = DiskOf & Omit<BuildNodeImage, 'kind'>

/** What a disk says of itself; the last file that is written. */
interface Described extends Omit<NodeImageFile, 'path'> {
  readonly recipe: string
}

const directoryOf = ({ image }: Pick<DiskOf, 'image'>): string => dirname(image.root.path)

const toolsHash = (repoDir: string): string => nodeLayerHashes(repoDir).get('node-disk') ?? ''

/** Digest of everything that a disk is made from. */
const recipeOf = async ({ repoDir, image, commandLine }: DiskOf): Promise<string> =>
  digestOf([
    image.recipe,
    toolsHash(repoDir),
    await digestOfFile(join(repoDir, 'images/node-image/write-disk')),
    commandLine,
  ])

/** The disk of an image when it is in the cache, whole, and of these sources. */
export async function builtNodeDisk(of: DiskOf): Promise<NodeImageFile | undefined> {
  const path = join(directoryOf(of), 'disk.json')
  if (!existsSync(path)) return undefined
  const { recipe, ...said } = JSON.parse(readFileSync(path, 'utf8')) as Described
  return recipe === (await recipeOf(of)) ? { path: join(directoryOf(of), 'disk.raw'), ...said } : undefined
}

/**
 * Makes sure that the disk of an image is in the cache: half a minute, and once more for the packages with the tools. Can be killed at any
 * point and run again; a disk is made by one at a time.
 */
export async function buildNodeDisk(options: BuildNodeDisk): Promise<NodeImageFile> {
  const { repoDir, cacheDir, signal, report } = options
  const directory = directoryOf(options)
  const there = await builtNodeDisk(options)
  if (there !== undefined && (await markUsed(directory))) return there
  const images = join(cacheDir, 'images')
  const layer = layerBuilder({ ...options, release: '', cacheDir: images }, nodeRecipes, nodeLayerHashes(repoDir))
  await layer('node-disk')
  const tools = join(layerDirectory(images, { name: 'node-disk', hash: toolsHash(repoDir) }), 'diff')
  return await report.step(`node-image-${options.image.kubernetesVersion ?? 'swarm'}-disk`, async (say) => {
    const lock = join(cacheDir, 'locks', `${basename(directory)}-disk`)
    const waiting = (): void => say('waits for another croque that writes it')
    return await withLock(lock, { signal, waiting }, async () => {
      return (await builtNodeDisk(options)) ?? (await make(options, tools, { signal, say }))
    })
  })
}

async function make(options: BuildNodeDisk, tools: string, { signal, say }: WorkOptions): Promise<NodeImageFile> {
  const directory = directoryOf(options)
  const partial = join(directory, 'disk.partial')
  const [path, said] = ['disk.raw', 'disk.json'].map((name) => join(directory, name)) as [string, string]
  await removeTree(partial)
  await mkdir(partial)
  try {
    const recipe = await recipeOf(options)
    say('writing the disk')
    await run(contained[0], [...contained.slice(1), join(options.repoDir, 'images/node-image/write-disk')], {
      env: {
        TOOLS: tools,
        IMAGE: directory,
        OUT: partial,
        COMMAND_LINE: options.commandLine,
        SOURCE_DATE_EPOCH: String(sourceDateEpoch),
        IDS: ['table', 'boot-loader', 'boot', 'root'].map((part) => uuidOf(digestOf([recipe, part]))).join(' '),
        SERIAL: recipe.slice(0, 8),
      },
      signal,
      onLine: (line) => say(line.slice(0, 120)),
    })
    const made = join(partial, 'disk.raw')
    const file = { sha256: await digestOfFile(made), size: (await stat(made)).size }
    // No moment has the words of one disk and the bytes of another.
    await rm(said, { force: true })
    await rename(made, path)
    await writeFile(join(partial, 'disk.json'), `${JSON.stringify({ recipe, ...file }, null, 2)}\n`)
    await rename(join(partial, 'disk.json'), said)
    return { path, ...file }
  } finally {
    await removeTree(partial)
  }
}
