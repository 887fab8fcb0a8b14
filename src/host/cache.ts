/** Entries of a cache by when they were last used, which their time of change tells; what nobody needs any more goes after a while. */
import { readdir, rename, rmdir, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from './mounts.ts'

/** Marks an entry as used now; false when it is not there. Ask by this, not before it: what is marked is not pruned. */
export async function markUsed(path: string): Promise<boolean> {
  const now = new Date()
  return await utimes(path, now, now).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

/** Paths that nothing names any more, however young. Asked when their turn comes: an entry may be named by one that went before. */
export type Unnamed = () => Promise<readonly string[]>

export interface PruneOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Days that an entry which nothing names stays after its last use. No run lasts as long, so none is using what is older. */
export const keptDays = 14
/** No entry is begun with after so many milliseconds; what is left goes another time. */
const longest = 30_000

/** Removes what is unnamed and was not used for {@link keptDays}; returns what it removed. */
export async function pruneCache(unnamed: readonly Unnamed[], options: PruneOptions): Promise<readonly string[]> {
  const { now, signal } = options
  const end = now() + longest
  const removed: string[] = []
  for (const list of unnamed) {
    for (const path of await list()) {
      if (signal.aborted || now() > end) return removed
      if (await removeUnused(path, now() - keptDays * 86_400_000)) removed.push(path)
    }
  }
  return removed
}

/** Ending of what is being removed; a killed run leaves it, and the next one goes on. */
const aside = '.pruned'

/** Looks again once nobody can find it any more: somebody may have marked it as used at the last moment. */
async function removeUnused(path: string, before: number): Promise<boolean> {
  if (!(await isOlder(path, before))) return false
  if (path.endsWith(aside)) {
    await removeTree(path)
    return true
  }
  const away = `${path}${aside}`
  await removeTree(away)
  await rename(path, away)
  if (!(await isOlder(away, before))) {
    await rename(away, path)
    return false
  }
  await removeTree(away)
  return true
}

const isOlder = async (path: string, before: number): Promise<boolean> =>
  await stat(path).then(
    ({ mtimeMs }) => mtimeMs < before,
    () => false,
  )

/** Paths in a directory but for the names that are kept; none when it is not there. */
export async function othersIn(directory: string, kept: ReadonlySet<string>): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => [])
  return names.filter((name) => !kept.has(name)).map((name) => join(directory, name))
}

/** One entry, with what a killed run may have left of it. */
export const entryAt = (path: string): readonly string[] => [path, `${path}${aside}`]

/** Removes all that is in a directory, and the directory itself unless it is a mount point. Throws `mount-in-the-way`. */
export async function emptyDirectory(directory: string): Promise<void> {
  for (const path of await othersIn(directory, new Set())) await removeTree(path)
  await rmdir(directory).catch(() => undefined)
}
