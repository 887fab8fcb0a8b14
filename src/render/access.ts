/** ServiceAccounts and the little they may do. */
import type { PolicyRule } from '../catalog/index.ts'
import { type KubeObject, rights } from '../kube/index.ts'

export interface AccountInput {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly rules: readonly PolicyRule[]
}

/** The account of every Pod: only its init container holds its token, and it may only look and say what it waits for. */
export const waitAccount = 'croque-wait'

export const waitRules: readonly PolicyRule[] = [
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
]

export function account({ name, namespace, labels, rules }: AccountInput): readonly KubeObject[] {
  const metadata = { name, namespace, labels }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    ...rights({ metadata, rules, subject: { kind: 'ServiceAccount', name, namespace } }),
  ]
}
