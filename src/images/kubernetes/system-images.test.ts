import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../../host/index.ts'
import { ensureSystemImages, type SystemImage } from './system-images.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-system-images-'))
  await writeFile(join(dir, 'shell'), 'a program')
  await chmod(join(dir, 'shell'), 0o755)
})
afterEach(async () => await rm(dir, { recursive: true }))

const image: SystemImage = {
  name: 'shell',
  programs: ['shell'],
  references: ['example/shell:1'],
  entrypoint: ['/shell'],
}

async function made(more: Partial<SystemImage>) {
  const [archive] = await ensureSystemImages({ dir, digest: '' }, { rootfs: '', images: [{ ...image, ...more }] })
  if (archive === undefined) throw new Error('no archive')
  const file = async (name: string): Promise<string> => (await run('tar', ['-xOf', archive.path, `./${name}`])).stdout
  const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`
  const manifest = JSON.parse(await file(blob(archive.digest))) as {
    readonly config: { readonly digest: string }
    readonly layers: readonly [{ readonly digest: string }]
  }
  const { config } = JSON.parse(await file(blob(manifest.config.digest))) as { readonly config: object }
  const layer = ['-xOf', archive.path, `./${blob(manifest.layers[0].digest)}`]
  const listed = await run('sh', ['-c', 'tar "$@" | tar -tv', 'sh', ...layer])
  return { ...archive, config, tree: listed.stdout }
}

test('an image is its programs, under its names, and a place for anybody to write', async () => {
  const { reference, config, tree } = await made({})
  expect(reference).toBe('example/shell:1')
  expect(config).toMatchObject({ Entrypoint: ['/shell'] })
  expect(config).not.toHaveProperty('Cmd')
  expect(tree).toMatch(/-rwxr-xr-x 0\/0 .* \.\/usr\/local\/bin\/shell\n/)
  expect(tree).toMatch(/drwxrwxrwt .* \.\/tmp\/\n/)
})

test('it may have links, files below them, and arguments of its own', async () => {
  const links = { '/bin': 'usr/local/bin', '/usr/local/bin/sh': 'shell' }
  const { config, tree } = await made({ links, files: { '/bin/script': 'true\n' }, command: ['-c', 'true'] })
  expect(config).toMatchObject({ Entrypoint: ['/shell'], Cmd: ['-c', 'true'] })
  expect(tree).toContain(' ./bin -> usr/local/bin\n')
  expect(tree).toContain(' ./usr/local/bin/sh -> shell\n')
  expect(tree).toContain(' ./usr/local/bin/script\n')
})

test('an image that is to be another one is made anew', async () => {
  const paths = [await made({}), await made({ command: ['one'] }), await made({ command: ['two'] })].map(
    ({ path }) => path,
  )
  expect(new Set(paths).size).toBe(3)
  expect(await made({ command: ['one'] })).toMatchObject({ path: paths[1] })
})
