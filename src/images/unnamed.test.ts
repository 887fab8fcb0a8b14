import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { layerHashes } from './hash.ts'
import { blobPath, layerDirectory } from './layer.ts'
import { nodeImageNames, nodeLayerHashes } from './node/node-image.ts'
import { layerRecipes } from './recipes.ts'
import { testImageHashes } from './test-image.ts'
import { unnamedImages } from './unnamed.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const releases = ['2026.1', '2025.1']
let cacheDir: string
let images: string

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'croque-images-'))
  images = join(cacheDir, 'images')
})
afterEach(async () => await rm(cacheDir, { recursive: true }))

async function file(path: string, text = ''): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, text)
}

async function layer(name: string, hash: string, digest: string): Promise<void> {
  await file(join(layerDirectory(images, { name, hash }), 'layer.json'), JSON.stringify({ name, hash, digest }))
  if (digest !== '') await file(blobPath(images, digest))
}

const old = 'f'.repeat(64)

test('names what belongs to no present recipe of any release', async () => {
  for (const release of releases)
    for (const [name, hash] of layerHashes(repoDir, release, layerRecipes)) await layer(name, hash, `sha256:${hash}`)
  for (const [name, hash] of testImageHashes(repoDir)) if (name === 'tiny') await layer(name, hash, '')
  for (const [name, hash] of nodeLayerHashes(repoDir)) if (name !== 'base') await layer(name, hash, '')
  for (const name of [...(await nodeImageNames(repoDir)), 'v1.33.1-0123456789abcdef'])
    await mkdir(join(cacheDir, 'node-images', name), { recursive: true })
  await layer('openstack', old, `sha256:${old}`)
  await file(blobPath(images, 'sha256:orphan'))
  const present = join(images, 'archives/base-1111.tar')
  for (const name of ['base-1111.tar', 'base-1111.spdx.json', 'base-0000.tar', 'base-0000.spdx.json'])
    await file(join(images, 'archives', name))
  await mkdir(join(images, 'uv'))
  await mkdir(join(images, 'building'))

  const archives = [{ reference: 'croque.local/base:x', digest: 'sha256:1111', path: present }]
  const lists = unnamedImages({ repoDir, cacheDir, releases, archives })
  const found = await Promise.all(lists.map(async (list) => (await list()).toSorted()))
  expect(found).toEqual([
    [layerDirectory(images, { name: 'openstack', hash: old })],
    // The blob of the old layer goes when that is gone.
    [blobPath(images, 'sha256:orphan')],
    [join(images, 'archives/base-0000.spdx.json'), join(images, 'archives/base-0000.tar')],
    [join(images, 'uv')],
    [join(cacheDir, 'node-images/v1.33.1-0123456789abcdef')],
  ])
  await rm(layerDirectory(images, { name: 'openstack', hash: old }), { recursive: true })
  expect((await lists[1]?.())?.toSorted()).toEqual([
    blobPath(images, `sha256:${old}`),
    blobPath(images, 'sha256:orphan'),
  ])
})

test('of an empty cache names nothing', async () => {
  const lists = unnamedImages({ repoDir, cacheDir, releases, archives: [] })
  expect((await Promise.all(lists.map((list) => list()))).flat()).toEqual([])
})
