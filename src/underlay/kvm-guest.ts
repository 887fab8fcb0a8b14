/** A guest of a few instructions that tells whether hardware virtualisation really works: the device alone says nothing. */

/** Runs the guest of a disk with {@link bootSector} in it; whoever calls bounds its time. */
export const guestCommand = (disk: string): readonly string[] => [
  'qemu-system-x86_64',
  ...['-accel', 'kvm', '-m', '32', '-display', 'none', '-nodefaults', '-no-reboot'],
  ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=4'],
  ...['-drive', `file=${disk},format=raw,if=ide`],
]

/** What the guest writes to the debug port. */
const value = 0x2a
/** QEMU's exit code when the guest's instructions were executed: isa-debug-exit makes it twice the value plus one. */
export const guestWell = value * 2 + 1

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
