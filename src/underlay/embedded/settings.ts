/** Versions and names that the embedded underlay is made of. */
export const kubernetesVersion = 'v1.35.4'
export const etcdVersion = 'v3.6.16'
export const coreDnsVersion = 'v1.13.2'

/** The names under which Pods ask for the images that are made here; etcd's and pause's are those that this kubeadm and containerd name. */
export const imageNames = {
  pause: 'registry.k8s.io/pause:3.10.1',
  etcd: 'registry.k8s.io/etcd:3.6.6-0',
  coreDns: `croque.local/coredns:${coreDnsVersion}`,
  localPath: `croque.local/local-path-provisioner:${kubernetesVersion}`,
  controlPlane: (component: string) => `registry.k8s.io/${component}:${kubernetesVersion}`,
} as const

/** Daemons that one image carries under all their names. */
export const controlPlaneComponents = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
] as const

/** Debian packages in a node. */
export const nodePackages = [
  'ca-certificates',
  'catatonit',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'ethtool',
  'iproute2',
  'iptables',
  'kmod',
  'mount',
  'nftables',
  'procps',
  'runc',
  'socat',
  'util-linux',
] as const

/** Debian packages that this machine needs, installed by `up` when they are missing. */
export const hostPackages = ['iproute2', 'mmdebstrap', 'runc', 'socat', 'util-linux', 'debian-archive-keyring'] as const

export const debianSuite = 'trixie'

/** What this machine needs besides where its processor has virtualisation, to try whether that works. */
export const kvmPackages = ['qemu-system-x86'] as const
