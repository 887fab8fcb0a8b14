/** Takes from the nodes what outlives a cloud's Pods there: guests, bridges, files. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kube, type KubeObject, refOf } from '../../kube/index.ts'
import { listNodes } from '../nodes.ts'
import type { CloudNeeds, Leaving } from '../underlay.ts'
import { runOnNode } from './node-pod.ts'

/** Where the directories of a node are in the Pod. */
const reaches = { '/host/var/lib': '/var/lib', '/host/run': '/run', '/host/cgroup': '/sys/fs/cgroup' }

const quietSeconds = 120

/** Ends the agents first, which would make it all again. Returns what went wrong, a sentence a node; nothing without the namespace. */
export async function leaveNodes(
  kube: Kube,
  needs: CloudNeeds,
  { script, image }: Leaving,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { namespace } = needs
  if ((await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, { signal })) === undefined) return []
  const nodes = (await listNodes(kube, signal)).filter(({ roles, ready }) => ready && roles.length > 0)
  await endAgents(kube, needs, signal)
  const results = await Promise.all(
    nodes.map(async ({ name }) => ({
      name,
      result: await runOnNode(kube, needs, { node: name, image, script, reaches }, signal),
    })),
  )
  return results.flatMap(({ name, result }) => ('failure' in result ? [`${name}: ${result.failure}`] : []))
}

async function endAgents(kube: Kube, { namespace, ownLabels }: CloudNeeds, signal: AbortSignal): Promise<void> {
  const labelSelector = Object.entries(ownLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const list = async (apiVersion: string, kind: string): Promise<readonly KubeObject[]> =>
    (await kube.list({ apiVersion, kind }, { namespace, labelSelector, signal })).items
  for (const set of await list('apps/v1', 'DaemonSet')) await kube.delete(refOf(set), { signal })
  const isAgent = (pod: KubeObject): boolean =>
    (pod.metadata.ownerReferences ?? []).some(({ kind }) => kind === 'DaemonSet')
  for (const end = Date.now() + quietSeconds * 1000; Date.now() < end; ) {
    if (!(await list('v1', 'Pod')).some(isAgent)) return
    await sleep(500, undefined, { signal })
  }
}
