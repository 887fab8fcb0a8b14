/** What objects of add-ons have in common: who they are, what they may do, and how little of their node they see. */
import { createHash } from 'node:crypto'
import { type KubeObject, type PolicyRule, rights, type Subject } from '../../../../kube/index.ts'
import { autoscalerDirectory } from '../../../autoscaler/index.ts'
import { autoscalerSecret, cloudSecret, namespace, type Surroundings } from './add-on.ts'

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

export const subject = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace })

/** Of the ServiceAccount of this name, in the whole cluster or in the add-ons' namespace. */
export function rightsOf(
  name: string,
  { everywhere, here }: { readonly everywhere: readonly PolicyRule[]; readonly here: readonly PolicyRule[] },
): readonly KubeObject[] {
  const given = (rules: readonly PolicyRule[], place: { readonly namespace?: string }): readonly KubeObject[] =>
    rights({ metadata: { name: roleName(name), ...place, labels: labelsOf(name) }, rules, subject: subject(name) })
  return [...given(everywhere, {}), ...(here.length === 0 ? [] : given(here, { namespace }))]
}

/** Of those that agree by these Leases on who of them works. */
export const leaderRules = (names: readonly string[]): readonly PolicyRule[] => [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: names,
    verbs: ['get', 'update', 'patch'],
  },
]

/** Tells what happens to objects anywhere. */
export const eventRule: PolicyRule = { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] }

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

/** What has to be root to write what is the node's, and has nothing else of a root. */
export const asRoot = { runAsUser: 0, runAsGroup: 0, allowPrivilegeEscalation: false } as const

/** Before there is a network of Pods: a node is not ready without the ones that make it. */
export const onEveryNode = {
  automountServiceAccountToken: true,
  priorityClassName: 'system-node-critical',
  tolerations: [{ operator: 'Exists' }],
  hostNetwork: true,
} as const

/** A variable that has what Kubernetes knows of the Pod. */
export const field = (variable: string, fieldPath: string): object => ({
  name: variable,
  valueFrom: { fieldRef: { fieldPath } },
})

export const small = { requests: { cpu: '10m', memory: '32Mi' } } as const

/** Masters alone have what it takes to call the cloud. Of Pods that a cluster is no cluster without. */
export const onMasters = {
  automountServiceAccountToken: true,
  priorityClassName: 'system-cluster-critical',
  nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
  tolerations: [
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'node.cloudprovider.kubernetes.io/uninitialized', operator: 'Exists', effect: 'NoSchedule' },
  ],
} as const

/** The files that say where a cloud is, under the paths that they have on a master: one names the other. */
const cloudFilesIn = (directory: string, secretName: string) => ({
  config: `${directory}/cloud-config`,
  volume: { name: 'cloud-config', secret: { secretName, defaultMode: 0o440 } },
  mount: { name: 'cloud-config', mountPath: directory, readOnly: true },
})

export const cloudFiles = cloudFilesIn('/etc/kubernetes', cloudSecret)
export const autoscalerFiles = cloudFilesIn(autoscalerDirectory, autoscalerSecret)

/** Of Pods on the cluster's own network that call the cloud. */
export const hostAliases = ({ host }: Surroundings): object =>
  host === undefined ? {} : { hostAliases: [{ ip: host.address, hostnames: [host.name] }] }

/** Of Pods that read them only when they start. */
export const credentialMark = ({ credential }: Surroundings): Readonly<Record<string, string>> => ({
  'croque.dev/credential': credential,
})

interface Workload {
  /** Of a Deployment. */
  readonly strategy?: object
  /** Of its Pods. */
  readonly annotations?: Readonly<Record<string, string>>
  readonly pod: object
}

/** One Pod, or one on each node, with the ServiceAccount of the same name. */
export const workload = (
  kind: 'Deployment' | 'DaemonSet',
  name: string,
  { strategy, annotations, pod }: Workload,
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace, labels: labelsOf(name) },
  spec: {
    ...(kind === 'Deployment' ? { replicas: 1 } : {}),
    selector: { matchLabels: labelsOf(name) },
    ...(strategy === undefined ? {} : { strategy }),
    template: {
      metadata: { labels: labelsOf(name), ...(annotations === undefined ? {} : { annotations }) },
      spec: { serviceAccountName: name, ...pod },
    },
  },
})

/** Of what Pods read when they start, and of what a command applies: another one, and it is done again. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** Where a Service of the add-on's name is reached from inside the cluster; its Pods call the port `http`. */
export const inside = (name: string, port: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, labels: labelsOf(name) },
  spec: { selector: labelsOf(name), ports: [{ name: 'http', port, protocol: 'TCP', targetPort: 'http' }] },
})

/** For what a program writes, gone with its Pod. */
export const scratch = {
  path: '/tmp',
  volume: { name: 'tmp', emptyDir: {} },
  mount: { name: 'tmp', mountPath: '/tmp' },
} as const

/** Where a node's plugins and their configuration are. */
export const pluginVolumes = (): readonly object[] => [
  hostPath('plugin', '/opt/cni/bin', 'Directory'),
  hostPath('configuration', '/etc/cni/net.d', 'Directory'),
]

export const hostPath = (name: string, path: string, type: string): object => ({ name, hostPath: { path, type } })
