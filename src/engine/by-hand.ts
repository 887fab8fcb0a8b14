/** Workloads whose Pods are replaced only when somebody deletes them: agents that guests live on. Pure. */
import type { KubeObject } from '../kube/index.ts'
import type { FieldDiff } from './compare.ts'

interface Workload extends KubeObject {
  readonly spec?: {
    readonly updateStrategy?: { readonly type?: string }
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
  }
}

export const renewedByHand = (object: KubeObject): boolean =>
  (object as Workload).spec?.updateStrategy?.type === 'OnDelete'

/** What a change leaves undone, and how somebody does it: one sentence, or none. */
export function leftOver(after: KubeObject, diff: readonly FieldDiff[]): readonly string[] {
  if (!renewedByHand(after)) return []
  if (!diff.some(({ path }) => `${path}.`.startsWith('spec.template.'))) return []
  return [`its running Pods keep the old template until somebody deletes them: ${renewal(after)}`]
}

/** The same of an object as it is now, whose readiness has a note. */
export const stillLeft = (object: KubeObject, note: string): string =>
  `${object.kind} ${object.metadata.name}: ${note}: ${renewal(object)}`

/** The command that has the Pods of a workload made anew; of a DaemonSet node by node, for each carries something. */
export function renewal(object: KubeObject): string {
  const { kind, metadata } = object
  const labels = Object.entries((object as Workload).spec?.selector?.matchLabels ?? {}).map((pair) => pair.join('='))
  const node = kind === 'DaemonSet' ? ' --field-selector spec.nodeName=NODE' : ''
  return `./croque kubectl -n ${metadata.namespace ?? 'default'} delete pod -l ${labels.join()}${node}`
}
