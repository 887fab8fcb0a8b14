/** What the images are made of. Each OpenStack layer stands apart, so that a change in one service builds one layer anew. */
import type { ImageRecipe, LayerRecipe } from './model.ts'

/** Debian packages that building needs on this machine. */
export const hostPackages: readonly string[] = ['mmdebstrap']

/** The Debian release below everything. */
export const suite = 'trixie'

/** Time stamp of every file that is newer: 2026-04-01, so that the same inputs give the same bytes. */
export const sourceDateEpoch = 1_775_001_600

/** What serves the API of clusters. A change of what it does not load leaves the image as it is. */
const program = ['package.json', 'src/cli/serve.ts']

export const layerRecipes: readonly LayerRecipe[] = [
  {
    name: 'base',
    on: [],
    files: 'base',
    packages: ['ca-certificates', 'iproute2', 'netbase', 'procps', 'python3', 'sudo', 'tini', 'tzdata'],
  },
  { name: 'contract', on: ['base'], files: 'contract', keep: ['usr/local'] },
  { name: 'mariadb', on: ['base'], files: 'mariadb', packages: ['mariadb-server', 'mariadb-client'] },
  { name: 'rabbitmq', on: ['base'], files: 'rabbitmq', packages: ['rabbitmq-server'] },
  { name: 'memcached', on: ['base'], packages: ['memcached'] },
  { name: 'haproxy', on: ['base'], files: 'haproxy', packages: ['haproxy'] },
  {
    name: 'ovn',
    on: ['base'],
    files: 'ovn',
    packages: ['openvswitch-switch', 'ovn-central', 'ovn-host', 'ethtool', 'nftables', 'iptables'],
  },
  // Neutron's API asks the OVN databases for their schemas by ovsdb-client; Glance and Cinder convert disks by qemu-img.
  { name: 'python', on: ['base'], packages: ['libpython3.13', 'openvswitch-common', 'qemu-utils'] },
  {
    name: 'toolchain',
    on: ['base', 'python'],
    packages: ['gcc', 'libc6-dev', 'libssl-dev', 'python3-dev', 'python3-pip', 'python3-venv'],
    buildOnly: true,
  },
  {
    name: 'openstack',
    on: ['base', 'python', 'toolchain'],
    files: 'openstack',
    perRelease: true,
    keep: ['var/lib/openstack', 'usr/share/novnc'],
  },
  { name: 'services', on: ['base', 'python', 'openstack'], files: 'services' },
  // Clients of Ceph: the libraries with their Python, and the commands that Cinder calls.
  { name: 'rbd', on: ['base', 'python'], files: 'rbd', packages: ['ceph-common', 'python3-rados', 'python3-rbd'] },
  // What attaches volumes: clients of NFS and iSCSI, and logical volumes.
  {
    name: 'volumes',
    on: ['base', 'python', 'rbd'],
    files: 'volumes',
    packages: ['lvm2', 'nfs-common', 'open-iscsi'],
  },
  {
    name: 'ceph',
    on: ['base', 'python', 'rbd'],
    files: 'ceph',
    packages: ['ceph-mgr', 'ceph-mon', 'ceph-osd'],
  },
  {
    name: 'compute',
    on: ['base', 'python', 'rbd', 'volumes'],
    files: 'compute',
    packages: [
      'e2fsprogs',
      'ethtool',
      'genisoimage',
      'haproxy',
      'iptables',
      'libvirt-clients',
      'libvirt-daemon-driver-lxc',
      'libvirt-daemon-driver-qemu',
      'libvirt-daemon-system',
      'nftables',
      'openvswitch-switch',
      'python3-libvirt',
      'qemu-block-extra',
      'qemu-system-x86',
    ],
  },
  {
    name: 'nodejs',
    on: ['base', 'python', 'toolchain'],
    files: 'nodejs',
    keep: ['usr/lib/nodejs', 'usr/local/bin/node'],
  },
  { name: 'croque', on: ['base', 'nodejs'], files: 'croque', program },
]

/** The tiny test image: files for Glance, not a container image. */
export const testImageRecipe: LayerRecipe = {
  name: 'tiny',
  on: ['base'],
  files: 'tiny',
  packages: ['busybox-static', 'cpio', 'e2fsprogs', 'kmod', 'xz-utils'],
  buildOnly: true,
}

const nodePackages = [
  'ca-certificates',
  // growpart, for cloud-init.
  'cloud-guest-utils',
  'cloud-init',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'curl',
  'dbus',
  'e2fsprogs',
  // etcdctl, for a snapshot before an upgrade.
  'etcd-client',
  'ethtool',
  'iproute2',
  'iptables',
  'iputils-ping',
  // Masters hold the address of the API by it.
  'keepalived',
  'kmod',
  'mount',
  'nftables',
  'openssh-server',
  'procps',
  'runc',
  'socat',
  'sudo',
  'systemd-resolved',
  'systemd-sysv',
  'systemd-timesyncd',
  'udev',
  'util-linux',
]

/** Trees that node images are put together from; see `node/node-image.ts`. */
export const nodeRecipes: readonly LayerRecipe[] = [
  {
    name: 'node-debian',
    on: [],
    files: 'node-image/debian',
    packages: nodePackages,
    buildOnly: true,
  },
  {
    name: 'node-docker',
    on: [],
    files: 'node-image/debian',
    packages: [...nodePackages, 'docker.io', 'docker-cli'],
    buildOnly: true,
  },
  {
    name: 'node-kernel',
    on: ['base'],
    files: 'node-image/kernel',
    packages: ['initramfs-tools', 'linux-image-cloud-amd64', 'zstd'],
    buildOnly: true,
  },
  // What writes whole disks; see `node/node-disk.ts`.
  {
    name: 'node-disk',
    on: [],
    packages: ['dosfstools', 'fdisk', 'grub-common', 'grub-efi-amd64-bin', 'grub-pc-bin', 'mtools'],
    buildOnly: true,
  },
]

const openstackPath = '/var/lib/openstack/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const openstackLayers = ['base', 'python', 'openstack', 'services', 'rbd', 'volumes']

export const imageRecipes: readonly ImageRecipe[] = [
  { name: 'base', layers: ['base', 'contract'], user: '42400:42400' },
  { name: 'mariadb', layers: ['base', 'mariadb', 'contract'], user: '42434:42434' },
  { name: 'rabbitmq', layers: ['base', 'rabbitmq', 'contract'], user: '42439:42439' },
  { name: 'memcached', layers: ['base', 'memcached', 'contract'], user: '42457:42457' },
  { name: 'haproxy', layers: ['base', 'haproxy', 'contract'], user: '42454:42454' },
  { name: 'ovn', layers: ['base', 'ovn', 'contract'], user: '0:0' },
  { name: 'ceph', layers: ['base', 'python', 'rbd', 'ceph', 'contract'], user: '64045:64045' },
  { name: 'openstack', layers: [...openstackLayers, 'contract'], user: '42400:42400', env: { PATH: openstackPath } },
  { name: 'compute', layers: [...openstackLayers, 'compute', 'contract'], user: '0:0', env: { PATH: openstackPath } },
  { name: 'croque', layers: ['base', 'nodejs', 'croque', 'contract'], user: '42300:42300' },
]
