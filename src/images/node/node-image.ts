/**
 * Node images of tenant clusters, of a version of Kubernetes or with Docker. One raw ext4 root file system, without a partition table,
 * boots as a container guest by its /sbin/init, and in a virtual machine by the kernel and the ramdisk beside it. All container images
 * of a cluster of Kubernetes are in it, unpacked in containerd's own root: nothing is pulled and nothing imported at a boot.
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  contained,
  digestOf,
  digestOfFile,
  digestOfTree,
  markUsed,
  removeTree,
  run,
  together,
} from '../../host/index.ts'
import { layerHashes } from '../hash.ts'
import { binariesDigest, ensureBinaries } from '../kubernetes/binaries.ts'
import { ensureSystemImages, kubeadmClusterImages } from '../kubernetes/system-images.ts'
import { type KubernetesVersion, kubernetesVersions } from '../kubernetes/versions.ts'
import { layerDirectory } from '../layer.ts'
import { layerBuilder } from '../layers.ts'
import type { StepReporter, WorkOptions, Workshop } from '../model.ts'
import { layerRecipes, nodeRecipes } from '../recipes.ts'
import { fillRoot } from './store.ts'

export interface NodeImageFile {
  readonly path: string
  /** In hex. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** What is asked for: a version of Kubernetes, or the Docker of Debian for swarms. */
export const nodeImageKinds = [...kubernetesVersions, 'swarm'] as const
export type NodeImageKind = (typeof nodeImageKinds)[number]

export interface NodeImage {
  /** What its nodes are of; one of the two. */
  readonly kubernetesVersion?: KubernetesVersion
  /** `26.1.5` */
  readonly dockerVersion?: string
  /** Hex digest of everything that it is made from. */
  readonly recipe: string
  /** Raw ext4, labelled `croque-node`. */
  readonly root: NodeImageFile
  readonly kernel: NodeImageFile
  readonly ramdisk: NodeImageFile
}

export interface BuildNodeImage extends Workshop {
  readonly kind: NodeImageKind
  readonly report: StepReporter
  readonly signal: AbortSignal
}

type Place = Pick<Workshop, 'repoDir' | 'cacheDir'>

const recipes = [...layerRecipes.filter(({ name }) => name === 'base'), ...nodeRecipes]

/** Names of the files of an image in its directory. */
const files = { root: 'root.ext4', kernel: 'vmlinuz', ramdisk: 'initrd' } as const

/** Hashes of the layers that node images are made from, by name. They have no release. */
export const nodeLayerHashes = (repoDir: string): ReadonlyMap<string, string> => layerHashes(repoDir, '', recipes)

/** Where in the cache node images are, a directory each. */
export const nodeImageCache = (cacheDir: string): string => join(cacheDir, 'node-images')

/** The tree of Debian's packages that one is made of. */
const debianOf = (kind: NodeImageKind): string => (kind === 'swarm' ? 'node-docker' : 'node-debian')

/** Digest of everything that an image is made from. Reads some hundred small files; builds nothing. */
export async function nodeImageRecipe(repoDir: string, kind: NodeImageKind): Promise<string> {
  const images = join(repoDir, 'images')
  const shared = ['node/containerd.toml', 'node/fill-store', 'node-image/assemble'].map((path) => join(images, path))
  return digestOf([
    kind,
    ...[debianOf(kind), 'node-kernel'].map((name) => nodeLayerHashes(repoDir).get(name) ?? ''),
    ...(kind === 'swarm' ? [] : [await binariesDigest(repoDir, kind), JSON.stringify(kubeadmClusterImages(kind))]),
    await digestOfTree(join(images, 'node-image/root')),
    ...(await Promise.all(shared.map(digestOfFile))),
  ])
}

async function directoryOf(
  { repoDir, cacheDir }: Place,
  kind: NodeImageKind,
): Promise<{ readonly recipe: string; readonly directory: string }> {
  const recipe = await nodeImageRecipe(repoDir, kind)
  return { recipe, directory: join(nodeImageCache(cacheDir), `${kind}-${recipe.slice(0, 16)}`) }
}

/** Names in the cache of the images of these sources, of all kinds. */
export const nodeImageNames = async (repoDir: string): Promise<readonly string[]> =>
  await Promise.all(
    nodeImageKinds.map(async (kind) => `${kind}-${(await nodeImageRecipe(repoDir, kind)).slice(0, 16)}`),
  )

/** The image of a kind when it is in the cache, whole. */
export async function builtNodeImage(place: Place, kind: NodeImageKind): Promise<NodeImage | undefined> {
  return readImage((await directoryOf(place, kind)).directory)
}

/** What an image says of itself; the last file that is written. */
interface Described extends Omit<NodeImage, keyof typeof files> {
  readonly files: Readonly<Record<keyof typeof files, Omit<NodeImageFile, 'path'>>>
}

function readImage(directory: string): NodeImage | undefined {
  const path = join(directory, 'image.json')
  if (!existsSync(path)) return undefined
  const { files: found, ...said } = JSON.parse(readFileSync(path, 'utf8')) as Described
  const file = (name: keyof typeof files): NodeImageFile => ({ path: join(directory, files[name]), ...found[name] })
  return { ...said, root: file('root'), kernel: file('kernel'), ramdisk: file('ramdisk') }
}

/**
 * Makes sure that the image of a kind is in the cache: some minutes for Debian's packages, eight for Kubernetes' programs where
 * they must be built, one for the rest. Can be killed at any point and run again: layers and programs that were finished are not
 * made anew, and nothing half-made has the name of an image.
 */
