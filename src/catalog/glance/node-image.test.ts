import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeOpenStack, startFakeOpenStack } from '../../../test/fakes/openstack/index.ts'
import { connect, type OpenStack } from '../../openstack/index.ts'
import {
  importNodeImage,
  type NodeForm,
  type NodeImageFiles,
  nodeCommandLine,
  nodeForms,
  nodeHypervisors,
  nodeImageDigest,
  nodeImageName,
  nodeImageProperties,
  nodeImagesIn,
} from './node-image.ts'

let directory: string
let fake: FakeOpenStack
let cloud: OpenStack
let said: string[]

beforeEach(async () => {
  said = []
  directory = await mkdtemp(join(tmpdir(), 'croque-node-image-'))
  for (const name of ['root', 'kernel', 'ramdisk', 'disk']) await writeFile(join(directory, name), name.repeat(20_000))
  fake = await startFakeOpenStack()
  cloud = connect({ authUrl: fake.authUrl, username: 'admin', password: fake.password, project: 'admin' })
})
afterEach(async () => {
  cloud.close()
  await fake.close()
  await rm(directory, { recursive: true })
})

const filesOf = (build = 'one'): NodeImageFiles => {
  const file = (name: string) => ({ path: join(directory, name), sha256: `${build}-${name}`, size: 900_000_000 })
  return {
    kubernetesVersion: 'v1.35.4',
    root: file('root'),
    kernel: file('kernel'),
    ramdisk: file('ramdisk'),
    disk: { ...file('disk'), size: 1_200_000_000 },
  }
}

const bring = async (form: NodeForm, build?: string) => {
  const context = { cloud, say: (text: string) => void said.push(text), signal: new AbortController().signal }
  return await importNodeImage(context, { files: filesOf(build), form, sendingMs: 50 })
}

const stored = () => [...fake.state.images.values()]

test('what Glance is told', () => {
  const told = Object.fromEntries(
    nodeHypervisors.map((one) => [nodeImageName(filesOf(), one), nodeImageProperties(filesOf(), one)]),
  )
  expect(told).toMatchInlineSnapshot(`
    {
      "croque-node-v1.35.4": {
        "architecture": "x86_64",
        "hw_machine_type": "q35",
        "hw_rng_model": "virtio",
        "hw_video_model": "vga",
        "img_hv_type": "qemu",
        "kube_version": "v1.35.4",
        "os_admin_user": "debian",
        "os_command_line": "root=LABEL=croque-node rw console=tty0 console=ttyS0 panic=10 no_timer_check",
        "os_distro": "croque-node",
        "os_type": "linux",
      },
      "croque-node-v1.35.4-lxc": {
        "architecture": "x86_64",
        "img_hv_type": "lxc",
        "kube_version": "v1.35.4",
        "os_admin_user": "debian",
        "os_distro": "croque-node",
        "os_type": "linux",
      },
    }
  `)
})

test('a whole disk has the command line in itself; all else is told as of the form with a kernel beside it', () => {
  const { os_command_line: line, ...others } = nodeImageProperties(filesOf(), 'qemu')
  expect(line).toBe(nodeCommandLine)
  expect(nodeImageProperties(filesOf(), 'disk')).toEqual(others)
  expect(nodeImageName(filesOf(), 'disk')).toBe('croque-node-v1.35.4-disk')
})

test('one for swarms says which Docker it has', () => {
  const { kubernetesVersion: _, ...files } = filesOf()
  const swarm = { ...files, dockerVersion: '26.1.5' }
  expect(nodeImageName(swarm, 'lxc')).toBe('croque-node-swarm-26.1.5-lxc')
  const { kube_version: kubernetes, docker_version: docker } = nodeImageProperties(swarm, 'lxc')
  expect([kubernetes, docker]).toEqual([undefined, '26.1.5'])
})

test('the dashboard offers them for cluster templates', async () => {
  const { os_distro: distro } = nodeImageProperties(filesOf(), 'lxc')
  const script = 'images/services/croque_horizon/static/croque_horizon/node-images.js'
  const offered = await readFile(join(import.meta.dirname, '../../..', script), 'utf8')
  expect(offered).toContain(`distros.push('${distro}')`)
})

