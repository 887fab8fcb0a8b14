/** Labels and taints that the nodes of a group register with. */
import type { NodeTaint } from '../model/index.ts'
import { Refusal } from './refusal.ts'

/** A kubelet does not start when told to give itself other labels of Kubernetes' own namespaces (NodeRestriction). */
const ownNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io'] as const
const ownLabels = [
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'node.kubernetes.io/windows-build',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
] as const
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const
const taintFields = ['key', 'value', 'effect'] as const

/** As Magnum's NodeGroupInvalidInput. */
export function invalidGroup(attribute: string, group: string, why: string): Refusal {
  return new Refusal(409, `${attribute} for ${group} is invalid (${why}).`)
}

/** @throws Refusal 409 */
export function checkNodeLabels(group: string, labels: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(labels)) {
    if (!isRestricted(key)) continue
    throw invalidGroup(
      'node_labels',
      group,
      `node label '${key}' is in a restricted Kubernetes namespace; the kubelet will refuse to start. Labels in the kubernetes.io/ and ` +
        `k8s.io/ namespaces must use one of the allowed prefixes (${ownNamespaces.join(', ')}) or be one of the allowed labels ` +
        `(${ownLabels.join(', ')}).`,
    )
  }
}

function isRestricted(key: string): boolean {
  const slash = key.indexOf('/')
  const prefix = slash < 0 ? '' : key.slice(0, slash)
  if (!/(^|\.)(kubernetes|k8s)\.io$/.test(prefix)) return false
  return !ownNamespaces.some((allowed) => allowed === prefix) && !ownLabels.some((allowed) => allowed === key)
}

/** @throws Refusal 409 */
export function readTaints(group: string, taints: readonly unknown[]): readonly NodeTaint[] {
  return taints.map((taint, index) => readTaint(group, taint, `node_taints[${index}]`))
}

function readTaint(group: string, taint: unknown, place: string): NodeTaint {
  const wrong = (why: string): Refusal => invalidGroup('node_taints', group, why)
  if (taint === null || typeof taint !== 'object' || Array.isArray(taint))
    throw wrong(`${place} must be an object with key, effect and optional value`)
  const unknown = Object.keys(taint).filter((name) => !taintFields.some((field) => field === name))
  if (unknown.length > 0)
    throw wrong(
      `${place} contains unrecognised field(s) ${unknown.sort().join(', ')}; allowed fields are ${taintFields.join(', ')}`,
    )
  const { key, value, effect } = taint as { readonly [Name in (typeof taintFields)[number]]?: unknown }
  if (typeof key !== 'string' || key === '') throw wrong(`${place}.key is required`)
  const known = effects.find((allowed) => allowed === effect)
  if (known === undefined) throw wrong(`${place}.effect must be one of ${effects.join(', ')}`)
  return { key, effect: known, ...(typeof value === 'string' ? { value } : {}) }
}
