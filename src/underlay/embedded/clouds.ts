/**
 * The clouds of this machine that use a cache: their nodes stand on its root file systems for as long as they live, running or not.
 * Each leaves the path of its state directory in the cache, for it may be anywhere.
 */
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { digestOf, readFileIfThere, writeFileAtomically } from '../../host/index.ts'
import { cacheOf } from './context.ts'
import { layoutOf } from './layout.ts'
import { readRecord } from './record.ts'

interface Place {
  readonly cacheDir: string
  readonly stateDir: string
}

const fileOf = ({ cacheDir, stateDir }: Place): string =>
  join(cacheOf(cacheDir).clouds, digestOf([stateDir]).slice(0, 16))

export async function rememberCloud(place: Place): Promise<void> {
  const text = `${place.stateDir}\n`
  if ((await readFileIfThere(fileOf(place))) !== text) await writeFileAtomically(fileOf(place), text, 0o644)
}

export async function forgetCloud(place: Place): Promise<void> {
  await rm(fileOf(place), { force: true })
}

export interface CloudOnCache {
  readonly stateDir: string
  /** The root file system of its nodes. */
  readonly rootfs: string
}

/** Clouds that are there, also those beside `stateDir` that an older croque made and that left no file. */
export async function cloudsOn({ cacheDir, stateDir }: Place): Promise<readonly CloudOnCache[]> {
  const { clouds } = cacheOf(cacheDir)
  const files = await readdir(clouds).catch(() => [])
  const told = await Promise.all(files.map(async (name) => (await readFileIfThere(join(clouds, name)))?.trim()))
  const beside = await readdir(dirname(stateDir)).catch(() => [])
  const all = new Set([
    ...told.filter((path) => path !== undefined),
    ...beside.map((name) => join(dirname(stateDir), name)),
  ])
  const found = await Promise.all([...all].map(cloudAt))
  return found.filter((cloud) => cloud !== undefined)
}

async function cloudAt(stateDir: string): Promise<CloudOnCache | undefined> {
  const record = await readRecord(layoutOf('', stateDir, { nodes: 0 }))
  return record === undefined ? undefined : { stateDir, rootfs: record.rootfs }
}
