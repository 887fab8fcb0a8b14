/** What becomes of a tenant's Kubernetes in its life: another version, other authorities; and programs that die meanwhile. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { random } from '../random.ts'
import { type ClusterScene, type Kubernetes, kubernetesOf, timed, tryAnswers } from './clusters.ts'
import type { Installation } from './installation.ts'
import { end, processes } from './processes.ts'

const second = 1000
const minute = 60 * second

/** Of the version before ours, in the cloud with its template. */
export function importOlder(cloud: Installation): void {
  const ran = cloud.run('node-image', 'import', '1.34.4', '--name', cloud.name)
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
}

const doomed: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['the API of clusters', /^node .*serve\.ts/],
  ['the engine of Heat', /^heat-engine: /],
  ['nova-compute', /\/nova-compute/],
]

/** Each of them dies once, in the first two minutes. @returns what died when */
async function sabotage(cloud: Installation, seed: number, signal: AbortSignal): Promise<readonly string[]> {
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

/** To the version of the template `kubernetes`, while what does it is killed. */
export async function tryUpgrade(scene: ClusterScene, { kubectl }: Kubernetes): Promise<void> {
  const { cloud, name } = scene
  const versions = (): readonly string[] => {
    const path = 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}'
    return kubectl('get', 'nodes', '-o', path).stdout.split(' ')
  }
  expect(versions()).toEqual(['v1.34.4', 'v1.34.4'])
  const seed = Number(process.env['CROQUE_TEST_SEED'] ?? Date.now() % 1_000_000)
  const asked = cloud.run('cluster', 'upgrade', name, 'kubernetes', '--no-wait')
  expect(asked.code, asked.stdout + asked.stderr).toBe(0)
  const over = new AbortController()
  const dying = sabotage(cloud, seed, over.signal)
  await timed('upgrade of 1 master and 1 node', async () => await settled(scene))
  over.abort()
  process.stdout.write(`cluster: meanwhile died (seed ${seed}): ${(await dying).join(', ')}\n`)
  expect(versions()).toEqual(['v1.35.4', 'v1.35.4'])
  await tryAnswers(scene)
}

/** The new authorities reach every node; who came by the old ones is nobody, and what runs there goes on. */
export async function tryRotation(scene: ClusterScene, before: Kubernetes): Promise<Kubernetes> {
  const { cloud, name } = scene
  const asked = cloud.run('openstack', 'coe', 'ca', 'rotate', name)
  expect(asked.code, asked.stdout + asked.stderr).toBe(0)
  await timed('rotation of its authorities', async () => await settled(scene))
  expect(before.kubectl('get', 'nodes').code).not.toBe(0)
  before.remove()
  const after = kubernetesOf(scene)
  await expect.poll(() => after.ready(), { timeout: 2 * minute, interval: second }).toHaveLength(2)
  // New Pods get what they need of the API by its Service.
  const restarted = after.kubectl('-n', 'kube-system', 'rollout', 'restart', 'deployment/coredns')
  expect(restarted.code, restarted.stderr).toBe(0)
  const rolled = after.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=3m')
  expect(rolled.code, rolled.stdout + rolled.stderr).toBe(0)
  await tryAnswers(scene)
  return after
}

/** As wished, whoever dies meanwhile: also who answers. */
async function settled({ cloud, name }: ClusterScene): Promise<void> {
  const api = cloud.api()
  try {
    const status = async (): Promise<string | undefined> => {
      const found = await api.containerInfra.clusters.get(name).catch(() => undefined)
      return found === undefined ? undefined : `${found.status} ${found.reason ?? ''}`.trim()
    }
    await expect.poll(status, { timeout: 20 * minute, interval: 2 * second }).toMatch(/_COMPLETE|_FAILED/)
    expect(await status()).toBe('UPDATE_COMPLETE')
  } finally {
    api.close()
  }
}
