/** The files of a node: its Pods' network, and how kubeadm and the kubelet are configured. Pure: the same for the same. */
import { stringify } from 'yaml'
import type { NodeTaint } from '../../model/index.ts'
import type { NodeOrders } from '../../nodes/index.ts'
import { apiServerFlags, apiServerVolume, authorizationFiles } from '../../reviews/index.ts'
import { auditDirectory, auditPolicyFile, type ControlPlaneSettings } from './control-plane.ts'
import type { Flag } from './flags.ts'
import { addressIn, type Ranges } from './layout.ts'
import type { NodeSettings } from './node-settings.ts'
import { type PodsNetwork, podsFiles } from './pods.ts'

export interface OrderedNode extends PodsNetwork {
  readonly clusterName: string
  readonly name: string
  readonly role: 'master' | 'worker'
  /** UUID of the node group, for autoscalers. */
  readonly group: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly NodeTaint[]
  readonly ranges: Ranges
  readonly kubernetesVersion: string
  /** Of a master: whether it makes the cluster, or comes to one that is there. */
  readonly founds: boolean
  /** Of the API, as everybody reaches it. */
  readonly api: { readonly address: string; readonly port: number }
  /** A load balancer has that address; @default the masters hold it in turn */
  readonly isBalanced?: boolean
  /** Further addresses of the API server. */
  readonly apiNames: readonly string[]
  /** Secret files that it gets, with their revisions. */
  readonly secrets: NodeOrders['secrets']
  /** Whether users of Keystone are users of the cluster: the API server asks about them then. */
  readonly knowsKeystone: boolean
  readonly settings: NodeSettings
  /** Directories that are on volumes of their own, by the names that the server's metadata has for those. */
  readonly volumes: Readonly<Record<string, string>>
}

const kubeadmFile = '/etc/croque/kubeadm.yaml'
const joinFile = '/etc/croque/join.yaml'

const everywhere = (node: OrderedNode): Readonly<Record<string, string>> => ({
  ...podsFiles(node),
  ...node.settings.files,
})

export const masterFiles = (node: OrderedNode): Readonly<Record<string, string>> => ({
  ...everywhere(node),
  ...(node.knowsKeystone ? authorizationFiles : {}),
  ...(node.settings.controlPlane.audited ? { [auditPolicyFile]: documents(auditPolicy) } : {}),
  [kubeadmFile]: documents(
    initConfiguration(node),
    clusterConfiguration(node),
    kubeletConfiguration(node),
    proxyConfiguration(node),
  ),
  [joinFile]: documents(joinConfiguration(node)),
})

export const workerFiles = (node: OrderedNode): Readonly<Record<string, string>> => ({
  ...everywhere(node),
  '/var/lib/kubelet/config.yaml': documents(kubeletConfiguration(node)),
  '/var/lib/kubelet/kubeadm-flags.env': `KUBELET_KUBEADM_ARGS="${kubeletFlags(node)
    .map(({ name, value }) => `--${name}=${value}`)
    .join(' ')}"\n`,
})

