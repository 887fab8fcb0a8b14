/** What each node of a Kubernetes cluster is told to do once it is there. Pure: the same for the same. */
import { stringify } from 'yaml'
import type { NodeTaint } from '../../model/index.ts'
import { type NodeOrders, papersOf } from '../../nodes/index.ts'
import { apiServerFlags, apiServerVolume, authorizationFiles } from '../../reviews/index.ts'
import { addressIn, type Ranges } from './layout.ts'

export interface OrderedNode {
  readonly clusterName: string
  readonly name: string
  readonly role: 'master' | 'worker'
  /** UUID of the node group, for autoscalers. */
  readonly group: string
  readonly address: string
  readonly podRange: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly NodeTaint[]
  readonly ranges: Ranges
  readonly kubernetesVersion: string
  /** Of the API server, as nodes reach it. */
  readonly api: { readonly address: string; readonly port: number }
  /** Further addresses of the API server. */
  readonly apiNames: readonly string[]
  /** Secret files that it gets, with their revisions. */
  readonly secrets: NonNullable<NodeOrders['secrets']>
  /** Whether users of Keystone are users of the cluster: the API server asks about them then. */
  readonly knowsKeystone: boolean
}

export function ordersOf(node: OrderedNode): NodeOrders {
  const { ranges, api } = node
  const facts = { name: node.name, role: node.role, addresses: [node.address] }
  const controlPlane = {
    apiNames: [api.address, ...node.apiNames],
    serviceAddress: addressIn(ranges.services, 1),
    dnsDomain: ranges.dnsDomain,
  }
  return {
    name: node.name,
    role: node.role,
    server: `https://${api.address}:${api.port}`,
    files: node.role === 'master' ? masterFiles(node) : workerFiles(node),
    commands: [
      ['systemctl', 'daemon-reload'],
      ['systemctl', 'enable', '--now', 'croque-pods.service'],
      ...(node.role === 'master'
        ? [['kubeadm', 'init', '--config', kubeadmFile, '--ignore-preflight-errors=all', '--skip-token-print']]
        : [['systemctl', 'enable', '--now', 'kubelet.service']]),
    ],
    papers: papersOf(facts, controlPlane),
    secrets: node.secrets,
  }
}

const kubeadmFile = '/etc/croque/kubeadm.yaml'
const podsFile = '/etc/croque/pods.nft'

const everywhere = (node: OrderedNode): Readonly<Record<string, string>> => ({
  '/etc/cni/net.d/10-pods.conflist': JSON.stringify(cniConfig(node), null, 2),
  [podsFile]: podsRules(node),
  '/etc/systemd/system/croque-pods.service': podsUnit,
})

const masterFiles = (node: OrderedNode): Readonly<Record<string, string>> => ({
  ...everywhere(node),
  ...(node.knowsKeystone ? authorizationFiles : {}),
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
  '/var/lib/kubelet/kubeadm-flags.env': `KUBELET_KUBEADM_ARGS="${Object.entries(kubeletFlags(node))
    .map(([name, value]) => `--${name}=${value}`)
    .join(' ')}"\n`,
})

/** The router of the cluster leads to the Pods of other nodes, so Pods keep their addresses on the way there. */
const cniConfig = ({ podRange }: OrderedNode): object => ({
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: podRange }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
})

/** To the world outside Pods are their node: the router there knows no others. */
const podsRules = ({ podRange, ranges }: OrderedNode): string => `table ip croque-pods
delete table ip croque-pods
table ip croque-pods {
  chain out {
    type nat hook postrouting priority srcnat
    ip saddr ${podRange} ip daddr != ${ranges.pods} masquerade
  }
}
`

const podsUnit = `[Unit]
Description=Addresses of Pods on their way out
Before=containerd.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${podsFile}

[Install]
WantedBy=multi-user.target
`

const kubeletFlags = ({ address, group, role, labels, taints }: OrderedNode): Readonly<Record<string, string>> => {
  const all = { 'magnum.openstack.org/nodegroup': group, 'magnum.openstack.org/role': role, ...labels }
  const marks = taints.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`)
  return {
    'node-ip': address,
    'node-labels': Object.entries(all)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    ...(marks.length === 0 ? {} : { 'register-with-taints': marks.join(',') }),
  }
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
    kubeletExtraArgs: flags(kubeletFlags({ ...node, taints: [] })),
  },
})

const flags = (values: Readonly<Record<string, string>>): readonly object[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

const clusterConfiguration = ({ clusterName, kubernetesVersion, api, ranges, knowsKeystone }: OrderedNode): object => ({
  apiVersion: 'kubeadm.k8s.io/v1beta4',
  kind: 'ClusterConfiguration',
  clusterName,
  kubernetesVersion,
  controlPlaneEndpoint: `${api.address}:${api.port}`,
  networking: { podSubnet: ranges.pods, serviceSubnet: ranges.services, dnsDomain: ranges.dnsDomain },
  // Every node knows its part of the Pods' addresses from its cluster.
  controllerManager: { extraArgs: flags({ 'allocate-node-cidrs': 'false' }) },
  ...(knowsKeystone ? { apiServer: { extraArgs: flags(apiServerFlags), extraVolumes: [apiServerVolume] } } : {}),
})

const kubeletConfiguration = ({ ranges }: OrderedNode): object => ({
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
})

const proxyConfiguration = ({ ranges }: OrderedNode): object => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  clusterCIDR: ranges.pods,
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
})

const documents = (...parts: readonly object[]): string =>
  parts.map((part) => stringify(part, { lineWidth: 0 })).join('---\n')
