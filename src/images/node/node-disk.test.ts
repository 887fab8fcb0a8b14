import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf, digestOfFile } from '../../host/index.ts'
import { builtNodeDisk } from './node-disk.ts'
import { type NodeImage, nodeLayerHashes } from './node-image.ts'

const repoDir = resolve(import.meta.dirname, '../../..')
const commandLine = 'root=LABEL=croque-node'
let scratch: string
let image: NodeImage
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'croque-node-disk-'))
  const file = (name: string) => ({ path: join(scratch, name), sha256: '00', size: 1 })
  const files = { root: file('root.ext4'), kernel: file('vmlinuz'), ramdisk: file('initrd') }
  image = { kubernetesVersion: 'v1.35.4', recipe: 'abc', ...files }
  const script = await digestOfFile(join(repoDir, 'images/node-image/write-disk'))
  const recipe = digestOf(['abc', nodeLayerHashes(repoDir).get('node-disk') ?? '', script, commandLine])
  await writeFile(join(scratch, 'disk.raw'), 'a disk')
  await writeFile(join(scratch, 'disk.json'), JSON.stringify({ recipe, sha256: '11', size: 6 }))
})
afterEach(async () => await rm(scratch, { recursive: true }))

test('is there when it has said what it is, and not before', async () => {
  const disk = { path: join(scratch, 'disk.raw'), sha256: '11', size: 6 }
  expect(await builtNodeDisk({ repoDir, image, commandLine })).toEqual(disk)
  await rm(join(scratch, 'disk.json'))
  expect(await builtNodeDisk({ repoDir, image, commandLine })).toBeUndefined()
})

test('is another one of another image, with another command line, and by another script', async () => {
  expect(await builtNodeDisk({ repoDir, image: { ...image, recipe: 'other' }, commandLine })).toBeUndefined()
  expect(await builtNodeDisk({ repoDir, image, commandLine: `${commandLine} quiet` })).toBeUndefined()
  const checkout = join(scratch, 'repo')
  await cp(join(repoDir, 'images'), join(checkout, 'images'), { recursive: true })
  expect(await builtNodeDisk({ repoDir: checkout, image, commandLine })).toBeDefined()
  await appendFile(join(checkout, 'images/node-image/write-disk'), '# other\n')
  expect(await builtNodeDisk({ repoDir: checkout, image, commandLine })).toBeUndefined()
})