describe('the digest', () => {
  test('is of the bytes, of the version and of the kind of host', () => {
    const files = filesOf()
    const all = [
      nodeImageDigest(files, 'lxc'),
      nodeImageDigest(files, 'qemu'),
      nodeImageDigest(files, 'disk'),
      nodeImageDigest(filesOf('two'), 'lxc'),
      nodeImageDigest(filesOf('two'), 'disk'),
      nodeImageDigest({ ...files, kubernetesVersion: 'v1.34.4' }, 'lxc'),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  test('of the form for containers leaves the kernel out, which is not sent', () => {
    const files = filesOf()
    const other = { ...files, kernel: { ...files.kernel, sha256: 'other' } }
    expect(nodeImageDigest(other, 'lxc')).toBe(nodeImageDigest(files, 'lxc'))
    expect(nodeImageDigest(other, 'qemu')).not.toBe(nodeImageDigest(files, 'qemu'))
  })
})

describe('an import', () => {
  test('for virtual machines brings kernel and ramdisk with it', async () => {
    const { action, id } = await bring('qemu')
    expect(action).toBe('created')
    const root = fake.state.images.get(id)
    expect(root).toMatchObject({
      name: 'croque-node-v1.35.4',
      status: 'active',
      disk_format: 'raw',
      container_format: 'bare',
      visibility: 'public',
      min_disk: 2,
      min_ram: 512,
      size: 80_000,
      img_hv_type: 'qemu',
    })
    expect(fake.state.images.get(String(root?.['kernel_id']))).toMatchObject({ disk_format: 'aki', status: 'active' })
    expect(fake.state.images.get(String(root?.['ramdisk_id']))).toMatchObject({ disk_format: 'ari', status: 'active' })
    expect(await nodeImagesIn(cloud)).toEqual([
      {
        id,
        name: 'croque-node-v1.35.4',
        kubernetesVersion: 'v1.35.4',
        form: 'qemu',
        digest: nodeImageDigest(filesOf(), 'qemu'),
      },
    ])
  })

  test('for containers is one image', async () => {
    await bring('lxc')
    expect(stored().map(({ name }) => name)).toEqual(['croque-node-v1.35.4-lxc'])
  })

  test('as a whole disk is one image, which needs no other', async () => {
    const { id, message } = await bring('disk')
    expect(message).toBe('image croque-node-v1.35.4-disk is active')
    expect(stored()).toHaveLength(1)
    const disk = fake.state.images.get(id)
    expect(disk).toMatchObject({
      name: 'croque-node-v1.35.4-disk',
      disk_format: 'raw',
      container_format: 'bare',
      min_disk: 3,
      size: 80_000,
    })
    for (const none of ['kernel_id', 'ramdisk_id', 'os_command_line']) expect(disk).not.toHaveProperty(none)
    expect(await nodeImagesIn(cloud)).toMatchObject([{ id, form: 'disk', digest: nodeImageDigest(filesOf(), 'disk') }])
  })

  test('as a whole disk is refused where none is made', async () => {
    const { disk: _, ...files } = filesOf()
    const context = { cloud, say: () => undefined, signal: new AbortController().signal }
    await expect(importNodeImage(context, { files, form: 'disk' })).rejects.toThrow('not made')
    expect(stored()).toEqual([])
  })

  test.each(nodeForms)('of what is there sends nothing: %s', async (form) => {
    const { id } = await bring(form)
    const before = fake.writes().length
    expect(await bring(form)).toMatchObject({ action: 'unchanged', id })
    expect(fake.writes().length).toBe(before)
  })

  test('of another build hides the one before, with its kernel and ramdisk, and leaves the other forms', async () => {
    const first = await bring('qemu')
    const beside = [await bring('lxc'), await bring('disk')]
    const second = await bring('qemu', 'two')
    expect(second.action).toBe('configured')
    const present = [...beside, second].map(({ id }) => id)
    expect((await nodeImagesIn(cloud)).map(({ id }) => id).toSorted()).toEqual(present.toSorted())
    const hidden = stored().filter((one) => one['os_hidden'] === true)
    expect(hidden.map(({ name }) => name).toSorted()).toEqual([
      'croque-node-v1.35.4',
      'croque-node-v1.35.4-kernel',
      'croque-node-v1.35.4-ramdisk',
    ])
    expect(fake.state.images.get(first.id)?.['status']).toBe('active')
  })

  test('leaves alone what somebody else has of the same name', async () => {
    const own = await cloud.image.create({
      id: '00000000-0000-4000-8000-000000000001',
      name: 'croque-node-v1.35.4-lxc',
      containerFormat: 'bare',
      diskFormat: 'raw',
      visibility: 'private',
      properties: {},
    })
    await bring('lxc')
    expect(own).not.toBe('taken')
    expect(fake.state.images.get('00000000-0000-4000-8000-000000000001')?.['os_hidden']).toBe(false)
  })

  test('that was broken off is mended: what was half sent goes, and it is sent again', async () => {
    const { id } = await bring('lxc')
    const image = fake.state.images.get(id)
    if (image === undefined) throw new Error('no image')
    image['status'] = 'saving'
    const mended = await bring('lxc')
    expect(mended.action).toBe('created')
    expect(mended.id).not.toBe(id)
    expect(fake.state.images.has(id)).toBe(false)
    expect(fake.state.images.get(mended.id)?.['status']).toBe('active')
    expect(said).toContain('removing a half-uploaded root file system (saving)')
  })

  test('that ended before the bytes goes on with the image that it had made', async () => {
    const { id } = await bring('lxc')
    const image = fake.state.images.get(id)
    if (image === undefined) throw new Error('no image')
    image['status'] = 'queued'
    expect(await bring('lxc')).toMatchObject({ action: 'created', id })
    expect(image['status']).toBe('active')
  })

  test('of an image that somebody deleted makes another', async () => {
    const { id } = await bring('lxc')
    await cloud.image.remove(id)
    const again = await bring('lxc')
    expect(again.id).not.toBe(id)
    expect(stored()).toHaveLength(1)
  })
})
