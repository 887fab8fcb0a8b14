/** What runs on every compute node: libvirt and nova-compute. */
import {
  type BuildContext,
  type Component,
  component,
  configDir,
  type Need,
  onNode,
  type StorageUser,
  task,
  type VolumeSpec,
} from '../model.ts'
import { passwordEnv, pythonEnv, queueEnv, queueNeeds, queueProbes, venvBin } from '../oslo.ts'
import { clientConfFile, clientFiles, clientVolumes, hasStorage, type StorageWish, storageNeeds } from '../storage.ts'
import { text } from '../text.ts'
import { backendsOf, iscsidFiles, iscsiVolumes, nfsMounts } from '../volumes.ts'
import { authSections, confFile, novaConf } from './conf.ts'

/** Who owns the disks of servers where those stand on the block storage, and under which UUID libvirt has its key. */
const disksPool = 'vms'
const diskSecret = '0b8f5a52-3f0c-4a6b-8d0e-2a7f9d1c4e63'
export const diskUser: StorageWish = {
  user: 'nova',
  pools: { [disksPool]: 'write', images: 'read' },
  libvirtSecret: diskSecret,
}

/** Every privileged context of nova-compute: sudo in the virtual environment needs the whole path. */
const privsepSections = [
  'nova_sys_admin',
  'vif_plug_ovs_privileged',
  'vif_plug_linux_bridge_privileged',
  'privsep_osbrick',
]

/** What nova-compute reads wherever it runs. */
export const nodeConf = (context: BuildContext) => ({
  ...novaConf(context),
  ...Object.fromEntries(
    privsepSections.map((section) => [
      section,
      { helper_command: `sudo ${venvBin}/privsep-helper --config-file ${confFile}` },
    ]),
  ),
})

const computeConf = (context: BuildContext) => ({
  ...nodeConf(context),
  libvirt: {
    virt_type: context.virtType,
    cpu_mode: context.virtType === 'kvm' ? 'host-passthrough' : 'host-model',
    num_pcie_ports: 8,
    // Guests move between nodes over TLS, memory and disks as well.
    live_migration_scheme: 'tls',
    live_migration_with_native_tls: true,
    // A guest under emulation changes its memory faster than it is copied, until it is slowed down.
    live_migration_permit_auto_converge: true,
    ...(hasStorage(context) && context.storage.disks ? { images_type: 'rbd' } : {}),
    ...(hasStorage(context)
      ? {
          images_rbd_pool: disksPool,
          images_rbd_ceph_conf: clientConfFile(context),
          rbd_user: diskUser.user,
          rbd_secret_uuid: diskSecret,
        }
      : {}),
  },
  workarounds: { skip_cpu_compare_on_dest: true },
})

/** The CA of live migration: libvirt of every compute node makes a certificate of its own by it, at its start, and takes no others. */
const migrationCa = 'nova-migration-ca'
export const migrationSecrets = {
  [migrationCa]: { keys: { ca: { kind: 'ca', commonName: 'Croque live migration' } } },
} as const

const tlsDir = '/run/libvirt/croque-tls'

const libvirtdConf = `listen_tls = 1
ca_file = "${tlsDir}/ca-cert.pem"
cert_file = "${tlsDir}/server-cert.pem"
key_file = "${tlsDir}/server-key.pem"
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
log_outputs = "3:stderr"
`

/** No security driver: there is none in a container. Namespaces off: a disk that is attached later must be seen by a running guest. */
const qemuConf = `security_driver = "none"
namespaces = []
stdio_handler = "file"
migrate_tls_x509_cert_dir = "${tlsDir}"
migrate_tls_x509_verify = 1
migrate_tls_force = 1
`

/** On the node, not in the Pod: guests and their disks outlive it. */
export const nodeVolumes: readonly VolumeSpec[] = [
  { kind: 'host', name: 'run-libvirt', path: '/run/libvirt', mountPath: '/run/libvirt' },
  {
    kind: 'host',
    name: 'var-lib-nova',
    path: '/var/lib/nova',
    mountPath: '/var/lib/nova',
    propagation: 'Bidirectional',
    owner: '42436:42436',
    directories: ['instances', 'tmp'],
  },
  { kind: 'host', name: 'run-openvswitch', path: '/run/openvswitch', mountPath: '/run/openvswitch' },
  // Nova looks for a guest's console where libvirt made it, and that outlives both.
  { kind: 'host', name: 'dev-pts', path: '/dev/pts', mountPath: '/dev/pts', type: 'Directory' },
]

/** libvirt makes groups for guests beside those of Pods; its start scripts read the file. */
export const cgroupFiles = {
  [`${configDir}/guests-cgroup.sh`]: { text: text(import.meta.url, './guests-cgroup.sh') },
} as const
export const nodeCgroups: VolumeSpec = {
  kind: 'host',
  name: 'cgroup',
  path: '/sys/fs/cgroup',
  mountPath: '/sys/fs/cgroup',
  type: 'Directory',
}

/** Users of the block storage as whom guests open their volumes; libvirt knows their keys by UUID. */
const guestUsers = (context: BuildContext): readonly (StorageUser & { readonly libvirtSecret: string })[] =>
  (hasStorage(context) ? context.declared : [])
    .flatMap(({ declarations }) => declarations.storage ?? [])
    .flatMap((user) => (user.libvirtSecret === undefined ? [] : [{ ...user, libvirtSecret: user.libvirtSecret }]))

