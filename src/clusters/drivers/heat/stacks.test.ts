/** What Heat, Nova and Neutron say, put together; on answers as they give them. */
import { expect, test } from 'vitest'
import { CallError } from '../../../openstack/failure.ts'
import { clusterSpecFixture } from '../../model/fixture.ts'
import type { ClusterCloud, SeenStack } from './cloud.ts'
import { clusterCloud } from './stacks.ts'

const cluster = {
  uuid: '00000000-0000-4000-8000-000000000001',
  resourceVersion: '1',
  uid: 'uid',
  spec: clusterSpecFixture(),
  status: {},
}

const at = '2026-11-29T13:00:00Z'
const part = (name: string, status: string, reason: string, more: object = {}): object => ({
  resource_name: name,
  resource_type: '',
  resource_status: status,
  resource_status_reason: reason,
  physical_resource_id: `${name}-id`,
  updated_time: at,
  ...more,
})

/** A cloud with one stack. */
function cloudOf(
  stack: object,
  resources: readonly object[],
  ports: Readonly<Record<string, readonly object[]>> = {},
  events: readonly object[] = [],
) {
  const request = async (service: string, method: string, path: string, { query = {} }: { query?: object } = {}) => {
    const answer = (body: unknown) => ({ status: 200, headers: {}, body })
    if (method !== 'GET') {
      const text = JSON.stringify({
        error: { message: 'Error validating: Unable to establish connection to http://nova' },
      })
      throw new CallError(`${method} ${path}`, { status: 400, headers: {}, text }, (word) => word)
    }
    if (service === 'network')
      return answer({ ports: ports[Object.entries(query).flat().join(' ')] ?? [], floatingips: [] })
    if (service === 'compute')
      return answer({ servers: [{ id: 'kube-minion-id', status: 'ACTIVE', updated: '2026-11-29T13:05:06Z' }] })
    if (path.endsWith('/resources')) return answer({ resources })
    if (path.endsWith('/events')) return answer({ events })
    if (path === '/stacks') return answer({ stacks: [{ id: 'id', stack_name: 'demo', tags: [] }] })
    return answer({
      stack: { stack_status_reason: 'a resource failed', tags: [], creation_time: at, updated_time: null, ...stack },
    })
  }
  return clusterCloud(cluster, {
    session: async () => ({ request, identity: { whoami: async () => ({ services: [] }) } }),
    user: async () => 'its-user',
    leave: async () => undefined,
  })
}

const only = async (cloud: ClusterCloud): Promise<SeenStack> => {
  const [stack] = await cloud.stacks()
  if (stack === undefined) throw new Error('there is no stack')
  return stack
}

test('why a stack failed is what its innermost part says that was not only given up beside another', async () => {
  const resources = [
    part('kube_minions', 'CREATE_FAILED', 'resources.kube_minions: resources[1]: …'),
    part('0', 'CREATE_FAILED', 'CREATE aborted (Task create cancelled)', { parent_resource: 'kube_minions' }),
    part('1', 'CREATE_FAILED', 'resources[1]: …', { parent_resource: 'kube_minions' }),
    part('2', 'CREATE_FAILED', 'ConnectFailure: Unable to establish connection', { parent_resource: 'kube_minions' }),
    part('kube-minion', 'CREATE_FAILED', 'Forbidden: Quota exceeded for cores', { parent_resource: '1' }),
  ]
  const { reason } = await only(cloudOf({ stack_status: 'CREATE_FAILED' }, resources))
  expect(reason).toBe('kube-minion: Forbidden: Quota exceeded for cores')
})

test('a stack moved when the last of its parts did', async () => {
  const resources = [
    part('a', 'CREATE_IN_PROGRESS', ''),
    part('b', 'CREATE_COMPLETE', '', { updated_time: '2026-11-29T13:04:05Z' }),
  ]
  expect(await only(cloudOf({ stack_status: 'CREATE_IN_PROGRESS' }, resources))).toMatchObject({
    reason: '',
    movedAt: Date.UTC(2026, 10, 29, 13, 4, 5),
  })
})

