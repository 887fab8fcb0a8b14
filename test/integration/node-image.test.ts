/**
 * Node images as they are in the cache, read without mounting them. The one of the newest version is made where it is missing (some
 * minutes); others are looked at where they are there.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../src/host/index.ts'
import { buildNodeImage, builtNodeImage, kubernetesVersions, type NodeImage } from '../../src/images/index.ts'

const place = {
  repoDir: resolve(import.meta.dirname, '../..'),
  cacheDir: process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque',
}
const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const steps: string[] = []

const build = async (kubernetesVersion: (typeof kubernetesVersions)[number]): Promise<NodeImage> =>
  await buildNodeImage({
    ...place,
    env,
    kind: kubernetesVersion,
    signal: new AbortController().signal,
    report: {
      step: async (id, work) => {
        steps.push(id)
        return await work(() => undefined)
      },
    },
  })

beforeAll(async () => {
  await build(kubernetesVersions[0])
}, 1_800_000)

const there = await Promise.all(
  kubernetesVersions.slice(1).map(async (version) => await builtNodeImage(place, version)),
)
const looked = [kubernetesVersions[0], ...there.flatMap((image) => image?.kubernetesVersion ?? [])]

describe.each(looked)('the node image of %s', (version) => {
  let image: NodeImage
  beforeAll(async () => {
    image = await build(version)
  })

  /** A request of debugfs, which reads the file system from its file. */
  const debugfs = async (request: string): Promise<string> =>
    (await run('debugfs', ['-R', request, image.root.path])).stdout
  const names = async (directory: string): Promise<readonly string[]> =>
    (await debugfs(`ls -p ${directory}`))
      .split('\n')
      .map((line) => line.split('/')[5] ?? '')
      .filter((name) => !['', '.', '..'].includes(name))
  const stat = async (path: string): Promise<{ readonly size: number; readonly links: number }> => {
    const text = await debugfs(`stat ${path}`)
    const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN)
    return { size: number(/Size: (\d+)/), links: number(/Links: (\d+)/) }
  }

  test('is made once', async () => {
    steps.length = 0
    expect(await build(version)).toEqual(image)
    expect(steps).toEqual([])
  })

  test('is a clean ext4 that older hosts can enlarge, and has the bytes that it says', async () => {
    const { stdout } = await run('dumpe2fs', ['-h', image.root.path])
    expect(stdout).toMatch(/Filesystem volume name: +croque-node\n/)
    expect(stdout).toMatch(/Filesystem state: +clean\n/)
    expect(stdout).toMatch(/Filesystem features: .*has_journal.*\bextent\b/)
    expect(stdout).not.toMatch(/orphan_file|metadata_csum_seed/)
    const { stdout: sum } = await run('sha256sum', [image.root.path])
    expect(sum.split(' ')[0]).toBe(image.root.sha256)
    expect(image.root.size).toBeLessThan(1.2e9)
  })

  test('holds no secret and no identity', async () => {
    const passwords = (await debugfs('cat /etc/shadow')).split('\n').filter((line) => /^[^:]+:[^!*]/.test(line))
    expect(passwords).toEqual([])
    expect((await names('/etc/ssh')).filter((name) => name.startsWith('ssh_host_'))).toEqual([])
    expect((await stat('/etc/machine-id')).size).toBe(0)
    expect(await debugfs('cat /etc/croque-node-release')).toContain(`KUBERNETES_VERSION=${version}\n`)
  })

  test('starts what a node needs, and has no DHCP client for cloud-init', async () => {
    expect(await names('/etc/systemd/system/multi-user.target.wants')).toEqual(
      expect.arrayContaining(['containerd.service', 'kubelet.service', 'ssh.service']),
    )
    expect(await names('/etc/systemd/system/sysinit.target.wants')).toEqual(
      expect.arrayContaining(['node-prep.service', 'systemd-resolved.service']),
    )
    for (const unit of ['keepalived.service', 'getty.target'])
      expect(await names('/etc/systemd/system/multi-user.target.wants')).not.toContain(unit)
    expect(await names('/usr/sbin')).not.toContain('dhcpcd')
    expect(await names('/usr/local/bin')).toEqual(expect.arrayContaining(['kubeadm', 'kubectl', 'kubelet']))
  })

  test('has its container images unpacked, their packed layers left out, one program in one place', async () => {
    const blobs = await debugfs('ls -l /var/lib/containerd/io.containerd.content.v1.content/blobs/sha256')
    const sizes = blobs.split('\n').flatMap((line) => Number(/\(1\) +0 +0 +(\d+)/.exec(line)?.[1] ?? Number.NaN) || [])
    expect(sizes.length).toBeGreaterThan(0)
    expect(Math.max(...sizes)).toBeLessThan(10_000)
    const snapshots = await names('/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots')
    expect(snapshots).toHaveLength(3)
    // Built here, it is one program under many names; an official release has several.
    if ((await names('/usr/local/bin')).includes('kubernetes'))
      expect((await stat('/usr/local/bin/kubernetes')).links).toBe(2)
  })

  test('has a kernel that Nova does not take for a disk, with its modules', async () => {
    const kernel = await readFile(image.kernel.path)
    expect(kernel.toString('latin1', 0x202, 0x206)).toBe('HdrS')
    expect(kernel.readUInt16LE(510)).toBe(0)
    const [release, ...others] = await names('/usr/lib/modules')
    expect(others).toEqual([])
    expect(kernel.includes(release ?? 'none')).toBe(true)
    expect(image.ramdisk.size).toBeGreaterThan(1e6)
  })
})
