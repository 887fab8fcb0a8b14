/** What objects of add-ons have in common: who they are, what they may do, and how little of their node they see. */
import type { KubeObject } from '../../../../kube/index.ts'
import { cloudSecret, namespace, type Surroundings } from './add-on.ts'

const api = 'rbac.authorization.k8s.io'

export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** Its name has a colon: a ClusterRole of the same name that somebody else made stays theirs. */
const roleName = (name: string): string => `croque:${name}`

export const labelsOf = (name: string): Readonly<Record<string, string>> => ({ 'app.kubernetes.io/name': name })

export const serviceAccount = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace, labels: labelsOf(name) },
  // Pods say themselves whether they call the API server.
  automountServiceAccountToken: false,
})

/** Rights of the ServiceAccount of this name, in the whole cluster or in the add-ons' namespace. */
export function rights(
  name: string,
  rules: { readonly everywhere: readonly Rule[]; readonly here: readonly Rule[] },
): readonly KubeObject[] {
  const role = (kind: 'ClusterRole' | 'Role', given: readonly Rule[]): readonly KubeObject[] => {
    const place = kind === 'Role' ? { namespace } : {}
    const metadata = { name: roleName(name), ...place, labels: labelsOf(name) }
    return [
      { apiVersion: `${api}/v1`, kind, metadata, rules: given },
      {
        apiVersion: `${api}/v1`,
        kind: `${kind}Binding`,
        metadata,
        roleRef: { apiGroup: api, kind, name: roleName(name) },
        subjects: [subject(name)],
      },
    ]
  }
  return [...role('ClusterRole', rules.everywhere), ...(rules.here.length === 0 ? [] : role('Role', rules.here))]
}

export const subject = (name: string): object => ({ kind: 'ServiceAccount', name, namespace })

/** Of those that agree by these Leases on who of them works. */
export const leaderRules = (names: readonly string[]): readonly Rule[] => [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: names,
    verbs: ['get', 'update', 'patch'],
  },
]

/** Tells what happens to objects anywhere. */
export const eventRule: Rule = { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] }

/** Nothing but its own process, as nobody in particular. */
export const confinedPod = {
  runAsNonRoot: true,
  runAsUser: 65_532,
  runAsGroup: 65_532,
  fsGroup: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
} as const

export const confined = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const

export const small = { requests: { cpu: '10m', memory: '32Mi' } } as const

/** Masters alone have what it takes to call the cloud. */
export const onMasters = {
  nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
  tolerations: [
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'node.cloudprovider.kubernetes.io/uninitialized', operator: 'Exists', effect: 'NoSchedule' },
  ],
} as const

/** The files that say where the cloud is, under the paths that they have on a master: one names the other. */
export const cloudFiles = {
  config: '/etc/kubernetes/cloud-config',
  volume: { name: 'cloud-config', secret: { secretName: cloudSecret, defaultMode: 0o440 } },
  mount: { name: 'cloud-config', mountPath: '/etc/kubernetes', readOnly: true },
} as const

/** Of Pods that read them only when they start. */
export const credentialMark = ({ credential }: Surroundings): Readonly<Record<string, string>> => ({
  'croque.dev/credential': credential,
})
