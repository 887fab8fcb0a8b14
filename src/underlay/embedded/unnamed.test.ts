import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { binariesNames, rootfsName } from '../../images/index.ts'
import { cloudsOn, forgetCloud, rememberCloud } from './clouds.ts'
import { layoutOf } from './layout.ts'
import { writeRecord } from './record.ts'
import { nodePackages } from './settings.ts'
import { unnamedUnderlay } from './unnamed.ts'

const repoDir = resolve(import.meta.dirname, '../../..')
let root: string
let cacheDir: string
let stateDir: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'croque-unnamed-'))
  cacheDir = join(root, 'cache')
  stateDir = join(root, 'state/cloud')
})
afterEach(async () => await rm(root, { recursive: true }))

async function cloud(directory: string, rootfs: string): Promise<void> {
  const record = {
    version: 1,
    apiPort: 1,
    rootfs: join(cacheDir, 'node-rootfs', rootfs),
    binaries: '',
    addons: '',
  } as const
  await mkdir(join(cacheDir, 'node-rootfs', rootfs), { recursive: true })
  await writeRecord(layoutOf('', directory, { nodes: 0 }), { ...record, members: [] })
}

test('clouds are known by what they left in the cache, or by their place beside this one', async () => {
  const elsewhere = join(root, 'elsewhere/cloud')
  await cloud(elsewhere, 'a')
  await cloud(join(root, 'state/beside'), 'b')
  await rememberCloud({ cacheDir, stateDir: elsewhere })
  await rememberCloud({ cacheDir, stateDir })
  const found = async () => (await cloudsOn({ cacheDir, stateDir })).map((one) => one.stateDir).toSorted()
  expect(await found()).toEqual([elsewhere, join(root, 'state/beside')])
  await rm(elsewhere, { recursive: true })
  await forgetCloud({ cacheDir, stateDir: elsewhere })
  expect(await found()).toEqual([join(root, 'state/beside')])
})

test('names what no present source names and no cloud stands on', async () => {
  const elsewhere = join(root, 'elsewhere/cloud')
  await cloud(elsewhere, 'needed')
  await rememberCloud({ cacheDir, stateDir: elsewhere })
  for (const name of [
    'kubernetes/old',
    ...(await binariesNames(repoDir)).map((name) => `kubernetes/${name}`),
    'node-rootfs/old',
    'go/build',
  ])
    await mkdir(join(cacheDir, name), { recursive: true })
  await mkdir(join(cacheDir, 'node-rootfs', rootfsName(nodePackages)))
  const lists = unnamedUnderlay({ cacheDir, repoDir, stateDir })
  expect(await Promise.all(lists.map((list) => list()))).toEqual([
    [join(cacheDir, 'kubernetes/old')],
    [join(cacheDir, 'node-rootfs/old')],
    [join(cacheDir, 'go'), join(cacheDir, 'go.pruned')],
  ])
})
