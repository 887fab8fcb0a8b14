/** Builds one layer: a tree by `images/builder/build-layer`, packed into a compressed blob. */
import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { CroqueError } from '../errors/index.ts'
import { contained, lastLines, markUsed, run, withLock } from '../host/index.ts'
import type { BuiltLayer, LayerRecipe } from './model.ts'
import { copyProgram } from './program.ts'
import { sourceDateEpoch, suite } from './recipes.ts'
import { Digest, Rechunk } from './streams.ts'

/** zstd level of the blobs: 3 gives the set in well under 1 GB at the speed of the disk. */
const level = 3

export interface LayerBuild {
  readonly repoDir: string
  /** Where finished layers, blobs and builds under way are kept. */
  readonly cacheDir: string
  readonly release: string
  readonly recipe: LayerRecipe
  readonly name: string
  readonly hash: string
  /** Hashes of the layers it stands on, lowest first. */
  readonly on: readonly { readonly name: string; readonly hash: string }[]
  /** Proxies, CA bundle, package index and mirror are taken from here; see {@link buildEnvironment}. */
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly say: (message: string) => void
}

export function layerDirectory(cacheDir: string, layer: { readonly name: string; readonly hash: string }): string {
  return join(cacheDir, 'layers', `${layer.name}-${layer.hash.slice(0, 16)}`)
}

export function blobPath(cacheDir: string, digest: string): string {
  return join(cacheDir, 'blobs/sha256', digest.replace('sha256:', ''))
}

/** Python packages that builds have downloaded. */
const packageCache = (cacheDir: string): string => join(cacheDir, 'uv')

/** The finished layer when it is in the cache, whole. */
export function cachedLayer(
  cacheDir: string,
  layer: { readonly name: string; readonly hash: string },
): BuiltLayer | undefined {
  const file = join(layerDirectory(cacheDir, layer), 'layer.json')
  if (!existsSync(file)) return undefined
  const built = JSON.parse(readFileSync(file, 'utf8')) as BuiltLayer
  return built.digest === '' || existsSync(blobPath(cacheDir, built.digest)) ? built : undefined
}

/**
 * Builds a layer into the cache. Killed at any point it leaves nothing mounted and nothing half-made under its name. A layer is built by
 * one at a time, in this process or another one: whoever comes second takes what the first has made, since others may stand on it by then.
 */
export async function buildLayer(build: LayerBuild): Promise<BuiltLayer> {
  const { cacheDir, name, hash, signal, say } = build
  const lock = join(cacheDir, 'locks', `${name}-${hash.slice(0, 16)}`)
  const waiting = (): void => say('waits for another croque that builds it')
  return await withLock(lock, { signal, waiting }, async () => cachedLayer(cacheDir, build) ?? (await make(build)))
}

async function make(build: LayerBuild): Promise<BuiltLayer> {
  const target = layerDirectory(build.cacheDir, build)
  const work = join(build.cacheDir, 'building', `${build.recipe.name}-${build.hash.slice(0, 16)}.${process.pid}`)
  await removeAbandoned(join(build.cacheDir, 'building'))
  await mkdir(work, { recursive: true })
  await mkdir(join(build.cacheDir, 'blobs/sha256'), { recursive: true })
  await markUsed(packageCache(build.cacheDir))
  try {
    await buildTree(build, work)
    const built = build.recipe.buildOnly ? unpacked(build) : await pack(build, work)
    for (const scratch of ['ovl', 'recipe']) await rm(join(work, scratch), { recursive: true, force: true })
    await writeFile(join(work, 'layer.json'), `${JSON.stringify(built, null, 2)}\n`)
    await rm(target, { recursive: true, force: true })
    await mkdir(join(build.cacheDir, 'layers'), { recursive: true })
    await rename(work, target)
    return built
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    throw error
  }
}

async function buildTree(build: LayerBuild, work: string): Promise<void> {
  const images = join(build.repoDir, 'images')
  const lower = build.on.map((layer) => join(layerDirectory(build.cacheDir, layer), 'diff')).reverse()
  const script = join(images, 'builder/build-layer')
  // The build ends with this process, whatever ends it, and the mounts end with the build's namespace.
  await run(contained[0], [...contained.slice(1), script], {
    env: {
      ...buildEnvironment(build.env),
      WORK: work,
      LOWER: lower.join(':'),
      RECIPE: await recipeDirectory(build, work),
      PACKAGES: (build.recipe.packages ?? []).join(' '),
      BUILDER: join(images, 'builder'),
      SUITE: suite,
      SOURCE_DATE_EPOCH: String(sourceDateEpoch),
      RELEASE: build.release,
      UV_CACHE: packageCache(build.cacheDir),
    },
    signal: build.signal,
    onLine: (line) => build.say(line.slice(0, 120)),
  })
}

/** The files of the layer's recipe; with a program beside them in a directory of this build. */
async function recipeDirectory({ repoDir, recipe }: LayerBuild, work: string): Promise<string> {
  if (recipe.files === undefined) return ''
  const files = join(repoDir, 'images', recipe.files)
  if (recipe.program === undefined) return files
  const own = join(work, 'recipe')
  await cp(files, own, { recursive: true })
  await copyProgram(repoDir, recipe.program, join(own, 'program'))
  return own
}

/** What of the host's environment a build sees: proxies, package index, and the CA bundle that the host trusts; never baked in. */
function buildEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const passed = ['http_proxy', 'https_proxy', 'no_proxy', 'PIP_INDEX_URL', 'UV_DEFAULT_INDEX']
  const found = passed.flatMap((name) => {
    const value = env[name] ?? env[name.toUpperCase()]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    MIRROR: env['CROQUE_DEBIAN_MIRROR'] ?? 'http://deb.debian.org',
    CA_BUNDLE: env['SSL_CERT_FILE'] ?? '/etc/ssl/certs/ca-certificates.crt',
    ...Object.fromEntries(found),
  }
}

function unpacked(build: LayerBuild): BuiltLayer {
  return { name: build.recipe.name, hash: build.hash, diffId: '', digest: '', size: 0, unpackedSize: 0 }
}

async function pack(build: LayerBuild, work: string): Promise<BuiltLayer> {
  build.say('packing')
  const scratch = join(work, 'ovl')
  await mkdir(scratch, { recursive: true })
  const packer = join(build.repoDir, 'images/builder/pack-layer')
  const child = spawn(packer, [join(work, 'diff'), scratch, String(sourceDateEpoch), ...(build.recipe.keep ?? [])], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: build.signal,
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const exit = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
  const tar = new Digest()
  const blob = new Digest()
  const file = join(work, 'blob')
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: level } })
  const [code] = await Promise.all([
    exit,
    pipeline(child.stdout, tar, new Rechunk(), compress, blob, createWriteStream(file)),
  ])
  if (code !== 0) {
    throw new CroqueError('command-failed', {
      what: `packing layer ${build.recipe.name} failed with ${code}`,
      why: lastLines(complaints, 10),
    })
  }
  await rename(file, blobPath(build.cacheDir, blob.digest()))
  return {
    name: build.recipe.name,
    hash: build.hash,
    diffId: tar.digest(),
    digest: blob.digest(),
    size: blob.bytes,
    unpackedSize: tar.bytes,
  }
}

/** Removes what builds left behind whose process is gone. */
async function removeAbandoned(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  const dead = names.filter((name) => !existsSync(`/proc/${name.split('.').at(-1)}`))
  await Promise.all(dead.map((name) => rm(join(directory, name), { recursive: true, force: true })))
}
