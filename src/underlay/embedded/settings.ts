/** Names that the embedded underlay is made of. */

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

/** What this machine needs besides where its processor has virtualisation, to try whether that works. */
export const kvmPackages = ['qemu-system-x86'] as const