const keyringDir = '/run/keyrings'

export const libvirt = (context: BuildContext): Component => ({
  name: 'libvirt',
  kind: 'daemonset',
  summary: 'libvirt, which starts the guests of a node',
  image: 'compute',
  command: ['sh', `${configDir}/libvirt.sh`],
  user: 'root',
  privileged: 'starts virtual machines and moves itself out of the cgroup of its Pod',
  hostNetwork: true,
  hostPid: true,
  placement: ['compute'],
  update: 'delete',
  priority: 'infrastructure',
  files: {
    ...cgroupFiles,
    [`${configDir}/libvirt.sh`]: { text: text(import.meta.url, './libvirt.sh') },
    [`${configDir}/libvirtd.conf`]: { text: libvirtdConf },
    '/etc/libvirt/qemu.conf': { text: qemuConf },
  },
  env: {
    NODE_IP: { field: 'status.hostIP' },
    TLS_DIR: tlsDir,
    KEYRINGS: guestUsers(context)
      .map(({ user, key, libvirtSecret }) => `${libvirtSecret}=${keyringDir}/${user}/${key}`)
      .join(' '),
  },
  volumes: [
    ...nodeVolumes,
    ...guestUsers(context).map(
      ({ user, secret, key }): VolumeSpec => ({
        kind: 'secret',
        name: `keyring-${user}`,
        secret,
        keys: [key],
        mountPath: `${keyringDir}/${user}`,
        mode: 0o400,
      }),
    ),
    { kind: 'secret', name: migrationCa, secret: migrationCa, mountPath: '/run/migration-ca', mode: 0o400 },
    { kind: 'host', name: 'var-lib-libvirt', path: '/var/lib/libvirt', mountPath: '/var/lib/libvirt' },
    { kind: 'host', name: 'etc-libvirt-qemu', path: '/var/lib/croque/libvirt-qemu', mountPath: '/etc/libvirt/qemu' },
    nodeCgroups,
  ],
  needs: [onNode('ovn/vswitchd')],
  resources: { cpu: '50m', memory: '64Mi' },
  probes: { ready: { exec: ['virsh', '-c', 'qemu:///system', 'list'] }, live: false },
  graceSeconds: 40,
})

export const computeEnv = (context: BuildContext) =>
  ({
    ...pythonEnv,
    ...queueEnv(context, 'nova'),
    ...passwordEnv('nova', ['keystone_authtoken', ...authSections]),
    // The same name as in Open vSwitch's external_ids:hostname, else port binding fails.
    OS_DEFAULT__HOST: { field: 'spec.nodeName' },
    OS_DEFAULT__MY_IP: { field: 'status.hostIP' },
  }) as const

/** Beside the libvirt of its node. */
export const computeNeeds: readonly Need[] = [
  onNode('ovn/vswitchd'),
  ...queueNeeds,
  task('keystone/identity'),
  component('nova/conductor'),
  component('placement/api'),
]

export const compute = (context: BuildContext): Component => ({
  name: 'compute',
  kind: 'daemonset',
  summary: 'nova-compute, which makes servers on a node',
  image: 'compute',
  command: [`${venvBin}/nova-compute`],
  user: 'nova',
  privileged: 'plugs guests into the switch of the node and mounts their disks',
  hostNetwork: true,
  placement: ['compute'],
  files: {
    [confFile]: { ini: computeConf(context) },
    ...(hasStorage(context) ? clientFiles(context, [diskUser.user]) : {}),
    ...nfsMounts(context).files,
  },
  env: {
    ...computeEnv(context),
    OS_LIBVIRT__LIVE_MIGRATION_INBOUND_ADDR: { field: 'status.hostIP' },
    OS_VNC__SERVER_PROXYCLIENT_ADDRESS: { field: 'status.hostIP' },
  },
  // Without privilege of its own the program reads it as everybody may, in a file system that only this container has.
  volumes: [
    ...nodeVolumes,
    ...(hasStorage(context) ? clientVolumes(context, [diskUser.user], 0o444) : []),
    ...nfsMounts(context).volumes,
    ...(withIscsi(context) ? iscsiVolumes : []),
  ],
  needs: [
    onNode('nova/libvirt'),
    ...computeNeeds,
    // Guests of the node read and write their volumes there.
    ...(hasStorage(context) ? storageNeeds(context) : []),
    ...(withIscsi(context) ? [onNode('nova/iscsid')] : []),
  ],
  resources: { cpu: '50m', memory: '256Mi' },
  probes: queueProbes(context, 'nova-compute'),
  graceSeconds: 25,
})

export const withIscsi = (context: BuildContext): boolean => backendsOf(context, 'lvm').length > 0

/** Also where backups are made, which reads volumes as a compute node does. */
export const iscsid: Component = {
  name: 'iscsid',
  kind: 'daemonset',
  summary: 'the iSCSI initiator of a node, for volumes of other nodes',
  image: 'compute',
  command: ['sh', `${configDir}/iscsid.sh`],
  user: 'root',
  privileged: 'attaches disks to the kernel of the node',
  hostNetwork: true,
  placement: ['compute', 'control'],
  files: iscsidFiles,
  volumes: iscsiVolumes,
  needs: [],
  resources: { cpu: '10m', memory: '16Mi' },
  probes: { ready: { exec: ['pidof', 'iscsid'] }, live: false },
  update: 'delete',
}
