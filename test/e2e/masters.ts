/** A cluster with several masters: what of it may stop. */
import { expect } from 'vitest'
import { type ClusterScene, kubernetesOf, timed, tryAnswers, tryService } from './clusters.ts'
import { patience } from './patience.ts'

/** One master after the other stops as a server; the API goes on at its address, and so does what runs there. */
export async function tryStop(scene: ClusterScene): Promise<void> {
  const { cloud } = scene
  const kubernetes = kubernetesOf(scene)
  const { kubectl, ready } = kubernetes
  const masters = ready().filter((node) => node.includes('-master-'))
  expect(masters).toHaveLength(3)
  await tryService(scene, kubernetes)
  for (const master of masters) {
    cloud.done('openstack', 'server', 'stop', master)
    await timed(`${master} stopped: the others say so`, async () => {
      await expect.poll(ready, patience).toHaveLength(3)
      expect(ready()).not.toContain(master)
    })
    await expect.poll(() => kubectl('create', 'namespace', `without-${master}`).code, patience).toBe(0)
    await tryAnswers(scene)
    cloud.done('openstack', 'server', 'start', master)
    await timed(`${master} back`, async () => await expect.poll(ready, patience).toHaveLength(4))
  }
  kubernetes.remove()
}
