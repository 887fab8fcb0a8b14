/** What becomes of tenants' clusters in their life: another version, other authorities, several masters, programs that die meanwhile; and swarms. */
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  type ClusterScene,
  type Kubernetes,
  kubernetesOf,
  settled,
  timed,
  tryAnswers,
  tryCreate,
  tryService,
} from './clusters.ts'
import { failures, installation, resultOf } from './installation.ts'
import { tryMagnumTempest } from './magnum-tempest.ts'
import { tryStop } from './masters.ts'
import { patience } from './patience.ts'
import { sabotageOf } from './sabotage.ts'
import { trySwarm } from './swarm.ts'
import { inventory } from './tenants.ts'

const minute = 60_000

const cloud = installation('e2e-changes', { api: 16461, public: 18461, lxcNodes: 1 })
cloud.write('  services: {ceph: {enabled: false}, cinder: {enabled: false}, horizon: {enabled: false}}\n')
const name = 'demo'
const scene = { cloud, name, outside: join(cloud.stateDir, 'netns', `${cloud.name}-1`) }
const sabotage = sabotageOf(cloud, Number(process.env['CROQUE_TEST_SEED'] ?? Date.now() % 1_000_000))
const [first, second, third] = sabotage.victims
let kubernetes: Kubernetes
let had: Awaited<ReturnType<typeof inventory>>

afterAll(cloud.remove)

/** Node after node, several times over. */
const long = { ...patience, timeout: 40 * minute }

async function tryRotation(of: ClusterScene): Promise<void> {
  cloud.done('openstack', 'coe', 'ca', 'rotate', of.name)
  await timed(`rotation of the authorities of ${of.name}`, () => settled(of, 'UPDATE_COMPLETE', long))
}

test('a cluster of the version before ours is made, whoever dies meanwhile, and serves', async () => {
  const up = cloud.withFile('up', '--output', 'json')
  expect(resultOf(up).ok, failures(up)).toBe(true)
  cloud.done('node-image', 'import', '1.34.4', '--name', cloud.name)
  had = await inventory(cloud, [])
  cloud.done('cluster', 'create', name, '--template', 'kubernetes-v1.34.4', '--no-wait')
  await sabotage.during('create, 1 master and 1 node', [first], minute, () => settled(scene, 'CREATE_COMPLETE', long))
  kubernetes = kubernetesOf(scene)
  await tryService(scene, kubernetes)
})

test('it grows and shrinks', async () => {
  cloud.done('cluster', 'resize', name, '2', '--no-wait')
  await sabotage.during('resize from 1 to 2 nodes', [second], minute / 2, () => settled(scene, 'UPDATE_COMPLETE', long))
  await expect.poll(kubernetes.ready, patience).toHaveLength(3)
  cloud.done('cluster', 'resize', name, '1')
  await expect.poll(kubernetes.ready, patience).toHaveLength(2)
})

test('it is upgraded to ours', async () => {
  const versions = (): readonly string[] => {
    const path = 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}'
    return kubernetes.kubectl('get', 'nodes', '-o', path).stdout.split(' ')
  }
  expect(versions()).toEqual(['v1.34.4', 'v1.34.4'])
  cloud.done('cluster', 'upgrade', name, 'kubernetes', '--no-wait')
  await sabotage.during('upgrade of 1 master and 1 node', sabotage.victims, 2 * minute, () =>
    settled(scene, 'UPDATE_COMPLETE', long),
  )
  expect(versions()).toEqual(['v1.35.4', 'v1.35.4'])
  await tryAnswers(scene)
})

test('its new authorities reach every node; who came by the old ones is nobody, and what runs there goes on', async () => {
  await tryRotation(scene)
  expect(kubernetes.kubectl('get', 'nodes').code).not.toBe(0)
  kubernetes.remove()
  const { kubectl, ready, remove } = kubernetesOf(scene)
  await expect.poll(ready, patience).toHaveLength(2)
  // New Pods get what they need of the API by its Service.
  const restarted = kubectl('-n', 'kube-system', 'rollout', 'restart', 'deployment/coredns')
  expect(restarted.code, restarted.stderr).toBe(0)
  const rolled = kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=10m')
  expect(rolled.code, rolled.stdout + rolled.stderr).toBe(0)
  await tryAnswers(scene)
  remove()
})

test('it goes, and leaves nothing behind', async () => {
  const api = cloud.api()
  const gone = async (): Promise<void> => {
    const look = async (): Promise<boolean> => {
      const found = await api.containerInfra.clusters.get(name).catch(() => 'nobody answers')
      return found === undefined
    }
    await expect.poll(look, patience).toBe(true)
  }
  cloud.done('cluster', 'delete', name, '--no-wait')
  await sabotage.during('delete', [third], minute / 4, gone)
  api.close()
  expect(await inventory(cloud, [])).toEqual(had)
})

const wide = { ...scene, name: 'wide' }

test('one with three masters serves while any of them stops', async () => {
  await tryCreate(wide, 'kubernetes', { masters: 3 })
  await tryStop(wide)
})

test('its new authorities reach all of them', { timeout: 50 * minute }, async () => {
  await tryRotation(wide)
  const { ready, remove } = kubernetesOf(wide)
  await expect.poll(ready, patience).toHaveLength(4)
  await tryAnswers(wide)
  remove()
  cloud.done('cluster', 'delete', wide.name)
  expect(await inventory(cloud, [])).toEqual(had)
})

test('a swarm is used by Docker from outside, and grows', async () => {
  await trySwarm({ ...scene, name: 'swarm' })
  expect(await inventory(cloud, [])).toEqual(had)
})

test("Magnum's own tests find real nodes", () => tryMagnumTempest(scene))
