import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { imageSet } from './build.ts'
import { layerHashes } from './hash.ts'
import { imageRecipes, layerRecipes } from './recipes.ts'

const repo = resolve(import.meta.dirname, '../..')
let copy: string

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'croque-images-'))
  for (const path of ['images', 'src', 'package.json', 'package-lock.json'])
    cpSync(join(repo, path), join(copy, path), { recursive: true, verbatimSymlinks: true })
})
afterEach(() => rmSync(copy, { recursive: true }))

/** Names of the images whose reference differs between two sets. */
async function changedBy(change: () => void): Promise<readonly string[]> {
  const before = await imageSet({ repoDir: copy, release: '2026.1' })
  change()
  const after = await imageSet({ repoDir: copy, release: '2026.1' })
  return after.filter((image, at) => image.reference !== before[at]?.reference).map((image) => image.name)
}

describe('references of images', () => {
  test('depend on the files, not on where they are', async () => {
    expect(await imageSet({ repoDir: copy, release: '2026.1' })).toEqual(
      await imageSet({ repoDir: repo, release: '2026.1' }),
    )
  })

  test('have the documented form', async () => {
    for (const { name, reference } of await imageSet({ repoDir: repo, release: '2026.1' })) {
      expect(reference).toMatch(new RegExp(`^croque\\.local/${name}:2026\\.1-[0-9a-f]{12}$`))
    }
  })

  test.each([
    ['images/mariadb/build', ['mariadb']],
    ['images/compute/build', ['compute']],
    ['images/openstack/2026.1/requirements.lock', ['openstack', 'compute']],
    ['images/services/build', ['openstack', 'compute']],
    ['images/services/croque_horizon/overrides.py', ['openstack', 'compute']],
    ['images/nodejs/wheel.lock', ['croque']],
    ['src/clusters/serve/config.ts', ['croque']],
    ['src/clusters/serve/config.test.ts', []],
    ['src/render/render.ts', []],
    ['images/base/build', imageRecipes.map((image) => image.name)],
    ['images/contract/root/usr/local/bin/kolla_start', imageRecipes.map((image) => image.name)],
  ])('a change in %s changes only what is made of it', async (file, expected) => {
    expect(await changedBy(() => writeFileSync(join(copy, file), '# changed\n', { flag: 'a' }))).toEqual(expected)
  })

  test('another release does not count', async () => {
    cpSync(join(copy, 'images/openstack/2026.1'), join(copy, 'images/openstack/2024.1'), {
      recursive: true,
      verbatimSymlinks: true,
    })
    expect(await changedBy(() => writeFileSync(join(copy, 'images/openstack/2024.1/requirements.lock'), 'x'))).toEqual(
      [],
    )
  })
})

test('layer recipes are in the order in which they stand on one another', () => {
  const seen = new Set<string>()
  for (const layer of layerRecipes) {
    expect(layer.on.filter((name) => !seen.has(name))).toEqual([])
    seen.add(layer.name)
  }
})

test('a change of the contract rebuilds one layer', () => {
  const before = layerHashes(copy, '2026.1', layerRecipes)
  writeFileSync(join(copy, 'images/contract/root/usr/local/bin/kolla_start'), 'echo\n', { flag: 'a' })
  const after = layerHashes(copy, '2026.1', layerRecipes)
  expect([...after].filter(([name, hash]) => before.get(name) !== hash).map(([name]) => name)).toEqual(['contract'])
})
