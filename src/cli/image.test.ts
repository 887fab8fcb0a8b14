import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { fakeRegistry } from '../../test/fakes/registry.ts'
import { imageSet } from '../images/index.ts'
import type { Cloud } from '../spec/index.ts'
import { commands } from './commands.ts'
import { ran } from './fixture.ts'
import { currentImages, knownImages } from './images.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
let cacheDir: string
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'croque-image-'))
})
afterEach(async () => await rm(cacheDir, { recursive: true }))

const image = async (...argv: string[]) => await ran(['image', ...argv], commands, { repoDir, cacheDir })

describe('the command', () => {
  test('lists every image, and says that none is built', async () => {
    const { exit, stdout } = await image('list')
    expect(exit).toBe(0)
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^NAME +REFERENCE +DIGEST +SIZE +BUILT$/)
    const images = await imageSet({ repoDir, release: '2026.1' })
    expect(rows.map((row) => row.split(/ +/))).toEqual(
      images.map(({ name, reference }) => [name, reference, '-', '-', 'no']),
    )
  })

  test('lists for programs, by the names of the registry that the document takes them from', async () => {
    const file = join(cacheDir, 'cloud.yaml')
    const spec = { images: { source: 'registry', registry: 'r.example.org:5000/team' } }
    await writeFile(file, stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec }))
    const { lines } = await image('list', 'base', '--file', file, '-o', 'json')
    expect(lines.find(({ type }) => type === 'data')).toMatchObject({
      data: [
        { name: 'base', built: false, reference: expect.stringMatching(/^r\.example\.org:5000\/team\/base:2026/) },
      ],
    })
  })

  test.each([
    ['an image that there is not', ['build', 'hapoxy'], 'Did you mean haproxy?'],
    ['no place to push to', ['push', 'base'], 'spec.images.registry'],
    ['a place that is a URL', ['push', '--registry', 'https://r.example.org'], 'HOST[:PORT][/PREFIX]'],
    ['a CA that is not there', ['push', '--registry', 'r.example.org', '--ca', 'none.pem'], 'none.pem'],
    ['a registry for a list', ['list', '--registry', 'r.example.org'], 'image push'],
    ['no image to look into', ['sbom'], 'image sbom openstack'],
    ['two images to look into', ['sbom', 'base', 'ovn'], 'image sbom openstack'],
  ])('refuses %s before anything is done', async (_case, argv, says) => {
    const { exit, stderr } = await image(...argv)
    expect([exit, stderr]).toEqual([1, expect.stringContaining('error[argument-invalid]')])
    expect(stderr).toContain(says)
  })

  test('has no bill of materials of what is not built', async () => {
    const { stderr } = await image('sbom', 'base')
    expect(stderr).toContain('error[image-not-built]')
    expect(stderr).toContain('./croque image build base')
  })
})

describe('the command for a document with official images', () => {
  const withKolla = async (images: object, ...argv: string[]) => {
    const file = join(cacheDir, 'cloud.yaml')
    const off = { enabled: false }
    const spec = {
      underlay: { type: 'kubeconfig' },
      images: { source: 'kolla', ...images },
      services: { ceph: off, cinder: off, magnum: off },
    }
    await writeFile(file, stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec }))
    return await image(...argv, '--file', file)
  }

  test.each([
    ['where they are', {}, 'quay.io/openstack.kolla/nova-api:2026.1-ubuntu-noble'],
    ['of another distribution', { distro: 'rocky' }, 'quay.io/openstack.kolla/nova-api:2026.1-rocky-10'],
    ['of a mirror', { registry: 'r.example.org:5000/k' }, 'r.example.org:5000/k/nova-api:2026.1-ubuntu-noble'],
    ['with a tag of its own', { tag: 'ours' }, 'quay.io/openstack.kolla/nova-api:ours'],
  ])('lists them: %s', async (_case, images, reference) => {
    const { exit, stdout } = await withKolla(images, 'list', 'nova-api')
    expect([exit, stdout.split(/\s+/)]).toEqual([0, ['NAME', 'REFERENCE', 'nova-api', reference, '']])
  })

  test.each(['build', 'push', 'sbom'])('does not %s them, and says what to do', async (action) => {
    const { exit, stderr } = await withKolla({}, action)
    expect([exit, stderr]).toEqual([1, expect.stringContaining('those of quay.io/openstack.kolla')])
    expect(stderr).toContain('mirror')
  })
})

