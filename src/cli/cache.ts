/** What the commands do with the cache: old things go when new ones came, and all of it goes when it is asked for. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { emptyDirectory, keptDays, pruneCache } from '../host/index.ts'
import { unnamedImages } from '../images/index.ts'
import { releases } from '../spec/index.ts'
import type { ImageArchive } from '../underlay/index.ts'
import type { CommandContext } from './command.ts'
import type { Installation } from './installation.ts'

/** Folders of the cache whose entries are made once: a new name means that something was built. */
const folders = ['images/layers', 'images/archives', 'kubernetes', 'node-images', 'node-rootfs', 'stores'] as const

/** Names of what is in the cache. Takes a millisecond. */
export async function cacheNames(cacheDir: string): Promise<ReadonlySet<string>> {
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(cacheDir, folder)).catch(() => [])).map((name) => join(folder, name)),
    ),
  )
  return new Set(names.flat())
}

export interface PruneInput {
  /** What was in the cache when the run began. */
  readonly before: ReadonlySet<string>
  /** The archives of the present images. */
  readonly archives: readonly ImageArchive[]
}

/** After a run that built something: removes what nothing names and was not used for two weeks. Never fails the run. */
export async function pruneAfter(
  context: Pick<CommandContext, 'cacheDir' | 'repoDir' | 'signal' | 'now' | 'emit'>,
  { stateDir }: Pick<Installation, 'stateDir'>,
  { before, archives }: PruneInput,
): Promise<void> {
  const { cacheDir, repoDir, emit } = context
  if ([...(await cacheNames(cacheDir))].every((name) => before.has(name))) return
  try {
    const { unnamedUnderlay } = await import('../underlay/embedded/index.ts')
    const unnamed = [
      ...unnamedImages({ repoDir, cacheDir, releases, archives }),
      ...unnamedUnderlay({ repoDir, cacheDir, stateDir }),
    ]
    const removed = await pruneCache(unnamed, context)
    if (removed.length === 0) return
    const what = `${removed.length} ${removed.length === 1 ? 'thing' : 'things'}`
    const message = `${what} in ${cacheDir} that nothing has used for ${keptDays} days ${removed.length === 1 ? 'is' : 'are'} removed`
    emit({ type: 'notice', level: 'info', message })
  } catch (error) {
    if (context.signal.aborted) throw error
    emit({
      type: 'notice',
      level: 'warning',
      message: `The cache ${cacheDir} could not be tidied up: ${String(error)}`,
    })
  }
}

/**
 * Empties the cache unless a cloud stands on it still; returns whether it did. The Node that runs this may lie in it: a running
 * program stays whole when its file goes, so this must only be the last thing that needs a file of the cache.
 */
export async function purgeCache(
  { cacheDir, emit }: Pick<CommandContext, 'cacheDir' | 'emit'>,
  { stateDir }: Pick<Installation, 'stateDir'>,
): Promise<boolean> {
  const { cloudsOn } = await import('../underlay/embedded/index.ts')
  const others = (await cloudsOn({ cacheDir, stateDir })).filter((cloud) => cloud.stateDir !== stateDir)
  if (others.length === 0) {
    await emptyDirectory(cacheDir)
    return true
  }
  const message = `The cache ${cacheDir} stays: ${others.map((cloud) => cloud.stateDir).join(', ')} ${others.length === 1 ? 'stands' : 'stand'} on it`
  emit({ type: 'notice', level: 'warning', message })
  return false
}
