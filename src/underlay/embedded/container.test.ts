import { expect, test } from 'vitest'
import { boundingSet } from './capabilities.ts'
import { containerConfig } from './container.ts'
import { layoutOf } from './layout.ts'

const node = layoutOf('croque', '/state', { nodes: 1 }).nodes[0]
if (node === undefined) throw new Error('no node')
const config = containerConfig({
  node,
  cgroup: '/croque/croque/croque-1',
  capabilities: ['CAP_CHOWN'],
  kvm: false,
  modules: false,
})

test('the whole configuration of a node container', async () => {
  await expect(`${JSON.stringify(config, null, 2)}\n`).toMatchFileSnapshot('golden/container.json')
})

test('the KVM device and the modules are there only where the machine has them', () => {
  const rich = JSON.stringify(containerConfig({ node, cgroup: '/c', capabilities: [], kvm: true, modules: true }))
  expect(rich).toContain('"/dev/kvm"')
  expect(rich).toContain('"destination":"/lib/modules"')
  expect(JSON.stringify(config)).not.toContain('/dev/kvm')
})

test('a node for container guests has a loop device for the disk of each', () => {
  const lxc = layoutOf('croque', '/state', { nodes: 1, lxcNodes: 1 }).nodes.at(-1) ?? node
  const loops = (at: typeof node): number =>
    JSON.stringify(containerConfig({ node: at, cgroup: '/c', capabilities: [], kvm: false, modules: false })).split(
      '"/dev/loop',
    ).length - 2
  expect([loops(node), loops(lxc)]).toEqual([8, 128])
})

test.each([
  ['CapBnd:\t000001fffeffffff', 40, false],
  ['CapBnd:\t000001ffffffffff', 41, true],
])('the bounding set of %s has %i capabilities', (status, count, resource) => {
  const names = boundingSet(`Name:\tnode\n${status}\nCapAmb:\t0000000000000000\n`)
  expect(names).toHaveLength(count)
  expect(names.includes('CAP_SYS_RESOURCE')).toBe(resource)
})
