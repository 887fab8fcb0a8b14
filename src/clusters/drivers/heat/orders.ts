/** What each node of a Kubernetes cluster is told to do once it is there. Pure: the same for the same. */
import { stringify } from 'yaml'
import type { NodeTaint } from '../../model/index.ts'
import { type NodeOrders, papersOf } from '../../nodes/index.ts'
import { auditDirectory, auditPolicyFile, type ControlPlaneSettings } from './control-plane.ts'
import type { Flag } from './flags.ts'
import { addressIn, type Ranges } from './layout.ts'
import type { NodeSettings } from './node-settings.ts'
import { type PodsNetwork, podsFiles, podsUnit } from './pods.ts'

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
  /** Of the API server, as nodes reach it. */
  readonly api: { readonly address: string; readonly port: number }
  /** Further addresses of the API server. */
  readonly apiNames: readonly string[]
  readonly settings: NodeSettings
  /** Directories that are on volumes of their own, by the names that the server's metadata has for those. */
  readonly volumes: Readonly<Record<string, string>>
}

export function ordersOf(node: OrderedNode): NodeOrders {
  const { ranges, api, settings } = node
  const facts = { name: node.name, role: node.role, addresses: [node.address] }
  const controlPlane = {
    apiNames: [api.address, ...node.apiNames, ...settings.controlPlane.apiNames],
    serviceAddress: addressIn(ranges.services, 1),
    dnsDomain: ranges.dnsDomain,
  }
  return {
    name: node.name,
    role: node.role,
    server: `https://${api.address}:${api.port}`,
    files: node.role === 'master' ? masterFiles(node) : workerFiles(node),
    commands: [
      ...volumeCommands(node),
      ['systemctl', 'daemon-reload'],
      ...(isRestarted(node) ? [['systemctl', 'restart', 'containerd.service']] : []),
      ['systemctl', 'enable', '--now', podsUnit],
      ...(node.role === 'master'
        ? [['kubeadm', 'init', '--config', kubeadmFile, '--ignore-preflight-errors=all', '--skip-token-print']]
        : [['systemctl', 'enable', '--now', 'kubelet.service']]),
    ],
    papers: papersOf(facts, controlPlane),
  }
}

/** Nobody may write to a directory while it moves. */
const volumeCommands = ({ volumes }: OrderedNode): string[][] => {
  const wishes = Object.entries(volumes).map(([name, path]) => `${name}=${path}`)
  if (wishes.length === 0) return []
  return [
    ['systemctl', 'stop', 'containerd.service'],
    ['/usr/lib/croque/node-volumes', ...wishes],
  ]
}

/** It reads about proxies when it starts. */
const isRestarted = ({ settings, volumes }: OrderedNode): boolean =>
  Object.keys(settings.files).length > 0 || Object.keys(volumes).length > 0

const kubeadmFile = '/etc/croque/kubeadm.yaml'

const everywhere = (node: OrderedNode): Readonly<Record<string, string>> => ({
  ...podsFiles(node),
  ...node.settings.files,
})

const masterFiles = (node: OrderedNode): Readonly<Record<string, string>> => ({
  ...everywhere(node),
  ...(node.settings.controlPlane.audited ? { [auditPolicyFile]: documents(auditPolicy) } : {}),
  [kubeadmFile]: documents(
    initConfiguration(node),
    clusterConfiguration(node),
    kubeletConfiguration(node),
    proxyConfiguration(node),
  ),
})

const workerFiles = (node: OrderedNode): Readonly<Record<string, string>> => ({
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
  localAPIEndpoint: { advertiseAddress: node.address, bindPort: node.api.port },
  // Nodes come with certificates; nobody joins by a token.
  bootstrapTokens: [],
  nodeRegistration: {
    name: node.name,
    criSocket: 'unix:///run/containerd/containerd.sock',
    imagePullPolicy: 'IfNotPresent',
    kubeletExtraArgs: kubeletFlags({ ...node, taints: [] }),
  },
})

const clusterConfiguration = ({ clusterName, kubernetesVersion, api, ranges, settings }: OrderedNode): object => ({
  apiVersion: 'kubeadm.k8s.io/v1beta4',
  kind: 'ClusterConfiguration',
  clusterName,
  kubernetesVersion,
  controlPlaneEndpoint: `${api.address}:${api.port}`,
  networking: { podSubnet: ranges.pods, serviceSubnet: ranges.services, dnsDomain: ranges.dnsDomain },
  // Every node knows its part of the Pods' addresses from its cluster.
  controllerManager: {
    extraArgs: [{ name: 'allocate-node-cidrs', value: 'false' }, ...settings.controlPlane.controllerManager],
  },
  ...apiServerConfiguration(settings.controlPlane),
  ...(settings.controlPlane.scheduler.length === 0
    ? {}
    : { scheduler: { extraArgs: settings.controlPlane.scheduler } }),
})

const apiServerConfiguration = ({ apiServer, audited }: ControlPlaneSettings): object => ({
  ...(apiServer.length === 0
    ? {}
    : {
        apiServer: {
          extraArgs: apiServer,
          ...(audited ? { extraVolumes: auditVolumes } : {}),
        },
      }),
})

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
