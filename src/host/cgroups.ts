/** Control groups that runc made for us: removed in every hierarchy, for `runc delete` leaves the parents behind. */
import { readdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../errors/index.ts'
import { type Mount, mounts } from './mounts.ts'

/** A killed process counts as a member until the kernel has taken it apart, on a busy machine for many seconds. */
const patienceMs = 60_000

/** Mount points of the cgroup hierarchies (v1 controllers and the unified one). */
export function cgroupHierarchies(all: readonly Mount[]): readonly string[] {
  return all.filter(({ fsType }) => fsType === 'cgroup' || fsType === 'cgroup2').map(({ mountPoint }) => mountPoint)
}

/**
 * Ends the processes in the group and those below it, and removes the groups. Idempotent.
 * Then removes `parents` (outermost last) where they are empty. Throws `cgroup-busy`.
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
  const end = Date.now() + patienceMs
  for (;;) {
    for (const pid of await members(directory)) kill(pid)
    const failure = await rmdir(directory).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : error),
    )
    if (failure === undefined) return
    if (Date.now() > end)
      throw new CroqueError('cgroup-busy', {
        what: `${directory} cannot be removed`,
        why: failure.message,
        cause: failure,
      })
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
