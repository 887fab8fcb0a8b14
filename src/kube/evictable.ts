import type { KubeObject } from './object.ts'

/** Whether a Pod has to end when its node is emptied: not what has ended, and not what belongs to the node (a DaemonSet's, a mirror of a static one). */
export function isEvictable(pod: KubeObject): boolean {
  const { phase } = (pod['status'] ?? {}) as { readonly phase?: string }
  if (phase === 'Succeeded' || phase === 'Failed') return false
  return (pod.metadata.ownerReferences ?? []).every(({ kind }) => kind !== 'DaemonSet' && kind !== 'Node')
}
