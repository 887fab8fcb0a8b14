import { describe, expect, test } from 'vitest'
import type { Driver } from './driver.ts'
import { ClusterTypeNotSupported, createRegistry } from './registry.ts'

const never = async (): Promise<never> => {
  throw new Error('not called')
}
const driver = (name: string, ...distros: readonly string[]): Driver => ({
  name,
  covers: distros.map((distro) => ({ coe: 'kubernetes', distro, serverType: 'vm' })),
  reconcile: never,
  remove: never,
  health: never,
})

describe('which driver serves', () => {
  const registry = createRegistry([driver('heat', 'debian', 'ubuntu'), driver('other', 'debian')])
  const kind = { coe: 'kubernetes', clusterDistro: 'debian', serverType: 'vm' } as const

  test.each([
    ['the first that covers it', kind, 'heat'],
    ['the one that is named', { ...kind, driver: 'other' }, 'other'],
  ])('%s', (_name, template, expected) => {
    expect(registry.driverOf(template).name).toBe(expected)
  })

  test.each([
    ['another distribution', { ...kind, clusterDistro: 'arch' }, 'Cluster type (vm, arch, kubernetes) not supported'],
    ['another COE', { ...kind, coe: 'swarm-mode' as const }, 'Cluster type (vm, debian, swarm-mode) not supported'],
    ['bare metal', { ...kind, serverType: 'bm' as const }, 'Cluster type (bm, debian, kubernetes) not supported'],
    ['one that is named and is not there', { ...kind, driver: 'none' }, 'Cluster driver (none) not supported'],
    [
      'one that is named and does not cover it',
      { ...kind, clusterDistro: 'ubuntu', driver: 'other' },
      'Cluster type (vm, ubuntu, kubernetes) not supported',
    ],
  ])('none for %s, in the words of Magnum and with what is served', (_name, template, message) => {
    const served =
      'served here: (vm, debian, kubernetes), (vm, ubuntu, kubernetes), where the second is os_distro of the image.'
    expect(() => registry.driverOf(template)).toThrow(new ClusterTypeNotSupported(`${message}; ${served}`))
  })

  test('none where there is none', () => {
    expect(() => createRegistry([]).driverOf(kind)).toThrow(/not supported; no driver is enabled here\.$/)
  })
})

test('two drivers of one name are a mistake', () => {
  expect(() => createRegistry([driver('a'), driver('a')])).toThrow('Two drivers are named "a"')
})
