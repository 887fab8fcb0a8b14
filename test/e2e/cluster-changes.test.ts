/** What becomes of a tenant's Kubernetes in its life: another version, other authorities; and programs that die meanwhile. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { random } from '../random.ts'
import { type Kubernetes, kubernetesOf, timed, tryAnswers, tryCreate, tryService } from './clusters.ts'
import { failures, installation, resultOf } from './installation.ts'
import { tryMagnumTempest } from './magnum-tempest.ts'
import { patience } from './patience.ts'
import { end, processes } from './processes.ts'

const second = 1000
const minute = 60 * second

const cloud = installation('e2e-changes', { api: 16461, public: 18461, lxcNodes: 1 })
cloud.write('  services: {ceph: {enabled: false}, cinder: {enabled: false}, horizon: {enabled: false}}\n')
const name = 'demo'
const scene = { cloud, name, outside: join(cloud.stateDir, 'netns', `${cloud.name}-1`) }
let kubernetes: Kubernetes

afterAll(cloud.remove)

const doomed: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['the API of clusters', /^node .*serve\.ts/],
  ['the engine of Heat', /^heat-engine: /],
  ['nova-compute', /\/nova-compute/],
]

/** Each of them dies once, in the first two minutes. @returns what died when */
async function sabotage(seed: number, signal: AbortSignal): Promise<readonly string[]> {
  const next = random(seed)
  const plan = doomed.map(([name, pattern]) => ({ name, pattern, at: next() * 2 * minute }))
  const begun = Date.now()
  const died: string[] = []
  for (const { name, pattern, at } of plan.sort((a, b) => a.at - b.at)) {
    await pause(Math.max(0, begun + at - Date.now()), undefined, { signal }).catch(() => undefined)
    if (signal.aborted) break
    end(processes(cloud, pattern))
    died.push(`${name} after ${((Date.now() - begun) / second).toFixed(0)} s`)
  }
  return died
}

/** As wished, whoever dies meanwhile: also who answers. */
async function settled(): Promise<void> {
  const api = cloud.api()
  try {
    const status = async (): Promise<string | undefined> => {
      const found = await api.containerInfra.clusters.get(name).catch(() => undefined)
      return found === undefined ? undefined : `${found.status} ${found.reason ?? ''}`.trim()
    }
    await expect.poll(status, patience).toMatch(/_COMPLETE|_FAILED/)
    expect(await status()).toBe('UPDATE_COMPLETE')
  } finally {
    api.close()
  }
}

test('a cluster of the version before ours serves', async () => {
  const up = cloud.withFile('up', '--output', 'json')
  expect(resultOf(up).ok, failures(up)).toBe(true)
  const ran = cloud.run('node-image', 'import', '1.34.4', '--name', cloud.name)
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
  await tryCreate(scene, 'kubernetes-v1.34.4')
  kubernetes = kubernetesOf(scene)
  await tryService(scene, kubernetes)
})

test('it is upgraded to ours, whoever dies meanwhile', async () => {
  const versions = (): readonly string[] => {
    const path = 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}'
    return kubernetes.kubectl('get', 'nodes', '-o', path).stdout.split(' ')
  }
  expect(versions()).toEqual(['v1.34.4', 'v1.34.4'])
  const seed = Number(process.env['CROQUE_TEST_SEED'] ?? Date.now() % 1_000_000)
  const asked = cloud.run('cluster', 'upgrade', name, 'kubernetes', '--no-wait')
  expect(asked.code, asked.stdout + asked.stderr).toBe(0)
  const over = new AbortController()
  const dying = sabotage(seed, over.signal)
  await timed('upgrade of 1 master and 1 node', settled)
  over.abort()
  process.stdout.write(`cluster: meanwhile died (seed ${seed}): ${(await dying).join(', ')}\n`)
  expect(versions()).toEqual(['v1.35.4', 'v1.35.4'])
  await tryAnswers(scene)
})

test('its new authorities reach every node; who came by the old ones is nobody, and what runs there goes on', async () => {
  const asked = cloud.run('openstack', 'coe', 'ca', 'rotate', name)
  expect(asked.code, asked.stdout + asked.stderr).toBe(0)
  await timed('rotation of its authorities', settled)
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

test("Magnum's own tests find real nodes", () => tryMagnumTempest(scene))
