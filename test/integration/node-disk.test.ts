/**
 * The whole disk of the newest node image: read without mounting it, and started in emulated machines, by BIOS and by UEFI (some minutes).
 * Both are made where they are missing.
 */
import { copyFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeCommandLine } from '../../src/catalog/index.ts'
import { contained, run } from '../../src/host/index.ts'
import { layerHashes } from '../../src/images/hash.ts'
import {
  buildNodeDisk,
  buildNodeImage,
  kubernetesVersion,
  type LayerRecipe,
  type NodeImage,
  type NodeImageFile,
} from '../../src/images/index.ts'
import { layerDirectory } from '../../src/images/layer.ts'
import { layerBuilder } from '../../src/images/layers.ts'
import { nodeLayerHashes } from '../../src/images/node/node-image.ts'
import { layerRecipes } from '../../src/images/recipes.ts'
import { workshop } from './workshop.ts'

const steps: string[] = []
const shop = {
  ...workshop,
  signal: new AbortController().signal,
  report: {
    step: async <T>(id: string, work: (say: () => void) => Promise<T>) => {
      steps.push(id)
      return await work(() => undefined)
    },
  },
}
const images = join(workshop.cacheDir, 'images')
const commandLine = nodeCommandLine
const MiB = 2 ** 20

let scratch: string
let image: NodeImage
let disk: NodeImageFile
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'croque-node-disk-'))
  image = await buildNodeImage({ ...shop, kind: kubernetesVersion })
  disk = await buildNodeDisk({ ...shop, image, commandLine })
}, 1_800_000)
afterAll(async () => await rm(scratch, { recursive: true, force: true }))

/** A program of the layer that writes disks, which sees a directory as /mnt. */
async function tool(directory: string, ...command: readonly string[]): Promise<string> {
  const tree = join(
    layerDirectory(images, { name: 'node-disk', hash: nodeLayerHashes(workshop.repoDir).get('node-disk') ?? '' }),
    'diff',
  )
  const script = 'mount --bind "$1" "$0/mnt"; mount -t proc proc "$0/proc"; root=$0; shift; exec chroot "$root" "$@"'
  const { stdout } = await run(contained[0], [...contained.slice(1), 'sh', '-euc', script, tree, directory, ...command])
  return stdout
}

interface Partition {
  readonly start: number
  readonly size: number
  readonly name: string
}

async function partitions(): Promise<readonly Partition[]> {
  const table = await tool(join(disk.path, '..'), 'sfdisk', '--json', '/mnt/disk.raw')
  return (JSON.parse(table) as { readonly partitiontable: { readonly partitions: readonly Partition[] } })
    .partitiontable.partitions
}

test('is made once', async () => {
  steps.length = 0
  expect(await buildNodeDisk({ ...shop, image, commandLine })).toEqual(disk)
  expect(steps).toEqual([])
})

test('has a table without faults, with the root file system last, as it is in the image', async () => {
  expect(await tool(join(disk.path, '..'), 'sfdisk', '--verify', '/mnt/disk.raw')).toContain('No errors detected')
  const found = await partitions()
  expect(found.map(({ name }) => name)).toEqual(['boot-loader', 'boot', 'croque-node'])
  const root = found.at(-1)?.start ?? Number.NaN
  const part = `tail -c +$((${root} * 512 + 1)) "$0" | head -c ${image.root.size} | sha256sum`
  expect((await run('sh', ['-c', part, disk.path])).stdout).toContain(image.root.sha256)
})

test('has what it starts in a clean file system', async () => {
  const [, boot] = await partitions()
  if (boot === undefined) throw new Error('there is no partition to start from')
  const part = [`if=${disk.path}`, `of=${join(scratch, 'efi')}`, 'bs=512', `skip=${boot.start}`, `count=${boot.size}`]
  await run('dd', part)
  expect(await tool(scratch, 'fsck.vfat', '-n', '/mnt/efi')).toMatch(/^fsck.*\n\/mnt\/efi: \d+ files, .* clusters\n$/)
  await tool(scratch, 'mcopy', '-i', '/mnt/efi', '::/initrd', '::/vmlinuz', '/mnt/')
  expect((await readFile(join(scratch, 'initrd'))).equals(await readFile(image.ramdisk.path))).toBe(true)
  expect((await readFile(join(scratch, 'vmlinuz'))).readUInt16LE(510)).toBe(0xaa55)
})

test('has the same bytes whenever it is made', async () => {
  const directory = join(scratch, 'again')
  await cp(join(image.root.path, '..'), directory, {
    recursive: true,
    filter: (path) => !/disk\.(raw|json)$/.test(path),
  })
  const root = { ...image.root, path: join(directory, 'root.ext4') }
  steps.length = 0
  const again = await buildNodeDisk({ ...shop, image: { ...image, root }, commandLine })
  expect(steps).toEqual([`node-image-${kubernetesVersion}-disk`])
  expect(again).toEqual({ ...disk, path: join(directory, 'disk.raw') })
  await rm(directory, { recursive: true })
}, 300_000)

describe('started in a machine', () => {
  /** QEMU of the image `compute`, and firmware for UEFI above it. */
  const firmware: LayerRecipe = {
    name: 'test-ovmf',
    on: ['base', 'python', 'rbd', 'volumes', 'compute'],
    packages: ['ovmf'],
    buildOnly: true,
  }
  let layers: string
  beforeAll(async () => {
    const recipes = [...layerRecipes, firmware]
    const hashes = layerHashes(workshop.repoDir, '2026.1', recipes)
    await layerBuilder({ ...shop, release: '2026.1', cacheDir: images }, recipes, hashes)(firmware.name)
    const tree = (name: string): string => join(layerDirectory(images, { name, hash: hashes.get(name) ?? '' }), 'diff')
    layers = [...firmware.on, firmware.name].map(tree).toReversed().join(':')
  }, 1_800_000)

  test.each(['bios', 'uefi'])(
    'by its %s it becomes a node whose root file system fills a larger disk',
    async (by) => {
      const work = await mkdtemp(join(scratch, 'machine-'))
      await copyFile(join(import.meta.dirname, 'disk/guest.py'), join(work, 'guest.py'))
      const said = async (): Promise<string> => await readFile(join(work, 'console'), 'latin1').catch(() => '')
      await run('sh', [join(import.meta.dirname, 'disk/boot.sh'), layers, disk.path, work, by], {
        signal: AbortSignal.timeout(840_000),
      }).catch(async (error: unknown) => {
        throw new Error(`the machine said: ${await said()}`, { cause: error })
      })
      const console = await said()
      const seen = (what: string): string => new RegExp(`seen ${what} ?(.*?)\\r?\\n`).exec(console)?.[1] ?? console
      expect(seen('firmware')).toBe(by)
      expect(seen('command line')).toContain(commandLine)
      const [source, type, label, size] = seen('root').split(/ +/)
      expect([source, type, label]).toEqual(['/dev/vda3', 'ext4', 'croque-node'])
      expect(Number(size)).toBeGreaterThan(5000 * MiB)
      expect(seen('failed units:')).toBe('')
    },
    900_000,
  )
})
