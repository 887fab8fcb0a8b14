import { expect, test } from 'vitest'
import type { Machine } from './machines.ts'
import { isBuilt, movedAt } from './movement.ts'

const part = (type: string, status: string, id: string | null = 'it') => ({
  ...{ resource_type: type, resource_status: status, physical_resource_id: id },
  updated_time: '2026-11-29T13:00:10Z',
})
const nova = (state: string, movedAt?: number): ReadonlyMap<string, Machine> =>
  new Map([['it', { state, ...(movedAt === undefined ? {} : { movedAt }) }]])

test.each([
  ['Nova builds it', part('OS::Nova::Server', 'CREATE_IN_PROGRESS'), nova('BUILD'), true],
  ['Nova has built it, and Heat does not know', part('OS::Nova::Server', 'CREATE_IN_PROGRESS'), nova('ACTIVE'), false],
  ['Nova could not', part('OS::Nova::Server', 'CREATE_IN_PROGRESS'), nova('ERROR: No valid host was found'), false],
  ['Nova was not asked yet', part('OS::Nova::Server', 'CREATE_IN_PROGRESS', null), nova('ACTIVE'), false],
  ['Nova removes it', part('OS::Nova::Server', 'DELETE_IN_PROGRESS'), nova('ACTIVE'), true],
  ['Nova has removed it', part('OS::Nova::Server', 'DELETE_IN_PROGRESS'), nova('gone'), false],
  ['it is done', part('OS::Nova::Server', 'CREATE_COMPLETE'), nova('BUILD'), false],
  ['Cinder may be at it', part('OS::Cinder::Volume', 'CREATE_IN_PROGRESS'), nova('gone'), true],
  ['Octavia may be at it', part('OS::Octavia::LoadBalancer', 'CREATE_IN_PROGRESS'), nova('gone'), true],
  ['Neutron takes no time', part('OS::Neutron::Port', 'CREATE_IN_PROGRESS'), nova('gone'), false],
  ['a stack is only what is in it', part('file:///kubeminion.yaml', 'CREATE_IN_PROGRESS'), nova('BUILD'), false],
])('somebody else has a part in hand: %s', (_case, one, machines, is) => {
  expect(isBuilt({ parts: [part('OS::Neutron::Port', 'CREATE_COMPLETE'), one], machines })).toBe(is)
})

test('it moved when Heat wrote something down, or Nova did', () => {
  const times = { creation_time: '2026-11-29T13:00:00Z', updated_time: null }
  const parts = [part('OS::Nova::Server', 'CREATE_IN_PROGRESS')]
  const at = (seconds: number): number => Date.UTC(2026, 10, 29, 13, 0, seconds)
  expect(movedAt(times, { parts: [], machines: new Map() })).toBe(at(0))
  expect(movedAt({ ...times, updated_time: '2026-11-29T13:00:20Z' }, { parts, machines: nova('ACTIVE') })).toBe(at(20))
  expect(movedAt(times, { parts, machines: nova('ACTIVE', at(5)) })).toBe(at(10))
  expect(movedAt(times, { parts, machines: nova('ACTIVE', at(30)) })).toBe(at(30))
})
