/** A node is emptied through a real API server, whose disruption budgets have their say; the test plays the controller of budgets. */
import { afterAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/index.ts'
import { cordon, evict, listNodes } from '../../src/underlay/index.ts'
import { openTestCluster } from './cluster.ts'

const cluster = await openTestCluster()
const { kube } = cluster
afterAll(async () => await cluster.close())

const namespace = 'ours'
const owned = (kind: string): KubeObject['metadata'] => {
  const reference = { apiVersion: 'apps/v1', kind, name: 'owner', uid: 'e9b1c1f2-0000-4000-8000-000000000000' }
  return { name: '', ownerReferences: [reference] }
}
const pods = { apiVersion: 'v1', kind: 'Pod', namespace }

async function pod(name: string, owner: string, nodeName = 'one'): Promise<void> {
  await kube.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...owned(owner),
      name,
      namespace,
      labels: { app: name },
    },
    // No kubelet is there that would end it.
    spec: { nodeName, terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'none' }] },
  })
  // Budgets are for what runs.
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
  await kube.patch({ ...pods, name }, { status }, { subresource: 'status' })
}

const names = async (): Promise<readonly string[]> =>
  (await kube.list(pods, { namespace })).items.map(({ metadata }) => metadata.name).sort()

test('Pods go when their budgets allow it, and what belongs to the node stays', async () => {
  await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  for (const name of ['one', 'two']) await kube.create({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
  await pod('agent', 'DaemonSet')
  await pod('free', 'ReplicaSet')
  await pod('guarded', 'StatefulSet')
  await pod('elsewhere', 'ReplicaSet', 'two')
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'guarded', namespace } }
  await kube.create({ ...budget, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'guarded' } } } })
  const allowed = async (disruptionsAllowed: number): Promise<unknown> =>
    await kube.patch(
      { ...budget, namespace, name: 'guarded' },
      { status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, observedGeneration: 1 } },
      { subresource: 'status' },
    )
  await allowed(0)

  await cordon(kube, 'one', true)
  expect((await listNodes(kube)).map(({ name, cordoned }) => [name, cordoned])).toEqual([
    ['one', true],
    ['two', false],
  ])
  const signal = new AbortController().signal
  const evicted = evict(kube, { node: 'one', namespace, say: () => undefined, signal })
  await expect.poll(names, { timeout: 20_000 }).toEqual(['agent', 'elsewhere', 'guarded'])
  await allowed(1)
  expect(await evicted).toEqual([])
  expect(await names()).toEqual(['agent', 'elsewhere'])
  await cordon(kube, 'one', false)
  expect((await listNodes(kube)).map(({ cordoned }) => cordoned)).toEqual([false, false])
})
