/** Container guests whose init ends as soon as it has begun. */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Installation } from './installation.ts'
import { needPackages } from './packages.ts'
import { patience } from './patience.ts'

const count = 4

/** They fail, or are off where Nova saw them run; nobody waits for them, so they can be deleted. Of several some end before Nova looks. */
export async function tryDying(cloud: Installation): Promise<void> {
  await needPackages('e2fsprogs')
  const api = cloud.api()
  const directory = mkdtempSync(join(tmpdir(), 'croque-e2e-dying-'))
  const id = randomUUID()
  try {
    await api.image.create({
      ...{ id, name: 'dying', containerFormat: 'bare', diskFormat: 'raw', visibility: 'private' },
      properties: { img_hv_type: 'lxc' },
    })
    await api.image.upload(id, fileSystem(directory))
    const names = Array.from({ length: count }, (_, at) => `dying-${at + 1}`)
    const many = ['--min', String(count), '--max', String(count)]
    const kind = ['--image', id, '--flavor', 'm1.nano', '--network', 'private']
    cloud.done('openstack', 'server', 'create', ...kind, ...many, 'dying')
    const servers = async () => (await api.compute.servers.all()).filter(({ name }) => names.includes(name))
    const states = async (): Promise<string> => (await servers()).map(({ status }) => status).join(' ')
    await expect.poll(states, patience).toMatch(new RegExp(`^((ERROR|SHUTOFF|ACTIVE) ?){${count}}$`))
    const faults = (await servers()).flatMap(({ fault }) => fault ?? [])
    // Some end before libvirt calls them started, or before it has heard of them.
    const known =
      /its init ended as soon as it had begun|guest failed to start|connect socket to '\/run\/libvirt\/lxc\//
    for (const fault of faults) expect(fault).toMatch(known)
    cloud.done('openstack', 'server', 'delete', '--wait', ...names)
  } finally {
    await api.image.remove(id)
    api.close()
    rmSync(directory, { recursive: true })
  }
}

function fileSystem(directory: string): string {
  const [root, image] = [join(directory, 'root'), join(directory, 'image')]
  for (const each of ['sbin', 'proc', 'sys', 'dev']) mkdirSync(join(root, each), { recursive: true })
  writeFileSync(join(root, 'sbin/init'), program(), { mode: 0o755 })
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', root, image, '16M'])
  return image
}

/** An ELF that does nothing but exit: 64 bytes of header, one segment (56), the instructions. */
function program(): Buffer {
  const [machine, instructions] = process.arch === 'arm64' ? [183, '000080d2a80b80d2010000d4'] : [62, '31ff6a3c580f05']
  const code = Buffer.from(instructions, 'hex')
  const [head, base] = [Buffer.alloc(120), 0x400000]
  head.set([0x7f, ...Buffer.from('ELF'), 2, 1, 1])
  for (const [at, value] of [
    [16, 2],
    [18, machine],
    [52, 64],
    [54, 56],
    [56, 1],
  ] as const)
    head.writeUInt16LE(value, at)
  for (const [at, value] of [
    [20, 1],
    [64, 1],
    [68, 5],
  ] as const)
    head.writeUInt32LE(value, at)
  const size = head.length + code.length
  for (const [at, value] of [
    [24, base + head.length],
    [32, 64],
    [80, base],
    [88, base],
    [96, size],
    [104, size],
    [112, 0x1000],
  ] as const)
    head.writeBigUInt64LE(BigInt(value), at)
  return Buffer.concat([head, code])
}
