/** Loop devices that Nova forgot: each is given back, and none of anybody else. Only devices that are made here are touched. */
import { mkdir, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../../src/host/index.ts'
import { loopDevicesBelow } from '../../src/underlay/embedded/down.ts'

const program = new URL('../../images/compute/root/usr/lib/croque/lxc-loops', import.meta.url).pathname
const leaving = new URL('../../src/catalog/nova/leave-node.sh', import.meta.url)
const guest = '6f6d6b8f-0000-4000-8000-000000000001'
const other = '6f6d6b8f-0000-4000-8000-000000000002'

let stateDir: string
/** Device to the file that it was made of. */
const made = new Map<string, string>()

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'croque-loops-'))
})
afterEach(async () => {
  for (const [device, file] of made)
    if ((await fileOf(device))?.startsWith(dirname(file)) === true) await run('losetup', ['--detach', device])
  made.clear()
  await rm(stateDir, { recursive: true })
})

/** Where Nova keeps the servers of a node. */
const novaOf = (node: string): string => join(stateDir, 'nodes', node, 'var/lib/nova')

async function attached(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, '')
  await truncate(file, 1 << 20)
  const device = (await run('losetup', ['--find', '--show', file])).stdout.trim()
  made.set(device, file)
  return device
}

/** As the kernel calls it; undefined for a device that is free. */
async function fileOf(device: string): Promise<string | undefined> {
  const { stdout } = await run('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE', device], {
    okCodes: [0, 1],
  })
  return stdout.trim() === '' ? undefined : stdout.trim()
}

const sweep = async (nova: string): Promise<unknown> => await run('sh', [program, nova])

/** As Nova deletes a server. */
async function deleted(nova: string, server: string): Promise<void> {
  const directory = join(nova, 'instances', server)
  await rename(directory, `${directory}_del`)
  await rm(`${directory}_del`, { recursive: true })
}

const listed = async (): Promise<string> =>
  (await run('losetup', ['--json', '--list', '--output', 'NAME,BACK-FILE,BACK-INO,BACK-MAJ:MIN'])).stdout

test('the device of a guest that is gone is given back, those of guests and of others are not', async () => {
  const nova = novaOf('c-lxc-1')
  const gone = await attached(join(nova, 'instances', guest, 'disk'))
  const kept = await attached(join(nova, 'instances', other, 'disk'))
  // Somebody else's, that looks the same.
  const strange = await attached(join(novaOf('elsewhere'), 'instances', guest, 'disk'))
  await sweep(nova)
  await deleted(nova, guest)
  await deleted(novaOf('elsewhere'), guest)
  expect(await fileOf(gone)).toContain('_del/disk (deleted)')
  await sweep(nova)
  expect(await fileOf(gone)).toBeUndefined()
  expect(await fileOf(kept)).toContain(other)
  expect(await fileOf(strange)).toContain(`${guest}_del/disk (deleted)`)
  // And once more: there is nothing left to do.
  await sweep(nova)
  expect(await fileOf(kept)).toContain(other)
})

test('while the disk of a guest that is gone is held open the device stays, and goes with whoever holds it', async () => {
  const nova = novaOf('c-lxc-1')
  const device = await attached(join(nova, 'instances', guest, 'disk'))
  await sweep(nova)
  await deleted(nova, guest)
  const script = `exec 4< ${device}; sh ${program} ${nova}; losetup --list --noheadings --output BACK-FILE ${device}`
  expect((await run('sh', ['-c', script])).stdout).toContain('(deleted)')
  expect(await fileOf(device)).toBeUndefined()
})

test('what takes an installation away knows them too, by what was noted in its nodes', async () => {
  const nova = novaOf('c-lxc-1')
  const device = await attached(join(nova, 'instances', guest, 'disk'))
  const stranger = await attached(join(stateDir, 'other', 'instances', guest, 'disk'))
  await sweep(nova)
  // As the kernel tells of them from outside of whoever opened them: only the ends of their paths are ours to see.
  const outside = (await listed()).replaceAll(`${nova}/`, '/').replaceAll(`${join(stateDir, 'other')}/`, '/')
  expect(await loopDevicesBelow(outside, stateDir)).toEqual([device])
  expect([...(await loopDevicesBelow(await listed(), stateDir))].sort()).toEqual([device, stranger].sort())
})

test('a node that is left gives back those of its own guests', async () => {
  const nova = novaOf('c-lxc-1')
  const here = await attached(join(nova, 'instances', other, 'disk'))
  const gone = await attached(join(nova, 'instances', guest, 'disk'))
  const elsewhere = await attached(join(novaOf('c-lxc-2'), 'instances', other, 'disk'))
  await sweep(nova)
  await deleted(nova, guest)
  const script = (await readFile(leaving, 'utf8')).replaceAll('/host', join(stateDir, 'nodes/c-lxc-1'))
  await run('sh', ['-uc', script])
  expect(await Promise.all([here, gone].map(fileOf))).toEqual([undefined, undefined])
  expect(await fileOf(elsewhere)).toContain(other)
})