describe('the images of a cloud', () => {
  const cloudOf = (images: unknown) => ({ spec: { release: '2026.1', images, services: {} } }) as Cloud
  const contextOf = (messages: string[] = []) => ({
    repoDir,
    cacheDir,
    env: {},
    signal: new AbortController().signal,
    emit: (event: { readonly type: string; readonly message?: string }) => void messages.push(event.message ?? ''),
  })

  test('that are built here have the names that they are imported under', async () => {
    const images = await imageSet({ repoDir, release: '2026.1' })
    const expected = Object.fromEntries(images.map(({ name, reference }) => [name, reference]))
    expect(await currentImages(contextOf(), cloudOf({ source: 'build', registry: 'r.example.org' }))).toEqual(expected)
    expect(await knownImages(contextOf(), cloudOf({ source: 'build' }))).toEqual(expected)
  })

  test('that come from a registry are pinned by it, and stay so while it is lost', async () => {
    const registry = await fakeRegistry()
    const { ca, host } = registry
    const cloud = cloudOf({ source: 'registry', registry: `${host}/team`, ca })
    const images = await imageSet({ repoDir, release: '2026.1' })
    await expect(currentImages(contextOf(), cloud)).rejects.toMatchObject({ code: 'image-not-pushed' })
    const unpinned = Object.fromEntries(
      images.map(({ name, reference }) => [name, reference.replace('croque.local', `${host}/team`)]),
    )
    expect(await knownImages(contextOf(), cloud)).toEqual(unpinned)

    for (const { name, reference } of images) registry.manifests.set(`team/${name}:${reference.split(':')[1]}`, name)
    const pinned = await currentImages(contextOf(), cloud)
    for (const { name } of images) expect(pinned[name]).toBe(`${unpinned[name]}@${sha256(name)}`)
    expect(await knownImages(contextOf(), cloud)).toEqual(pinned)

    await registry.close()
    const messages: string[] = []
    expect(await currentImages(contextOf(messages), cloud)).toEqual(pinned)
    expect(messages).toEqual([expect.stringContaining('the images are those that it had when it was last asked')])
    const elsewhere = cloudOf({ source: 'registry', registry: `${host}/other`, ca })
    await expect(currentImages(contextOf(), elsewhere)).rejects.toMatchObject({ code: 'registry-unreachable' })
  })

  test('that are official ones are pinned by their registry, each by its own name', async () => {
    const registry = await fakeRegistry()
    const { ca, host } = registry
    const cloud = cloudOf({ source: 'kolla', registry: `${host}/kolla`, ca })
    const lacking = await currentImages(contextOf(), cloud).catch((error: unknown) => error)
    expect(lacking).toMatchObject({ code: 'image-not-pushed', next: expect.stringContaining('spec.images') })
    const tagged = await knownImages(contextOf(), cloud)
    expect(tagged['kolla/nova-compute']).toBe(`${host}/kolla/nova-compute:2026.1-ubuntu-noble`)
    expect(tagged['compute']).toBe(tagged['kolla/nova-libvirt'])
    const names = Object.keys(tagged).flatMap((key) => (key.startsWith('kolla/') ? [key.slice(6)] : []))
    for (const name of names) registry.manifests.set(`kolla/${name}:2026.1-ubuntu-noble`, name)
    const pinned = await currentImages(contextOf(), cloud)
    for (const name of names) expect(pinned[`kolla/${name}`]).toBe(`${tagged[`kolla/${name}`]}@${sha256(name)}`)
    expect(await knownImages(contextOf(), cloud)).toEqual(pinned)
    await registry.close()
  }, 30_000)
})