test('it moved when Heat began anew with a part by itself, of which only events tell', async () => {
  const server = part('kube-minion', 'CREATE_IN_PROGRESS', '', { resource_type: 'OS::Nova::Server' })
  const events = [{ event_time: '2026-11-29T13:07:08Z' }]
  expect(await only(cloudOf({ stack_status: 'CREATE_IN_PROGRESS' }, [server], {}, events))).toMatchObject({
    movedAt: Date.UTC(2026, 10, 29, 13, 7, 8),
  })
  expect(await only(cloudOf({ stack_status: 'CREATE_COMPLETE' }, [server], {}, events))).toMatchObject({
    movedAt: Date.UTC(2026, 10, 29, 13, 5, 6),
  })
})

test('it moved when Nova was done with a server, and from then on nobody but Heat can be at work', async () => {
  const server = part('kube-minion', 'CREATE_IN_PROGRESS', '', { resource_type: 'OS::Nova::Server' })
  expect(await only(cloudOf({ stack_status: 'CREATE_IN_PROGRESS' }, [server]))).toMatchObject({
    movedAt: Date.UTC(2026, 10, 29, 13, 5, 6),
    isBuilt: false,
  })
  const volume = part('kube_minion_volume', 'CREATE_IN_PROGRESS', '', { resource_type: 'OS::Cinder::Volume' })
  expect(await only(cloudOf({ stack_status: 'CREATE_IN_PROGRESS' }, [server, volume]))).toMatchObject({ isBuilt: true })
})

test('of what cannot go it is told who uses it: ports that no part of it is, nor made by Neutron', async () => {
  const port = (id: string, owner: string, device: string, name = '') => ({
    id,
    name,
    device_owner: owner,
    device_id: device,
  })
  const resources = [
    part(
      'fixed_network',
      'DELETE_FAILED',
      'Conflict: resources.fixed_network: There are one or more ports still in use',
    ),
    part('extrouter', 'UPDATE_COMPLETE', ''),
    part('api_address', 'CREATE_COMPLETE', ''),
  ]
  const own = port('own', 'network:router_interface', 'extrouter-id')
  const { reason } = await only(
    cloudOf({ stack_status: 'DELETE_FAILED' }, resources, {
      'network_id fixed_network-id': [
        own,
        port('api_address-id', '', ''),
        port('dhcp', 'network:dhcp', 'dhcp1'),
        port('p1', 'Octavia', 'lb-1', 'octavia-lb-1'),
        port('p2', 'compute:nova', 'server-1'),
      ],
      'device_id extrouter-id': [own, port('p3', 'network:router_interface', 'extrouter-id', 'elsewhere')],
    }),
  )
  expect(reason).toBe(
    [
      'fixed_network: Conflict: resources.fixed_network: There are one or more ports still in use',
      'its network is used by port octavia-lb-1 of Octavia lb-1',
      'its network is used by port p2 of compute:nova server-1',
      'its router has an interface on another network, port elsewhere',
    ].join('; '),
  )
})

test('a template that Heat could not check, for want of those it asks, is not refused', async () => {
  const body = { template: { heat_template_version: '', resources: {} }, files: {}, parameters: {} }
  await expect(cloudOf({}, []).create('demo', body, [])).rejects.toBeInstanceOf(CallError)
})

test('the API behind a load balancer is where its VIP is, which is no part of the stack', async () => {
  const outputs = [{ output_key: 'api_port_id', output_value: 'vip' }]
  const vip = { id: 'vip', fixed_ips: [{ ip_address: '10.0.0.7' }] }
  const { api } = await only(cloudOf({ stack_status: 'CREATE_IN_PROGRESS', outputs }, [], { '': [vip] }))
  expect(api).toEqual({ address: '10.0.0.7' })
})
