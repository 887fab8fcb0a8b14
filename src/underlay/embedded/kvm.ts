/** Whether hardware virtualisation really works here: the device alone says nothing. */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readFileIfThere, run, writeFileAtomically } from '../../host/index.ts'
import { cacheOf } from './context.ts'

const device = '/dev/kvm'
const schema = z.object({ boot: z.string(), usable: z.boolean() })

/**
 * Starts a guest of a few instructions with KVM and looks whether they were executed. Remembered in the cache until the next boot.
 * False without the device or without QEMU.
 */
export async function kvmUsable(cacheDir: string, signal: AbortSignal): Promise<boolean> {
  if (!existsSync(device)) return false
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const path = cacheOf(cacheDir).kvm
  const known = schema.safeParse(JSON.parse((await readFileIfThere(path)) ?? 'null')).data
  if (known?.boot === boot) return known.usable
  const usable = await tryGuest(cacheDir, signal)
  if (usable === undefined) return false
  await writeFileAtomically(path, `${JSON.stringify({ boot, usable })}\n`, 0o644)
  return usable
}

async function tryGuest(cacheDir: string, signal: AbortSignal): Promise<boolean | undefined> {
  const disk = join(cacheDir, `kvm-probe.${process.pid}.img`)
  await writeFile(disk, bootSector())
  try {
    const args = ['10', 'qemu-system-x86_64', '-accel', 'kvm', '-machine', 'q35', '-m', '32', '-display', 'none', '-nodefaults', '-no-reboot',
      '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', '-drive', `file=${disk},format=raw,if=ide`]
    const result = await run('timeout', args, { signal, okCodes: Array.from({ length: 256 }, (_, code) => code) })
    if (result.code === 127) return undefined
    return result.code === exitCode
  } finally {
    await rm(disk, { force: true })
  }
}

/** isa-debug-exit makes QEMU exit with twice the value plus one. */
const value = 0x2a
const exitCode = value * 2 + 1

/**
 * A boot sector that goes to 64-bit long mode with paging, as every kernel does, and there writes the value to the debug port:
 * some hypervisors run real-mode code and stop at that point.
 */
export function bootSector(): Buffer {
  const sector = Buffer.alloc(512)
  Buffer.from(longMode, 'hex').copy(sector)
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

/** Assembled from `images/node/kvm-probe.S`. */
const longMode = ''
