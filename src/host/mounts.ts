/** Mounts of this machine as /proc/self/mountinfo tells them, and removing directories without reaching through one. */
import { readFile } from 'node:fs/promises'
import { CroqueError } from '../errors/index.ts'
import { run } from './process.ts'

export interface Mount {
  readonly mountPoint: string
  readonly root: string
  readonly fsType: string
  readonly source: string
  readonly superOptions: readonly string[]
}

/** Parses mountinfo (proc(5)); paths come unescaped, in mount order. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [front, back] = line.split(' - ')
    const fields = front?.split(' ') ?? []
    const [fsType, source, options] = back?.split(' ') ?? []
    const [root, mountPoint] = [fields[3], fields[4]]
    if (root === undefined || mountPoint === undefined || fsType === undefined) return []
    return [
      {
        mountPoint: unescapePath(mountPoint),
        root: unescapePath(root),
        fsType,
        source: unescapePath(source ?? ''),
        superOptions: options?.split(',') ?? [],
      },
    ]
  })
}

export async function mounts(): Promise<readonly Mount[]> {
  return parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8'))
}

/** Mounts at or below a directory, last mounted first: the order for taking them off. */
export function mountsBelow(all: readonly Mount[], directory: string): readonly Mount[] {
  return all.filter(({ mountPoint }) => mountPoint === directory || mountPoint.startsWith(`${directory}/`)).toReversed()
}

/** Takes off every mount at or below a directory. Idempotent. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const { mountPoint } of mountsBelow(await mounts(), directory)) {
    const plain = await run('umount', [mountPoint], { okCodes: [0, 1, 32] })
    if (plain.code !== 0) await run('umount', ['--lazy', mountPoint], { okCodes: [0, 1, 32] })
  }
}

/** Removes a directory tree. Throws `mount-in-the-way` instead of deleting what is mounted in it. */
export async function removeTree(directory: string): Promise<void> {
  const inTheWay = mountsBelow(await mounts(), directory)[0]
  if (inTheWay !== undefined) {
    throw new CroqueError('mount-in-the-way', {
      what: `${directory} is not removed: ${inTheWay.mountPoint} is still mounted in it`,
    })
  }
  // Several times faster than node's own on trees of a hundred thousand files.
  await run('rm', ['-rf', '--one-file-system', '--', directory])
}

function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
