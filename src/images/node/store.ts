/**
 * Containerd roots in the cache that hold sets of images already unpacked. A new node takes one by hard links in a second or two,
 * where importing the same archives takes a minute and more.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CroqueError } from '../../errors/index.ts'
import { contained, digestOf, removeTree, run } from '../../host/index.ts'
import type { ImageArchive, WorkOptions } from '../model.ts'

const kept = 3
const databases = ['io.containerd.metadata.v1.bolt/meta.db', 'io.containerd.snapshotter.v1.overlayfs/metadata.db']

export interface StoreInput {
  readonly cacheDir: string
  readonly repoDir: string
  /** The nodes' root file system: its containerd does the work. */
  readonly rootfs: string
}

/** A containerd root with at least these images, made when the cache does not have it, starting from the nearest one that it has. */
export async function ensureStore(
  input: StoreInput,
  images: readonly ImageArchive[],
  work: WorkOptions,
): Promise<string> {
  const stores = join(input.cacheDir, 'stores')
  const wanted = images.map(({ reference, digest }) => `${reference}@${digest}`).toSorted()
  const directory = join(stores, digestOf([input.rootfs, ...wanted]).slice(0, 16))
  const root = join(directory, 'root')
  await mkdir(stores, { recursive: true })
  const records = await readStores(stores, input.rootfs)
  const ready = records.find(({ images: has }) => wanted.every((image) => has.includes(image)))
  if (ready !== undefined) {
    await utimes(join(stores, ready.name), new Date(), new Date())
    return join(stores, ready.name, 'root')
  }
  const partial = `${directory}.${process.pid}.partial`
  await mkdir(partial, { recursive: true })
  try {
    const base = nearest(records, wanted)
    if (base === undefined) await mkdir(join(partial, 'root'))
    else await copyContainerdRoot(join(stores, base.name, 'root'), join(partial, 'root'))
    await fillRoot({ ...input, root: join(partial, 'root'), images, present: base?.images ?? [] }, work)
    await writeFile(join(partial, 'images.json'), JSON.stringify({ rootfs: input.rootfs, images: wanted }))
    await rename(partial, directory).catch((error: unknown) => {
      if (!existsSync(directory)) throw error
    })
  } finally {
    await removeTree(partial)
  }
  await dropOld(stores)
  return root
}

/** A copy of a containerd root by hard links where the file systems allow it: blobs and committed snapshots are never written in place, the databases are. */
export async function copyContainerdRoot(from: string, into: string): Promise<void> {
  await removeTree(into)
  const linked = await run('cp', ['-a', '--link', from, into], { okCodes: [0, 1] })
  if (linked.code !== 0) {
    await removeTree(into)
    await run('cp', ['-a', '--reflink=auto', from, into])
    return
  }
  for (const database of databases) {
    await run('cp', ['-a', join(from, database), `${join(into, database)}.copy`])
    await rename(`${join(into, database)}.copy`, join(into, database))
  }
}

interface StoreRecord {
  readonly name: string
  readonly images: readonly string[]
}

function nearest(records: readonly StoreRecord[], wanted: readonly string[]): StoreRecord | undefined {
  const wantedSet = new Set(wanted)
  const shared = ({ images }: StoreRecord): number => images.filter((image) => wantedSet.has(image)).length
  return records.filter((record) => shared(record) > 0).toSorted((a, b) => shared(b) - shared(a))[0]
}

/** Complete stores made with this root file system's containerd. */
async function readStores(stores: string, rootfs: string): Promise<readonly StoreRecord[]> {
  const names = (await readdir(stores)).filter((name) => /^[0-9a-f]{16}$/.test(name))
  const records = await Promise.all(names.map(async (name) => await readStore(stores, rootfs, name)))
  return records.filter((record) => record !== undefined)
}

async function readStore(stores: string, rootfs: string, name: string): Promise<StoreRecord | undefined> {
  const text = await readFile(join(stores, name, 'images.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const record = JSON.parse(text) as { readonly rootfs: string; readonly images: readonly string[] }
  return record.rootfs === rootfs ? { name, images: record.images } : undefined
}

interface FillInput extends Pick<StoreInput, 'repoDir' | 'rootfs'> {
  /** The containerd root. */
  readonly root: string
  /** All that it shall hold, and nothing else. */
  readonly images: readonly ImageArchive[]
  /** `reference@digest` of those that it holds. @default none */
  readonly present?: readonly string[]
  /** For a node that has no registry: the kubelet never removes them, and their packed layers are dropped. @default false */
  readonly pinned?: boolean
}

/** Unpacks images into a containerd root. Throws `image-not-imported`. */
export async function fillRoot(input: FillInput, work: WorkOptions): Promise<void> {
  const { root, images, present = [] } = input
  const has = new Set(present)
  const wanted = new Set(images.map(({ reference, digest }) => `${reference}@${digest}`))
  const missing = images.filter(({ reference, digest }) => !has.has(`${reference}@${digest}`))
  const surplus = present
    .filter((image) => !wanted.has(image))
    .map((image) => image.slice(0, image.lastIndexOf('@sha256:')))
  const work_ = join(root, '..', 'work')
  await mkdir(join(work_, 'merged'), { recursive: true })
  try {
    const archives = [...new Set(missing.map(({ path }) => path))]
    const list = images.map(({ reference, digest }) => `${reference} ${digest}`).join('\n')
    await writeFile(join(work_, 'expected'), `${list}\n`)
    const script = join(input.repoDir, 'images/node/fill-store')
    work.say(`unpacking ${archives.length} image archives into containerd`)
    await run(
      contained[0],
      [
        ...contained.slice(1),
        '--net',
        '--ipc',
        'sh',
        script,
        input.rootfs,
        work_,
        root,
        surplus.join(' '),
        ...archives,
      ],
      { signal: work.signal, onLine: work.say, ...(input.pinned === true ? { env: { PINNED: 'yes' } } : {}) },
    )
  } catch (cause) {
    if (work.signal.aborted) throw cause
    const archives = missing.map(({ reference }) => reference).join(', ')
    throw new CroqueError('image-not-imported', {
      what: `containerd did not take ${archives}`,
      why: cause instanceof CroqueError ? (cause.why ?? cause.message) : String(cause),
      cause,
    })
  } finally {
    await removeTree(work_)
  }
}

/** Keeps the few that were used last; stores share their files by hard links, so an old one costs little. */
async function dropOld(stores: string): Promise<void> {
  const names = (await readdir(stores)).filter((name) => /^[0-9a-f]{16}$/.test(name))
  const dated = await Promise.all(names.map(async (name) => ({ name, used: (await stat(join(stores, name))).mtimeMs })))
  for (const { name } of dated.toSorted((a, b) => b.used - a.used).slice(kept))
    await rm(join(stores, name), { recursive: true, force: true })
}
