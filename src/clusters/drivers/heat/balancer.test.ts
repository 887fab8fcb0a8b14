import { expect, test } from 'vitest'
import { balancerOf, wantsBalancer } from './balancer.ts'
import { CloudRefusal } from './cloud.ts'
import { sceneOf } from './driver-fixture.ts'
import { rostersIn } from './rosters.ts'

async function held(scene: ReturnType<typeof sceneOf>): Promise<readonly boolean[]> {
  const { nodes = {} } = (await scene.cloud.ledger.read(scene.cluster.uuid)) ?? {}
  const masters = Object.values(nodes).filter(({ orders }) => orders.role === 'master')
  return masters.map(({ orders }) => orders.commands.some((command) => command.includes('hold')))
}

test('where a cloud has load balancers no master holds the address, however often masters change', async () => {
  const scene = sceneOf({ masterLbEnabled: true })
  scene.cloud.services = ['load-balancer']
  expect(await scene.settle({}, { nodeCount: 3 })).toMatchObject({ state: 'done' })
  expect(await held(scene)).toEqual([false, false, false])
  const { roster } = await rostersIn(scene.cloud.secrets).read(scene.cluster)
  expect(roster.balanced).toBe(true)
  // Octavia is gone: what begins with it ends with it.
  scene.cloud.services = []
  expect(await scene.settle({}, { nodeCount: 3, nodesToRemove: ['0'] })).toMatchObject({ state: 'done' })
  expect(await held(scene)).toEqual([false, false, false])
  expect(scene.cloud.wrongs).toEqual([])
})

test.each([
  ['the cloud has none', { masterLbEnabled: true }, []],
  ['nobody asks for one', { masterLbEnabled: false }, ['load-balancer']],
])('where %s the masters hold the address, and go on when Octavia comes', async (_case, changes, services) => {
  const scene = sceneOf(changes)
  scene.cloud.services = services
  await scene.settle({}, { nodeCount: 3 })
  scene.cloud.services = ['load-balancer']
  expect(await scene.settle({}, { nodeCount: 3, nodesToRemove: ['0'] })).toMatchObject({ state: 'done' })
  expect(await held(scene)).toEqual([true, true, true])
})

const specOf = (labels: Readonly<Record<string, string>>, changes = {}) => ({
  spec: { ...sceneOf({ masterLbEnabled: true, ...changes }).cluster.spec, labels },
})

test('on a network that was given, of whose range nothing is known, nobody is shut out for a load balancer', () => {
  const given = { fixedNetwork: 'net', fixedSubnet: 'sub' }
  const limited = { master_lb_allowed_cidrs: '192.0.2.0/24' }
  expect([
    wantsBalancer(specOf({}, given)),
    wantsBalancer(specOf(limited)),
    wantsBalancer(specOf(limited, given)),
  ]).toEqual([true, true, false])
})

test('labels of Magnum say how it is, and what cannot be is refused', () => {
  expect(balancerOf(specOf({}))).toEqual({ algorithm: 'ROUND_ROBIN', isMonitored: true })
  const labels = { octavia_provider: 'ovn', octavia_lb_healthcheck: 'false' }
  expect(balancerOf(specOf(labels))).toEqual({ provider: 'ovn', algorithm: 'SOURCE_IP_PORT', isMonitored: false })
  expect(() => balancerOf(specOf({ octavia_lb_algorithm: 'FAIR' }))).toThrow(CloudRefusal)
})