const kubeletFlags = ({ address, group, role, labels, taints, settings }: OrderedNode): readonly Flag[] => {
  const all = { 'magnum.openstack.org/nodegroup': group, 'magnum.openstack.org/role': role, ...labels }
  const marks = taints.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`)
  const nodeLabels = Object.entries(all).map(([name, value]) => `${name}=${value}`)
  return [
    { name: 'node-ip', value: address },
    { name: 'node-labels', value: nodeLabels.join(',') },
    ...(marks.length === 0 ? [] : [{ name: 'register-with-taints', value: marks.join(',') }]),
    ...settings.kubelet,
  ]
}

const initConfiguration = (node: OrderedNode): object => ({
  apiVersion: 'kubeadm.k8s.io/v1beta4',
  kind: 'InitConfiguration',
  localAPIEndpoint: localEndpoint(node),
  // Nodes come with certificates; nobody joins by a token.
  bootstrapTokens: [],
  nodeRegistration: registration(node),
})

/** It shows itself by the certificate of an administrator that it has anyhow, and its kubelet has its own. */
const joinConfiguration = (node: OrderedNode): object => ({
  apiVersion: 'kubeadm.k8s.io/v1beta4',
  kind: 'JoinConfiguration',
  discovery: { file: { kubeConfigPath: '/etc/kubernetes/admin.conf' } },
  controlPlane: { localAPIEndpoint: localEndpoint(node) },
  nodeRegistration: registration(node),
})

const localEndpoint = ({ address, api }: OrderedNode): object => ({ advertiseAddress: address, bindPort: api.port })

const registration = (node: OrderedNode): object => ({
  name: node.name,
  criSocket: 'unix:///run/containerd/containerd.sock',
  imagePullPolicy: 'IfNotPresent',
  kubeletExtraArgs: kubeletFlags({ ...node, taints: [] }),
})

const clusterConfiguration = ({
  clusterName,
  kubernetesVersion,
  api,
  ranges,
  settings,
  knowsKeystone,
  ...node
}: OrderedNode): object => ({
  apiVersion: 'kubeadm.k8s.io/v1beta4',
  kind: 'ClusterConfiguration',
  clusterName,
  kubernetesVersion,
  controlPlaneEndpoint: `${api.address}:${api.port}`,
  // Nodes of two versions have each its own under this name.
  dns: { imageRepository: 'croque.local', imageTag: 'node' },
  networking: { podSubnet: ranges.pods, serviceSubnet: ranges.services, dnsDomain: ranges.dnsDomain },
  controllerManager: { extraArgs: [podParts(node), ...settings.controlPlane.controllerManager] },
  ...apiServerConfiguration(settings.controlPlane, knowsKeystone),
  ...(settings.controlPlane.scheduler.length === 0
    ? {}
    : { scheduler: { extraArgs: settings.controlPlane.scheduler } }),
})

/** Every node knows its part of the Pods' addresses from its cluster; an add-on goes by what Kubernetes has handed out. */
const podParts = ({ network, podRange }: Pick<OrderedNode, 'network' | 'podRange'>): Flag =>
  network === undefined
    ? { name: 'allocate-node-cidrs', value: 'false' }
    : { name: 'node-cidr-mask-size', value: podRange.replace(/^.*\//, '') }

function apiServerConfiguration({ apiServer, audited }: ControlPlaneSettings, knowsKeystone: boolean): object {
  const extraArgs = [...(knowsKeystone ? apiServerFlags : []), ...apiServer]
  const extraVolumes = [...(knowsKeystone ? [apiServerVolume] : []), ...(audited ? auditVolumes : [])]
  if (extraArgs.length === 0) return {}
  return { apiServer: { extraArgs, ...(extraVolumes.length === 0 ? {} : { extraVolumes }) } }
}

const auditVolumes = [
  { name: 'audit-policy', hostPath: auditPolicyFile, mountPath: auditPolicyFile, readOnly: true, pathType: 'File' },
  { name: 'audit-log', hostPath: auditDirectory, mountPath: auditDirectory, pathType: 'DirectoryOrCreate' },
]

/** Who did what; nothing of what Secrets hold. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
}

const kubeletConfiguration = ({ ranges, settings }: OrderedNode): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
  },
  authorization: { mode: 'Webhook' },
  clusterDNS: [addressIn(ranges.services, 10)],
  clusterDomain: ranges.dnsDomain,
  tlsCertFile: '/var/lib/kubelet/pki/kubelet.crt',
  tlsPrivateKeyFile: '/var/lib/kubelet/pki/kubelet.key',
  // The key of the CA is not in the cluster: nobody there signs.
  rotateCertificates: false,
  ...(settings.kubeletCiphers.length === 0 ? {} : { tlsCipherSuites: settings.kubeletCiphers }),
})

const proxyConfiguration = ({ ranges, settings }: OrderedNode): object => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  clusterCIDR: ranges.pods,
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  ...settings.controlPlane.kubeProxy,
})

/** Go reads YAML 1.1, where `y` and `no` are truths unless they are quoted. */
const documents = (...parts: readonly object[]): string =>
  parts.map((part) => stringify(part, { lineWidth: 0, version: '1.1' })).join('---\n')
