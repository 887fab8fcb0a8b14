/** Removes everything that an installation made, in the reverse order of making. Works on what is left of a half-made or broken one. */
import { readdir } from 'node:fs/promises'
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
  const { stdout } = await run('losetup', ['--json', '--list', '--output', 'NAME,BACK-FILE'], { okCodes: [0, 1] })
  for (const device of loopDevicesBelow(stdout, stateDir))
    await run('losetup', ['--detach', device], { okCodes: [0, 1] })
}

/** Names of the devices in losetup's JSON whose file lies below a directory. */
export function loopDevicesBelow(json: string, directory: string): readonly string[] {
  if (json.trim() === '') return []
  const { loopdevices } = JSON.parse(json) as {
    readonly loopdevices: readonly { readonly name: string; readonly 'back-file': string | null }[]
  }
  return loopdevices
    .filter((device) => device['back-file']?.startsWith(`${directory}/`) === true)
    .map(({ name }) => name)
}

async function entries(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
