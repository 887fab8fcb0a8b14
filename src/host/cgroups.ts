/** Control groups that runc made for us: removed in every hierarchy, for `runc delete` leaves the parents behind. */
import { readdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Mount, mounts } from './mounts.ts'

/** Mount points of the cgroup hierarchies (v1 controllers and the unified one). */
export function cgroupHierarchies(all: readonly Mount[]): readonly string[] {
  return all.filter(({ fsType }) => fsType === 'cgroup' || fsType === 'cgroup2').map(({ mountPoint }) => mountPoint)
}

/**
 * Ends the processes in the group and those below it, and removes the groups. Idempotent.
 * Then removes `parents` (outermost last) where they are empty.
 */
export async function removeCgroups(group: string, parents: readonly string[]): Promise<void> {
  for (const hierarchy of cgroupHierarchies(await mounts())) {
    await removeGroup(join(hierarchy, group))
    for (const parent of parents) await rmdir(join(hierarchy, parent)).catch(() => undefined)
  }
}

async function removeGroup(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(directory, entry.name))
  for (let attempt = 0; attempt < 50; attempt += 1) {
    for (const pid of await members(directory)) kill(pid)
    const gone = await rmdir(directory).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    )
    if (gone) return
    await sleep(50)
  }
}

async function members(directory: string): Promise<readonly number[]> {
  const text = await readFile(join(directory, 'cgroup.procs'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number)
    .filter((pid) => pid > 1)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended between being listed and being signalled.
  }
}
