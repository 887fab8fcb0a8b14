/** The versions of Kubernetes that programs, container images and node images are made of, and the names of those images. */

/** Newest first. Each but the first has a folder `images/kubernetes/v<major>.<minor>` with its go.mod and go.sum. */
export const kubernetesVersions = ['v1.35.4', 'v1.34.4'] as const

export type KubernetesVersion = (typeof kubernetesVersions)[number]

/** What the underlay is made of. */
export const kubernetesVersion = kubernetesVersions[0]
export const etcdVersion = 'v3.6.16'
export const coreDnsVersion = 'v1.13.2'

/** Names that a version's own kubeadm, and containerd's configuration, have for what is not of Kubernetes' version. */
export const kubeadmImages: Readonly<Record<KubernetesVersion, { readonly etcd: string; readonly coreDns: string }>> = {
  'v1.35.4': { etcd: 'registry.k8s.io/etcd:3.6.6-0', coreDns: 'registry.k8s.io/coredns/coredns:v1.13.1' },
  'v1.34.4': { etcd: 'registry.k8s.io/etcd:3.6.5-0', coreDns: 'registry.k8s.io/coredns/coredns:v1.12.1' },
}

/** The names under which Pods ask for the images that are made here. */
export const imageNames = {
  pause: 'registry.k8s.io/pause:3.10.1',
  /** CoreDNS where croque itself applies it. */
  coreDns: `croque.local/coredns:${coreDnsVersion}`,
  /** In nodes of tenants' clusters, those of the node's own version. */
  nodeProxy: 'croque.local/kube-proxy:node',
  nodeDns: 'croque.local/coredns:node',
  localPath: `croque.local/local-path-provisioner:${kubernetesVersion}`,
} as const

/** `v1.35` of `v1.35.4`. */
export const minorOf = (version: KubernetesVersion): string => version.split('.').slice(0, 2).join('.')
