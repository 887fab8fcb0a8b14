/** What each node of a Kubernetes cluster is told to do once it is there. Pure: the same for the same. */
import { createHash } from 'node:crypto'
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
  /** Of a master: whether it makes the cluster, or comes to one that is there. */
  readonly founds: boolean
  /** Of the API, as everybody reaches it. The masters hold it in turn. */
  readonly api: { readonly address: string; readonly port: number }
  /** Further addresses of the API server. */
  readonly apiNames: readonly string[]
  /** Secret files that it gets, with their revisions. */
  readonly secrets: NonNullable<NodeOrders['secrets']>
  /** Whether users of Keystone are users of the cluster: the API server asks about them then. */
  readonly knowsKeystone: boolean
}

/** Seconds. Masters are waited for one after the other. */
const pauses = { master: 3, worker: 30 } as const

/** What it is told when it is admitted: but for what comes up later that stays as it is. */
export function ordersOf(node: OrderedNode): NodeOrders {
  return revised(firstOrders(node), {})
}

/** The same with other things to do later, or other secret files. */
export function revised(
  orders: Omit<NodeOrders, 'revision'>,
  news: Partial<Pick<NodeOrders, 'later' | 'secrets'>>,
): NodeOrders {
  const { revision: _, ...said } = { revision: '', ...orders, ...news }
  return { ...said, revision: createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 32) }
}

/** What a master that stays does for others: forgets those who leave, by address; brings the add-ons of its version. */
export const masterActs = {
  forget: (address: string): readonly string[] => [controlPlaneProgram, 'forget', address],
  addOns: (): readonly string[] => [controlPlaneProgram, 'add-ons'],
  /** Who leaves gives the address of the API away first. */
  release: (): readonly string[] => ['systemctl', 'disable', '--now', 'keepalived.service'],
} as const

function firstOrders(node: OrderedNode): Omit<NodeOrders, 'revision'> {
  const { ranges, api } = node
  const facts = { name: node.name, role: node.role, addresses: [node.address] }
  const controlPlane = {
    apiNames: [api.address, ...node.apiNames],
    serviceAddress: addressIn(ranges.services, 1),
    dnsDomain: ranges.dnsDomain,
    ownServer: `https://${node.address}:${api.port}`,
  }
  return {
    name: node.name,
    role: node.role,
    address: node.address,
    version: node.kubernetesVersion,
    founds: node.founds,
    pause: pauses[node.role],
    server: `https://${api.address}:${api.port}`,
    files: node.role === 'master' ? masterFiles(node) : workerFiles(node),
    commands: [
      ['systemctl', 'daemon-reload'],
      ['systemctl', 'enable', '--now', 'croque-pods.service'],
      ...(node.role === 'master'
        ? [
            [controlPlaneProgram, 'hold', api.address, String(api.port)],
            [controlPlaneProgram, node.founds ? 'init' : 'join'],
          ]
        : [['systemctl', 'enable', '--now', 'kubelet.service']]),
    ],
    later: [],
    papers: papersOf(facts, controlPlane),
    secrets: node.secrets,
  }
}

const controlPlaneProgram = '/usr/lib/croque/control-plane'
const kubeadmFile = '/etc/croque/kubeadm.yaml'
const joinFile = '/etc/croque/join.yaml'
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
  [joinFile]: documents(joinConfiguration(node)),
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
  kubeletExtraArgs: flags(kubeletFlags({ ...node, taints: [] })),
})

const flags = (values: Readonly<Record<string, string>>): readonly object[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

const clusterConfiguration = ({ clusterName, kubernetesVersion, api, ranges, knowsKeystone }: OrderedNode): object => ({
  apiVersion: 'kubeadm.k8s.io/v1beta4',
  kind: 'ClusterConfiguration',
  clusterName,
  kubernetesVersion,
  controlPlaneEndpoint: `${api.address}:${api.port}`,
  // Nodes of two versions have each its own under this name.
  dns: { imageRepository: 'croque.local', imageTag: 'node' },
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
