/** Takes the Pods of a cloud from a node, and lets them come back; what runs once on every node stays. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isEvictable, type Kube, KubeError } from '../kube/index.ts'
import { type NodeFacts, takesPods } from './nodes.ts'

/** Whether new Pods may come. */
export async function cordon(kube: Kube, node: string, cordoned: boolean): Promise<void> {
  await kube.patch({ apiVersion: 'v1', kind: 'Node', name: node }, { spec: { unschedulable: cordoned ? true : null } })
}

/** Roles of a node that no other node can stand in for now. Pure. */
export function onlyHere(node: NodeFacts, nodes: readonly NodeFacts[]): readonly string[] {
  const others = nodes.filter((other) => other.name !== node.name && takesPods(other))
  return node.roles.filter((role) => !others.some(({ roles }) => roles.includes(role)))
}

export interface Evicting {
  readonly node: string
  readonly namespace: string
  readonly say: (message: string) => void
  readonly signal: AbortSignal
  /** @default 300 */
  readonly seconds?: number
}

/** Ends the Pods as far as disruption budgets allow, and waits until they are gone. Returns the names of those that are still there. */
export async function evict(kube: Kube, evicting: Evicting): Promise<readonly string[]> {
  const { node, namespace, say, signal, seconds = 300 } = evicting
  for (const end = Date.now() + seconds * 1000; ; await sleep(1000, undefined, { signal })) {
    const list = { namespace, fieldSelector: `spec.nodeName=${node}`, signal }
    const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, list)).items.filter(isEvictable)
    const names = pods.map(({ metadata }) => metadata.name)
    if (names.length === 0 || Date.now() > end) return names
    say(`waiting for ${names.length === 1 ? names[0] : `${names.length} Pods`}`)
    const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    await Promise.all(alive.map(async ({ metadata: { name } }) => await tryEvict(kube, { namespace, name }, signal)))
  }
}

/** A budget that forbids it may allow it in a moment. */
async function tryEvict(kube: Kube, pod: Parameters<Kube['evict']>[0], signal: AbortSignal): Promise<void> {
  try {
    await kube.evict(pod, { signal })
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'kube-busy') throw error
  }
}