export async function buildNodeImage(options: BuildNodeImage): Promise<NodeImage> {
  const { kind, cacheDir, report, signal } = options
  const { recipe, directory } = await directoryOf(options, kind)
  const there = readImage(directory)
  if (there !== undefined && (await markUsed(directory))) return there
  const hashes = nodeLayerHashes(options.repoDir)
  const images = join(cacheDir, 'images')
  const [, , binaries] = await together(signal, (both) => {
    const layer = layerBuilder({ ...options, release: '', cacheDir: images, signal: both }, recipes, hashes)
    return [
      layer(debianOf(kind)),
      layer('node-kernel'),
      kind === 'swarm'
        ? Promise.resolve(undefined)
        : report.step(`kubernetes-${kind}`, async (say) => await ensureBinaries(options, { signal: both, say }, kind)),
    ]
  })
  const hashOf = (name: string): string => hashes.get(name) ?? ''
  const treeOf = (name: string): string => join(layerDirectory(images, { name, hash: hashOf(name) }), 'diff')
  const debian = treeOf(debianOf(kind))
  return await report.step(`node-image-${kind}`, async (say) => {
    await removeAbandoned(nodeImageCache(cacheDir))
    const partial = `${directory}.${process.pid}.partial`
    await mkdir(partial, { recursive: true })
    try {
      const containerd = join(partial, 'containerd')
      await mkdir(containerd, { mode: 0o711 })
      if (kind !== 'swarm' && binaries !== undefined) {
        const rootfsName = hashOf(debianOf(kind)).slice(0, 16)
        const wanted = { rootfs: debian, rootfsName, images: kubeadmClusterImages(kind) }
        const archives = await ensureSystemImages(binaries, wanted)
        const filled = { repoDir: options.repoDir, rootfs: debian, root: containerd, images: archives, pinned: true }
        await fillRoot(filled, { signal, say })
      }
      const is = kind === 'swarm' ? { dockerVersion: await dockerIn(debian) } : { kubernetesVersion: kind }
      const trees = { debian, kernel: treeOf('node-kernel'), programs: binaries?.dir ?? '' }
      await assemble({ ...trees, ...is, repoDir: options.repoDir, partial, recipe }, { signal, say })
      await describe(partial, { ...is, recipe })
      await rename(partial, directory).catch((error: unknown) => {
        if (!existsSync(join(directory, 'image.json'))) throw error
      })
    } finally {
      await removeTree(partial)
    }
    const made = readImage(directory)
    if (made === undefined) throw new Error(`${directory} is not there after it was made`)
    return made
  })
}

/** Of Debian's package: `26.1.5` of `26.1.5+dfsg1-9`. */
async function dockerIn(tree: string): Promise<string> {
  const status = await readFile(join(tree, 'var/lib/dpkg/status'), 'utf8')
  const version = /^Package: docker\.io\n(?:.+\n)*?Version: (?:\d+:)?(\d+\.\d+\.\d+)/m.exec(status)?.[1]
  if (version === undefined) throw new Error(`${tree} has no package docker.io of a version that is known`)
  return version
}

interface Parts extends Pick<NodeImage, 'kubernetesVersion' | 'dockerVersion'> {
  readonly debian: string
  readonly kernel: string
  readonly programs: string
  readonly repoDir: string
  readonly partial: string
  readonly recipe: string
}

/** It ends with this process, whatever ends it, and its one mount with it. */
async function assemble(parts: Parts, { signal, say }: WorkOptions): Promise<void> {
  const images = join(parts.repoDir, 'images')
  say('writing the file system')
  await run(contained[0], [...contained.slice(1), join(images, 'node-image/assemble')], {
    env: {
      LC_ALL: 'C.UTF-8',
      DEBIAN: parts.debian,
      KERNEL: parts.kernel,
      PROGRAMS: parts.programs,
      FILES: join(images, 'node-image/root'),
      CONTAINERD: join(images, 'node/containerd.toml'),
      OUT: parts.partial,
      ENGINE: parts.dockerVersion === undefined ? 'KUBERNETES' : 'DOCKER',
      VERSION: parts.dockerVersion ?? parts.kubernetesVersion ?? '',
      RECIPE: parts.recipe,
      UUID: uuidOf(parts.recipe),
    },
    signal,
    onLine: (line) => say(line.slice(0, 120)),
  })
}

async function describe(directory: string, image: Omit<NodeImage, keyof typeof files>): Promise<void> {
  const one = async (name: keyof typeof files): Promise<Omit<NodeImageFile, 'path'>> => {
    const path = join(directory, files[name])
    return { sha256: await digestOfFile(path), size: (await stat(path)).size }
  }
  const [root, kernel, ramdisk] = [await one('root'), await one('kernel'), await one('ramdisk')]
  const described: Described = { ...image, files: { root, kernel, ramdisk } }
  await writeFile(join(directory, 'image.json'), `${JSON.stringify(described, null, 2)}\n`)
}

/** A UUID (version 8: made by a rule of one's own) out of a digest. */
export const uuidOf = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')

/** What builds left behind whose process is gone: a gigabyte each. */
async function removeAbandoned(directory: string): Promise<void> {
  const partial = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.partial'))
  const dead = partial.filter((name) => !existsSync(`/proc/${name.split('.').at(-2)}`))
  await Promise.all(dead.map((name) => removeTree(join(directory, name))))
}
