/** The configuration that kubeadm gets. Pure. */
import { stringify } from 'yaml'
import { kubernetesVersion } from '../../images/index.ts'
import { dnsAddress, type NodeKind, type NodeLayout, podRange, serviceRange } from './layout.ts'

const roles: Readonly<Record<NodeKind, readonly string[]>> = {
  first: ['control', 'compute', 'network', 'storage'],
  compute: ['compute'],
  lxc: ['compute-lxc'],
}

/** Labels with which a node registers. */
const nodeLabels = ({ kind }: NodeLayout): string => roles[kind].map((role) => `croque.dev/role-${role}=true`).join(',')

/** Documents for `kubeadm init` on the first node. */
export function initConfig(cluster: string, node: NodeLayout): string {
  return documents(
    {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: 6443 },
      nodeRegistration: registration(node),
      patches: { directory: '/etc/croque/patches' },
      timeouts: { controlPlaneComponentHealthCheck: '5m0s', kubeletHealthCheck: '5m0s' },
    },
    clusterConfig(cluster, node),
    kubeletConfig(),
    kubeProxyConfig(),
  )
}

/** Document for `kubeadm join` on another node. `caHash` is `sha256:…` of the cluster CA's public key. */
export function joinConfig(
  node: NodeLayout,
  join: { readonly server: string; readonly token: string; readonly caHash: string },
): string {
  return documents({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'JoinConfiguration',
    discovery: {
      bootstrapToken: { apiServerEndpoint: join.server, token: join.token, caCertHashes: [join.caHash] },
    },
    nodeRegistration: registration(node),
    timeouts: { kubeletHealthCheck: '5m0s', tlsBootstrap: '5m0s' },
  })
}

/** Requests that leave a small machine's processors to the workloads; file name to content of kubeadm patches. */
export function patches(): Readonly<{ [name: string]: string }> {
  const request = (name: string, cpu: string): string =>
    stringify({ spec: { containers: [{ name, resources: { requests: { cpu } } }] } })
  return {
    'kube-apiserver0+strategic.yaml': request('kube-apiserver', '50m'),
    'kube-controller-manager0+strategic.yaml': request('kube-controller-manager', '20m'),
    'kube-scheduler0+strategic.yaml': request('kube-scheduler', '10m'),
    'etcd0+strategic.yaml': request('etcd', '50m'),
  }
}

function registration(node: NodeLayout): object {
  return {
    name: node.name,
    criSocket: 'unix:///run/containerd/containerd.sock',
    imagePullPolicy: 'IfNotPresent',
    taints: [],
    kubeletExtraArgs: args({ 'node-ip': node.address, 'node-labels': nodeLabels(node) }),
  }
}

function clusterConfig(cluster: string, node: NodeLayout): object {
  return {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    clusterName: cluster,
    kubernetesVersion,
    // Nobody upgrades this cluster once a year, which is when kubeadm would renew them.
    certificateValidityPeriod: '87600h0m0s',
    caCertificateValidityPeriod: '87600h0m0s',
    controlPlaneEndpoint: `${node.address}:6443`,
    networking: { podSubnet: podRange, serviceSubnet: serviceRange, dnsDomain: 'cluster.local' },
    apiServer: {
      certSANs: ['127.0.0.1', 'localhost', node.address, node.name],
      extraArgs: args({
        'encryption-provider-config': '/etc/croque/encryption/config.yaml',
        'audit-policy-file': '/etc/croque/audit/policy.yaml',
        'audit-log-path': '/var/log/croque/audit.log',
        'audit-log-maxsize': '10',
        'audit-log-maxbackup': '2',
        profiling: 'false',
      }),
      extraVolumes: [
        hostDirectory('encryption', '/etc/croque/encryption', true),
        hostDirectory('audit', '/etc/croque/audit', true),
        hostDirectory('log', '/var/log/croque', false),
      ],
    },
    // With one control plane there is nobody to elect, and after a crash nobody waits for an old lease.
    controllerManager: {
      extraArgs: args({
        'leader-elect': 'false',
        'allocate-node-cidrs': 'false',
        'kube-api-qps': '100',
        'kube-api-burst': '200',
        profiling: 'false',
      }),
    },
    scheduler: { extraArgs: args({ 'leader-elect': 'false', profiling: 'false' }) },
  }
}

function hostDirectory(name: string, path: string, readOnly: boolean): object {
  return { name, hostPath: path, mountPath: path, readOnly, pathType: 'DirectoryOrCreate' }
}

function kubeletConfig(): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/resolv.conf',
    failCgroupV1: false,
    failSwapOn: false,
    // The kernel's settings below /proc/sys/vm and /proc/sys/kernel are the machine's, and are read-only in a node.
    featureGates: { KubeletInUserNamespace: true },
    // The disk is shared with the machine, and no registry could give collected images back.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
    imageMinimumGCAge: '8760h0m0s',
    maxPods: 250,
    serializeImagePulls: false,
    registryPullQPS: 0,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    eventRecordQPS: 50,
    eventBurst: 100,
    nodeStatusUpdateFrequency: '5s',
    shutdownGracePeriod: '0s',
    shutdownGracePeriodCriticalPods: '0s',
    logging: { format: 'text', verbosity: 0 },
  }
}

function kubeProxyConfig(): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: podRange,
    bindAddress: '0.0.0.0',
    // Writing the machine's nf_conntrack_max is refused; the kernel's own value stays.
    conntrack: { maxPerCore: 0, min: 0 },
    nftables: { minSyncPeriod: '0.5s', syncPeriod: '30s' },
  }
}

function args(values: Readonly<{ [name: string]: string }>): readonly object[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

function documents(...parts: readonly object[]): string {
  return parts.map((part) => stringify(part, { lineWidth: 0 })).join('---\n')
}
