/** Removes everything that an installation made, in the reverse order of making. Works on what is left of a half-made or broken one. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { removeCgroups, removeTree, run, setHostNames, unmountBelow } from '../../host/index.ts'
import type { StepReporter } from '../underlay.ts'
import { forwardNames, removeForward } from './forward.ts'
import { cgroupParent, type Layout } from './layout.ts'

export interface DownInput {
  readonly layout: Layout
  readonly hostsFile: string
  readonly report: StepReporter
}

export async function takeDown({ layout, hostsFile, report }: DownInput): Promise<void> {
  await report.step('forwards', async () => {
    for (const name of await forwardNames(layout)) await removeForward(layout, name)
    await setHostNames(hostsFile, layout.name, [])
  })
  await report.step('nodes', async () => {
    for (const container of await entries(layout.runc)) {
      await run('runc', ['--root', layout.runc, 'delete', '--force', container], { okCodes: [0, 1] })
    }
    await removeCgroups(layout.cgroup, [cgroupParent])
    await detachLoopDevices(layout.stateDir)
  })
  await report.step('network', async () => {
    // With its namespaces go the bridge and the veth pairs.
    await unmountBelow(join(layout.stateDir, 'netns'))
  })
  await report.step('state', async () => {
    await unmountBelow(layout.stateDir)
    for (const entry of await entries(layout.stateDir)) {
      if (join(layout.stateDir, entry) !== layout.lock) await removeTree(join(layout.stateDir, entry))
    }
  })
}

/** Removes what is left when the lock has been released. */
export async function removeStateDir(layout: Layout): Promise<void> {
  await removeTree(layout.stateDir)
}

/** Loop devices whose file lies in the state directory. */
async function detachLoopDevices(stateDir: string): Promise<void> {
  const columns = 'NAME,BACK-FILE,BACK-INO,BACK-MAJ:MIN'
  const { stdout } = await run('losetup', ['--json', '--list', '--output', columns], { okCodes: [0, 1] })
  for (const device of await loopDevicesBelow(stdout, stateDir))
    await run('losetup', ['--detach', device], { okCodes: [0, 1] })
}

interface LoopDevice {
  readonly name: string
  readonly 'back-file': string | null
  readonly 'back-ino'?: number | string | null
  readonly 'back-maj:min'?: string | null
}

/**
 * Names of the devices in losetup's JSON whose file lies below a state directory. The kernel tells a file that was opened inside a node
 * (the disk of a container guest) by the path that it has there: it is looked for in the /var of each node, and known by its number. One
 * that was deleted since has no path; its number was noted in the node (`images/compute/root/usr/lib/croque/lxc-loops`).
 */
export async function loopDevicesBelow(json: string, stateDir: string): Promise<readonly string[]> {
  if (json.trim() === '') return []
  const { loopdevices } = JSON.parse(json) as { readonly loopdevices: readonly LoopDevice[] }
  const nodes = (await entries(join(stateDir, 'nodes'))).map((node) => join(stateDir, 'nodes', node))
  const notes = (await Promise.all(nodes.map(notesOf))).flat()
  const isNoted = ({ 'back-file': file, 'back-ino': number, 'back-maj:min': disk }: LoopDevice): boolean =>
    notes.some(
      ({ guest, file: noted }) =>
        noted === `${disk?.trim()} ${number}` && file?.includes(`/instances/${guest}`) === true,
    )
  const isOurs = async (device: LoopDevice): Promise<boolean> => {
    const { 'back-file': file, 'back-ino': number } = device
    if (file?.startsWith(`${stateDir}/`) === true || isNoted(device)) return true
    if (file?.startsWith('/var/') !== true) return false
    const found = await Promise.all(nodes.map(async (node) => await inodeOf(join(node, file))))
    return found.some((inode) => inode !== undefined && inode === String(number))
  }
  const ours = await Promise.all(loopdevices.map(isOurs))
  return loopdevices.filter((_, index) => ours[index] === true).map(({ name }) => name)
}

/** UUIDs of guests, with the numbers of the file system and of the file that a device was attached to for each. */
async function notesOf(node: string): Promise<readonly { readonly guest: string; readonly file: string }[]> {
  const directory = join(node, 'var/lib/nova/loops')
  const guests = await entries(directory)
  return await Promise.all(
    guests.map(async (guest) => ({ guest, file: (await readFile(join(directory, guest), 'utf8')).trim() })),
  )
}

const inodeOf = async (path: string): Promise<string | undefined> =>
  await stat(path, { bigint: true }).then(
    ({ ino }) => String(ino),
    () => undefined,
  )

async function entries(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
