/** Which things of a project are a cluster's, on answers as Nova, Neutron, Cinder and Octavia give them. */
import { expect, test } from 'vitest'
import { clusterSpecFixture } from '../../model/fixture.ts'
import type { SeenStack } from './cloud.ts'
import { clusterCloud } from './stacks.ts'

const uuid = '1f0e2d3c-0000-4000-8000-000000000001'
const drawn = 'demo-1f0e2d3c-kube_minions-abcdefghijkl-0-mnopqrstuvwx'
const service = `service default/web from cluster ${uuid}`

/** Of each list: those that are the cluster's, and those that only look like it. */
const lists = {
  '/servers/detail?name=^demo-1f0e2d3c-': {
    servers: [
      { id: 'orphan', name: 'demo-1f0e2d3c-node-0', user_id: 'its-user' },
      { id: 'node', name: 'demo-1f0e2d3c-node-1', user_id: 'its-user' },
      { id: 'namesake', name: 'demo-1f0e2d3c-node-0', user_id: 'somebody' },
    ],
  },
  '/v2.0/lbaas/loadbalancers': {
    loadbalancers: [
      { id: 'of-service', name: 'kube_service_x', description: `Kubernetes external ${service}` },
      { id: 'of-other', name: 'kube_service_y', description: 'Kubernetes external service a/b from cluster other' },
      {
        ...{ id: 'shared', name: 'kube_service_z', description: `Kubernetes external ${service}` },
        tags: [`kube_service_${uuid}_default_web`, 'kube_service_other_default_web'],
      },
    ],
  },
  '/volumes/detail': {
    volumes: [
      { id: 'boot', name: `${drawn}-kube_minion_volume-yyyyyyyyyyyy`, user_id: 'its-user', metadata: {} },
      { id: 'pv', name: 'pvc-1', user_id: 'its-user', metadata: { 'cinder.csi.openstack.org/cluster': uuid } },
      { id: 'pv-other', name: 'pvc-2', user_id: 'its-user', metadata: { 'cinder.csi.openstack.org/cluster': 'other' } },
    ],
  },
  '/v2.0/floatingips': {
    floatingips: [
      {
        id: 'fip',
        floating_ip_address: '192.0.2.9',
        port_id: null,
        description: `Floating IP for Kubernetes external ${service}`,
      },
      { id: 'fip-by-hand', floating_ip_address: '192.0.2.10', port_id: null, description: '' },
    ],
  },
  '/v2.0/ports': {
    ports: [
      { id: 'port', name: `${drawn}-kube_minion_eth0-yyyyyyyyyyyy` },
      { id: 'port-of-node', name: `${drawn}-kube_minion_eth0-zzzzzzzzzzzz` },
      { id: 'port-by-hand', name: 'demo-1f0e2d3c-node-0' },
      { id: 'port-of-another', name: 'demo-99999999-api_address-yyyyyyyyyyyy' },
      // Of a cluster that is called demo-1f0e2d3c-x, in its group gpu.
      { id: 'port-of-namesake', name: `demo-1f0e2d3c-x-99999999-gpu-0abc-${drawn.slice(14)}-eth0-yyyyyyyyyyyy` },
    ],
    ports_links: [{ rel: 'next', href: 'http://neutron/v2.0/ports?marker=port-of-namesake' }],
  },
  '/v2.0/ports?marker=port-of-namesake': {
    ports: [{ id: 'port-beyond', name: `${drawn}-kube_minion_eth0-xxxxxxxxxxxx` }],
  },
  '/v2.0/routers': { routers: [{ id: 'router', name: 'demo-1f0e2d3c-extrouter-yyyyyyyyyyyy' }] },
  '/v2.0/networks': { networks: [{ id: 'net', name: 'demo-1f0e2d3c-fixed_network' }] },
  '/v2.0/security-groups': {
    security_groups: [
      { id: 'of-group', name: 'demo-1f0e2d3c-gpu-0abc-secgroup_kube_minion-yyyyyyyyyyyy', description: '' },
      {
        id: 'of-balancer',
        name: 'lb-sg-1',
        description: `Security Group for default/web Service LoadBalancer in cluster ${uuid}`,
      },
    ],
  },
}

