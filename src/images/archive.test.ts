import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { imageManifest, layoutEntries, writeArchive } from './archive.ts'
import { archivePath } from './build.ts'
import { sha256 } from './hash.ts'
import type { BuiltLayer } from './model.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'croque-archive-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const blob = Buffer.alloc(70_000, 7)
const layer: BuiltLayer = {
  name: 'base',
  hash: 'a'.repeat(64),
  diffId: `sha256:${'1'.repeat(64)}`,
  digest: `sha256:${sha256(blob)}`,
  size: blob.length,
  unpackedSize: 1,
}
const recipe = { name: 'base', layers: ['base'], user: '42400:42400', env: { PATH: '/opt/bin' } }
const ref = { name: 'base', reference: 'croque.local/base:2026.1-abc' }

function entries() {
  writeFileSync(join(directory, 'blob'), blob)
  return layoutEntries(imageManifest(recipe, ref, [layer]), [layer], () => join(directory, 'blob'))
}

test('the archive is an OCI layout whose blobs have the digests that they are named for', async () => {
  const path = join(directory, 'image.tar')
  await writeArchive(path, entries())
  execFileSync('tar', ['-xf', path, '-C', directory])
  const index = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'))
  expect(index.manifests[0].annotations['io.containerd.image.name']).toBe(ref.reference)
  const blobs = readdirSync(join(directory, 'blobs/sha256'))
  expect(blobs).toHaveLength(3)
  for (const name of blobs) expect(sha256(readFileSync(join(directory, 'blobs/sha256', name)))).toBe(name)
  const manifest = JSON.parse(
    readFileSync(join(directory, 'blobs', index.manifests[0].digest.replace(':', '/')), 'utf8'),
  )
  const config = JSON.parse(readFileSync(join(directory, 'blobs', manifest.config.digest.replace(':', '/')), 'utf8'))
  expect(config.rootfs.diff_ids).toEqual([layer.diffId])
  expect(config.config.User).toBe('42400:42400')
  expect(config.config.Env).toContain('PATH=/opt/bin')
})

test('the same image gives the same bytes', async () => {
  await writeArchive(join(directory, 'one.tar'), entries())
  await writeArchive(join(directory, 'two.tar'), entries())
  expect(readFileSync(join(directory, 'one.tar')).equals(readFileSync(join(directory, 'two.tar')))).toBe(true)
})

test('what two releases share is one image in two archives: each has the name that its Pods use', () => {
  const [one, other] = ['2026.1', '2025.1'].map((release) =>
    imageManifest(recipe, { ...ref, reference: `croque.local/base:${release}-abc` }, [layer]),
  )
  if (one === undefined || other === undefined) throw new Error('no manifests')
  expect(one.digest).toBe(other.digest)
  expect(archivePath('/cache', 'base', one)).not.toBe(archivePath('/cache', 'base', other))
})

test('nothing is left under the name of an archive that could not be written', async () => {
  const path = join(directory, 'image.tar')
  const missing = [{ name: 'x', content: { file: join(directory, 'absent'), size: 3 } }]
  await expect(writeArchive(path, missing)).rejects.toThrow('ENOENT')
  expect(readdirSync(directory)).toEqual([])
})
