import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bootSector } from '../kvm-guest.ts'
import { loopDevicesBelow } from './down.ts'
import { missingImages } from './images.ts'
import { countStalePods, parseNodeConditions } from './kubectl.ts'
import { hasVirtualisation } from './kvm.ts'
import { countNodes, layoutOf } from './layout.ts'

test('nodes have addresses and Pod ranges of their own, and names that tell the cluster', () => {
  const nodes = layoutOf('c', '/s', { nodes: 3 }).nodes.map(({ name, address, podRange }) => [name, address, podRange])
  expect(nodes).toEqual([
    ['c-1', '10.111.0.2', '10.112.0.0/24'],
    ['c-2', '10.111.0.3', '10.112.1.0/24'],
    ['c-3', '10.111.0.4', '10.112.2.0/24'],
  ])
})

test('nodes for container guests stand apart: no number of either kind moves one of the other', () => {
  const lxc = (nodes: number) => layoutOf('c', '/s', { nodes, lxcNodes: 2 }).nodes.slice(nodes)
  expect(lxc(1).map(({ name, address, podRange }) => [name, address, podRange])).toEqual([
    ['c-lxc-1', '10.111.0.102', '10.112.100.0/24'],
    ['c-lxc-2', '10.111.0.103', '10.112.101.0/24'],
  ])
  expect(lxc(3)).toEqual(lxc(1))
  expect(countNodes('c', ['c-1', 'c-lxc-1', 'c-2'])).toEqual({ nodes: 2, lxcNodes: 1 })
})

test('only loop devices of our own directory are detached', async () => {
  const json = JSON.stringify({
    loopdevices: [
      { name: '/dev/loop0', 'back-file': '/s/c/disk' },
      { name: '/dev/loop1', 'back-file': '/s/c2/disk' },
      { name: '/dev/loop2', 'back-file': null },
    ],
  })
  expect(await loopDevicesBelow(json, '/s/c')).toEqual(['/dev/loop0'])
  expect(await loopDevicesBelow('', '/s/c')).toEqual([])
})

test('and those of disks in our nodes, of which the kernel tells the path inside', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'croque-loops-'))
  const disk = '/var/lib/nova/instances/one/disk'
  await mkdir(join(stateDir, 'nodes/c-lxc-1', disk, '..'), { recursive: true })
  await writeFile(join(stateDir, 'nodes/c-lxc-1', disk), '')
  const { ino } = await stat(join(stateDir, 'nodes/c-lxc-1', disk))
  const json = JSON.stringify({
    loopdevices: [
      { name: '/dev/loop0', 'back-file': disk, 'back-ino': ino },
      // Another cloud's, of a server with the same id at most by chance.
      { name: '/dev/loop1', 'back-file': disk, 'back-ino': ino + 1 },
      { name: '/dev/loop2', 'back-file': '/var/lib/nova/instances/two/disk', 'back-ino': ino },
    ],
  })
  expect(await loopDevicesBelow(json, stateDir)).toEqual(['/dev/loop0'])
  await rm(stateDir, { recursive: true })
})

test('an image with the same name and another digest is missing', () => {
  const listing = 'REF TYPE DIGEST SIZE\na:1 application/x sha256:aa 1 MiB\nb:1 application/x sha256:bb 1 MiB\n'
  const image = (reference: string, digest: string) => ({ reference, digest, path: '/x' })
  expect(
    missingImages([image('a:1', 'sha256:aa'), image('b:1', 'sha256:b2'), image('c:1', 'sha256:cc')], listing).map(
      ({ reference }) => reference,
    ),
  ).toEqual(['b:1', 'c:1'])
})

test('a node without a lease has never reported', () => {
  const node = { kind: 'Node', metadata: { name: 'n' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
  const lease = { kind: 'Lease', metadata: { name: 'n' }, spec: { renewTime: '2026-01-01T00:00:00.000000Z' } }
  expect(parseNodeConditions(JSON.stringify({ items: [node] }))[0]).toMatchObject({ ready: true, renewed: 0 })
  expect(parseNodeConditions(JSON.stringify({ items: [node, lease] }))[0]?.renewed).toBe(Date.UTC(2026, 0, 1))
})

test('a Pod is stale while it shows a container that ran before its node was started', () => {
  const pod = (nodeName: string, state: object, metadata: object = {}): object => ({
    metadata,
    spec: { nodeName },
    status: { containerStatuses: [{ state }] },
  })
  const before = { running: { startedAt: '2026-01-01T00:00:09Z' } }
  const stale = (...items: readonly object[]): number =>
    countStalePods(JSON.stringify({ items }), new Set(['c-1']), Date.UTC(2026, 0, 1, 0, 0, 10, 700))
  expect(stale(pod('c-1', before))).toBe(1)
  expect(stale(pod('c-2', before))).toBe(0)
  expect(stale(pod('c-1', before, { deletionTimestamp: '2026-01-01T00:00:20Z' }))).toBe(0)
  expect(stale(pod('c-1', { running: { startedAt: '2026-01-01T00:00:10Z' } }))).toBe(0)
  expect(stale(pod('c-1', { terminated: {} }), { metadata: {}, spec: {}, status: {} })).toBe(0)
})

test('virtualisation is a flag of the processor', () => {
  expect(hasVirtualisation('flags\t\t: fpu vmx sse\n')).toBe(true)
  expect(hasVirtualisation('flags\t\t: fpu sse\nvmx flags\t: vnmi\n')).toBe(false)
})

test('the probe is a boot sector', () => {
  expect(bootSector().readUInt16LE(510)).toBe(0xaa55)
  expect(bootSector()[0]).toBe(0xfa)
})
