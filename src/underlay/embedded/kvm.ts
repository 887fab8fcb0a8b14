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
    const args = [
      '10',
      'qemu-system-x86_64',
      '-accel',
      'kvm',
      '-m',
      '32',
      '-display',
      'none',
      '-nodefaults',
      '-no-reboot',
      '-device',
      'isa-debug-exit,iobase=0xf4,iosize=4',
      '-drive',
      `file=${disk},format=raw,if=ide`,
    ]
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
  const sector = Buffer.alloc(64 * 512)
  Buffer.from(longMode, 'hex').copy(sector)
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

/** Assembled from `images/node/kvm-probe.S`. */
const longMode = [
  'fa31c08ed88ec08ed0bc007cbf0010b9001831c0fcf3ab66c70600100320000066c70600200330000066c7060030830000000f20',
  'e06683c8200f22e066b8001000000f22d866b9800000c00f32660d000100000f300f0116e87c0f20c0660d010000800f22c0ea6b',
  '7c0800b8100000008ed88ec08ed048c7c4007c00000f20c04883e0fb4883c8020f22c00f20e0480d000600000f22e066480f6ec0',
  '660fefc9b9010100c0b83412000031d20f300f20d80f22d80f013c250000000031c00fa2b02a66baf400eef4ebfd660f1f440000',
  '000000000000000000000000009a200000000000009200001700d07c0000',
].join('')
