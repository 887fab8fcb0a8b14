/** Whether hardware virtualisation really works here: the device alone says nothing. */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readFileIfThere, run, writeFileAtomically } from '../../host/index.ts'
import { bootSector, guestCommand, guestWell } from '../kvm-guest.ts'
import { cacheOf } from './context.ts'

const device = '/dev/kvm'
const schema = z.object({ boot: z.string(), usable: z.boolean() })

/**
 * Starts a guest of a few instructions with KVM and looks whether they were executed. Remembered in the cache until the next boot.
 * False without the device or the processor's flag, and (not remembered) without QEMU: preflight lets it be installed.
 */
export async function kvmUsable(cacheDir: string, signal: AbortSignal): Promise<boolean> {
  if (!(await mayHaveKvm())) return false
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const path = cacheOf(cacheDir).kvm
  const known = schema.safeParse(JSON.parse((await readFileIfThere(path)) ?? 'null')).data
  if (known?.boot === boot) return known.usable
  const usable = await tryGuest(cacheDir, signal)
  if (usable === undefined) return false
  await writeFileAtomically(path, `${JSON.stringify({ boot, usable })}\n`, 0o644)
  return usable
}

/** Whether trying is worth while: the device is there and the processor says that it can. */
export async function mayHaveKvm(): Promise<boolean> {
  return existsSync(device) && hasVirtualisation(await readFile('/proc/cpuinfo', 'utf8'))
}

/** Whether the text of /proc/cpuinfo tells of Intel's or AMD's virtualisation. */
export function hasVirtualisation(cpuinfo: string): boolean {
  return /^flags\s*:.*\b(vmx|svm)\b/m.test(cpuinfo)
}

async function tryGuest(cacheDir: string, signal: AbortSignal): Promise<boolean | undefined> {
  const disk = join(cacheDir, `kvm-probe.${process.pid}.img`)
  await writeFile(disk, bootSector())
  try {
    const args = ['10', ...guestCommand(disk)]
    const result = await run('timeout', args, { signal, okCodes: Array.from({ length: 256 }, (_, code) => code) })
    if (result.code === 127) return undefined
    return result.code === guestWell
  } finally {
    await rm(disk, { force: true })
  }
}
