import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { kubernetesVersions } from '../kubernetes/versions.ts'
import { builtNodeImage, nodeImageCache, nodeImageKinds, nodeImageNames, nodeImageRecipe } from './node-image.ts'

const repoDir = resolve(import.meta.dirname, '../../..')
let scratch: string
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'croque-node-image-'))
})
afterEach(async () => await rm(scratch, { recursive: true }))

describe('the recipe', () => {
  /** A checkout that has what recipes are read from. */
  async function checkout(): Promise<string> {
    const copy = join(scratch, 'repo')
    await cp(join(repoDir, 'images'), join(copy, 'images'), { recursive: true })
    return copy
  }

  test('is its own of every kind, and the same in every checkout', async () => {
    const recipes = await Promise.all(nodeImageKinds.map((kind) => nodeImageRecipe(repoDir, kind)))
    expect(new Set(recipes).size).toBe(nodeImageKinds.length)
    const copy = await checkout()
    expect(await Promise.all(nodeImageKinds.map((kind) => nodeImageRecipe(copy, kind)))).toEqual(recipes)
  })

  test.each([
    ['node-image/root/etc/systemd/system/kubelet.service', 'all'],
    ['node-image/assemble', 'all'],
    ['node-image/debian/build', 'all'],
    ['node-image/kernel/build', 'all'],
    ['node/containerd.toml', 'all'],
    ['kubernetes/cmd/pause/main.go', 'v1.35.4 v1.34.4'],
    ['kubernetes/v1.34/go.sum', 'v1.34.4'],
    ['kubernetes/go.sum', 'v1.35.4'],
    ['node-image/write-disk', 'none'],
    ['tiny/guest/init', 'none'],
  ])('changes with images/%s: %s', async (file, expected) => {
    const copy = await checkout()
    const changed = async (): Promise<string> => {
      const before = await Promise.all(nodeImageKinds.map((kind) => nodeImageRecipe(repoDir, kind)))
      const after = await Promise.all(nodeImageKinds.map((kind) => nodeImageRecipe(copy, kind)))
      const names = nodeImageKinds.filter((_, index) => before[index] !== after[index])
      return names.length === nodeImageKinds.length ? 'all' : names.join(' ') || 'none'
    }
    expect(await changed()).toBe('none')
    await writeFile(join(copy, 'images', file), 'something else')
    expect(await changed()).toBe(expected)
  })
})

describe('in the cache', () => {
  const version = 'v1.34.4'

  test('is an image when it has said what it is, and not before', async () => {
    const place = { repoDir, cacheDir: scratch }
    const name = (await nodeImageNames(repoDir))[kubernetesVersions.indexOf(version)] ?? ''
    const directory = join(nodeImageCache(scratch), name)
    expect(await builtNodeImage(place, version)).toBeUndefined()
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'root.ext4'), 'half of it')
    expect(await builtNodeImage(place, version)).toBeUndefined()
    const file = { sha256: '00', size: 10 }
    const files = { root: file, kernel: file, ramdisk: file }
    await writeFile(join(directory, 'image.json'), JSON.stringify({ kubernetesVersion: version, recipe: 'abc', files }))
    expect(await builtNodeImage(place, version)).toEqual({
      kubernetesVersion: version,
      recipe: 'abc',
      root: { ...file, path: join(directory, 'root.ext4') },
      kernel: { ...file, path: join(directory, 'vmlinuz') },
      ramdisk: { ...file, path: join(directory, 'initrd') },
    })
    expect(await builtNodeImage(place, 'v1.35.4')).toBeUndefined()
  })
})

describe('its files', () => {
  const root = join(repoDir, 'images/node-image/root')
  const text = (path: string): string => readFileSync(join(root, path), 'utf8')
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted()

  test('are these, and only programs may be run', async () => {
    const mode = (path: string): string => ((statSync(join(root, path)).mode & 0o111) === 0 ? '644' : '755')
    const list = paths.map((path) => `${mode(path)} /${path}\n`).join('')
    await expect(list).toMatchFileSnapshot('golden/node-image-files.txt')
  })

  test.each(paths.filter((path) => path.includes('kubelet') && path.endsWith('.conf')))(
    '%s is configuration that the kubelet takes',
    (path) => {
      expect(parse(text(path))).toMatchObject({
        apiVersion: 'kubelet.config.k8s.io/v1beta1',
        kind: 'KubeletConfiguration',
      })
    },
  )

  test('agree on who makes control groups', () => {
    expect(parse(text('etc/kubernetes/kubelet.conf.d/10-node.conf')).cgroupDriver).toBe('cgroupfs')
    expect(readFileSync(join(repoDir, 'images/node/containerd.toml'), 'utf8')).toContain('SystemdCgroup = false')
  })

  test('let cloud-init ask OpenStack, nobody else', () => {
    const config = parse(text('etc/cloud/cloud.cfg.d/99_croque-node.cfg'))
    expect(config).toMatchObject({ datasource_list: ['OpenStack'], network: { config: 'disabled' }, ssh_pwauth: false })
    expect(text('etc/cloud/ds-identify.cfg')).toMatch(/^datasource: OpenStack$/m)
  })

  test('turn on only units that there are, of our own', () => {
    const enabled = /systemctl --quiet enable (.*)/.exec(
      readFileSync(join(repoDir, 'images/node-image/assemble'), 'utf8'),
    )?.[1]
    for (const unit of paths.filter((path) => /^etc\/systemd\/system\/[^/]+\.service$/.test(path)))
      expect(enabled?.split(' ')).toContain(unit.replace(/.*\/|\.service$/g, ''))
  })

  test.each([
    'node-image/assemble',
    'node-image/debian/build',
    'node-image/kernel/build',
    'node-image/root/usr/lib/croque/node-prep',
    'node-image/write-disk',
    'node/fill-store',
  ])('images/%s is a shell script', (path) => {
    expect(spawnSync('sh', ['-n', join(repoDir, 'images', path)], { encoding: 'utf8' }).stderr).toBe('')
  })
})
