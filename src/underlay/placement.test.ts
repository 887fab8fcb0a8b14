import { expect, test } from 'vitest'
import type { NodeFacts } from './nodes.ts'
import { parseRoles, propose } from './placement.ts'

const node = (name: string, memory: number, rest: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  roles: [],
  ready: true,
  cordoned: false,
  taints: [],
  controlPlane: false,
  platform: 'linux/amd64',
  processors: 4,
  memory,
  boot: '1',
  annotations: [],
  ...rest,
})

const proposed = (nodes: readonly NodeFacts[]) =>
  Object.fromEntries(propose(nodes).map(({ node: name, roles }) => [name, roles.join(',')]))

test('one node does it all, two share, of three the largest computes', () => {
  expect(proposed([node('a', 8)])).toEqual({ a: 'control,network,compute,storage' })
  expect(proposed([node('a', 64), node('b', 8)])).toEqual({ b: 'control,network', a: 'compute,storage' })
  expect(proposed([node('a', 64), node('b', 8), node('c', 16)])).toEqual({
    b: 'control',
    c: 'network',
    a: 'compute,storage',
  })
})

test('of many nodes one may fail', () => {
  const many = Array.from({ length: 7 }, (_, index) => node(`n${index}`, index))
  expect(Object.values(proposed(many)).toSorted()).toEqual([
    ...['compute,storage', 'compute,storage', 'control', 'control', 'control', 'network', 'network'],
  ])
})

test('what has roles keeps them, and nodes that take no Pods get none', () => {
  expect(
    proposed([node('a', 8, { roles: ['control'] }), node('b', 8, { taints: ['x:NoSchedule'] }), node('c', 8)]),
  ).toEqual({
    c: 'network,compute,storage',
  })
  expect(proposed([node('a', 8, { roles: ['control', 'network', 'compute', 'storage'] }), node('b', 8)])).toEqual({})
})

test('roles are read from a list', () => {
  expect(parseRoles('control,network')).toEqual(['control', 'network'])
  expect(parseRoles('none')).toEqual([])
  expect(parseRoles('compute-lxc')).toEqual(['compute-lxc'])
  expect(() => parseRoles('control,compote')).toThrow(expect.objectContaining({ code: 'argument-invalid' }))
})

test('a node has one of the compute roles, and none is proposed for container guests', () => {
  expect(() => parseRoles('compute,compute-lxc')).toThrow(expect.objectContaining({ code: 'argument-invalid' }))
  expect(proposed([node('a', 8, { roles: ['compute-lxc'] }), node('b', 8)])).toEqual({
    b: 'control,network,compute,storage',
  })
})
