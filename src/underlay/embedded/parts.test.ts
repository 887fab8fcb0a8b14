import { expect, test } from 'vitest'
import { bootSector } from '../kvm-guest.ts'
import { loopDevicesBelow } from './down.ts'
import { isNewEnough } from './go-toolchain.ts'
import { missingImages } from './images.ts'
import { parseNodeConditions } from './kubectl.ts'
import { hasVirtualisation } from './kvm.ts'
import { layoutOf } from './layout.ts'

test('nodes have addresses and Pod ranges of their own, and names that tell the cluster', () => {
  const nodes = layoutOf('c', '/s', 3).nodes.map(({ name, address, podRange }) => [name, address, podRange])
  expect(nodes).toEqual([
    ['c-1', '10.111.0.2', '10.112.0.0/24'],
    ['c-2', '10.111.0.3', '10.112.1.0/24'],
    ['c-3', '10.111.0.4', '10.112.2.0/24'],
  ])
})

test('only loop devices of our own directory are detached', () => {
  const json = JSON.stringify({
    loopdevices: [
      { name: '/dev/loop0', 'back-file': '/s/c/disk' },
      { name: '/dev/loop1', 'back-file': '/s/c2/disk' },
      { name: '/dev/loop2', 'back-file': null },
    ],
  })
  expect(loopDevicesBelow(json, '/s/c')).toEqual(['/dev/loop0'])
  expect(loopDevicesBelow('', '/s/c')).toEqual([])
})

test.each([
  ['go1.26.8', true],
  ['go1.21.0', true],
  ['go1.19.8', false],
  ['', false],
])('Go %s can switch toolchains: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected)
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

test('virtualisation is a flag of the processor', () => {
  expect(hasVirtualisation('flags\t\t: fpu vmx sse\n')).toBe(true)
  expect(hasVirtualisation('flags\t\t: fpu sse\nvmx flags\t: vnmi\n')).toBe(false)
})

test('the probe is a boot sector', () => {
  expect(bootSector().readUInt16LE(510)).toBe(0xaa55)
  expect(bootSector()[0]).toBe(0xfa)
})