const resource = (id: string) => ({
  ...{
    resource_name: 'part',
    resource_type: '',
    resource_status: 'CREATE_COMPLETE',
    resource_status_reason: '',
  },
  ...{ physical_resource_id: id, updated_time: '2026-11-29T13:00:00Z', parent_resource: '1' },
})

/** A cloud with these lists, and one stack that has two of them. */
function sceneOf({
  labels = {},
  status = 'UPDATE_COMPLETE',
  services = ['compute', 'network', 'block-storage', 'load-balancer'],
} = {}) {
  const removed: string[] = []
  const request = async (
    _service: string,
    method: string,
    path: string,
    { query = {} }: { query?: Readonly<Record<string, string>> } = {},
  ) => {
    const answer = (body: unknown) => ({ status: 200, headers: {}, body })
    if (method === 'DELETE') {
      removed.push(path)
      return { ...answer({}), status: 204 }
    }
    if (path === '/stacks') return answer({ stacks: [{ id: 'id', stack_name: 'demo-1f0e2d3c', tags: [] }] })
    if (path.endsWith('/resources')) return answer({ resources: [resource('node'), resource('port-of-node')] })
    if (path.startsWith('/stacks/'))
      return answer({ stack: { stack_status: status, creation_time: '2026-11-29T13:00:00Z', updated_time: null } })
    const words = Object.entries(query).map(([key, value]) => `${key}=${value}`)
    const asked = [path, ...words].join('?')
    return answer((lists as Readonly<Record<string, unknown>>)[asked] ?? { servers: [], ports: [], floatingips: [] })
  }
  const cluster = { uuid, resourceVersion: '1', uid: 'uid', spec: clusterSpecFixture({ labels }), status: {} }
  const session = async () => ({ request, identity: { whoami: async () => ({ services }) } })
  const cloud = clusterCloud(cluster, { session, user: async () => 'its-user', leave: async () => undefined })
  const swept = async (ends: boolean, known?: readonly SeenStack[]): Promise<readonly string[]> => {
    const left = await cloud.sweep({ stacks: known ?? (await cloud.stacks()), ends })
    expect(left).toHaveLength(removed.length)
    return removed
  }
  return { swept, cloud }
}

const ofHeat = [
  '/servers/orphan',
  ...[
    '/volumes/boot',
    '/v2.0/ports/port',
    '/v2.0/ports/port-beyond',
    '/v2.0/routers/router',
    '/v2.0/security-groups/of-group',
  ],
]

test('of a cluster that lives, what Heat lost goes, and nothing of Kubernetes, of stacks or of others', async () => {
  expect(await sceneOf().swept(false)).toEqual(ofHeat)
})

test('with the cluster goes what Kubernetes made, and its volumes where they were asked to', async () => {
  const ofKubernetes = [
    ...['/v2.0/lbaas/loadbalancers/of-service?cascade=true', '/v2.0/floatingips/fip'],
    '/v2.0/security-groups/of-balancer',
  ]
  expect([...(await sceneOf().swept(true))].sort()).toEqual([...ofHeat, ...ofKubernetes].sort())
  const labels = { csi_cinder_reclaim_policy: 'Delete' }
  expect([...(await sceneOf({ labels }).swept(true))].sort()).toEqual(
    [...ofHeat, ...ofKubernetes, '/volumes/pv'].sort(),
  )
})

test('nothing is touched while a stack is under way, or is not there that was there before', async () => {
  expect(await sceneOf({ status: 'UPDATE_IN_PROGRESS' }).swept(false)).toEqual([])
  const { swept, cloud } = sceneOf()
  const [stack] = await cloud.stacks()
  if (stack === undefined) throw new Error('there is no stack')
  expect(await swept(false, [stack, { ...stack, name: 'demo-1f0e2d3c-gpu-0abc' }])).toEqual([])
})

test('a service that the cloud has not is not asked', async () => {
  expect(await sceneOf({ services: ['compute', 'network'] }).swept(true)).not.toContainEqual(
    expect.stringMatching(/lbaas|volumes/),
  )
})
