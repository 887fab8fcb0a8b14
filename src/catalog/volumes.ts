/** The backends of volumes as those who mount them see them: the volume service and the compute nodes. */
import {
  type CatalogContext,
  configDir,
  type FileSpec,
  type NodeNeed,
  type Role,
  type VolumeBackend,
  type VolumeSpec,
  type Volumes,
  type Work,
} from './model.ts'
import { text } from './text.ts'

type Kind = VolumeBackend['type']
type Of<T extends Kind> = Extract<VolumeBackend, { readonly type: T }>

const volumeType = { public: true, extraSpecs: {} }

/** A backend of each type, for asking which components there can be. */
export const everyBackend: Volumes = {
  default: 'ceph',
  backends: {
    ceph: { type: 'ceph', volumeType },
    lvm: { type: 'lvm', group: 'cinder-volumes', volumeType },
    nfs: { type: 'nfs', server: 'nfs.invalid', path: '/volumes', volumeType },
  },
}

/** The backends of one type, by name, in the order of the document. */
export const backendsOf = <T extends Kind>(context: CatalogContext, type: T): readonly (readonly [string, Of<T>])[] =>
  Object.entries(context.volumes.backends).filter((entry): entry is [string, Of<T>] => entry[1].type === type)

/** Directories of the one node that stand in for NFS servers, by backend. */
export const standIns = (context: CatalogContext): readonly (readonly [string, string])[] =>
  backendsOf(context, 'nfs').flatMap(([name, { directory }]) => (directory === undefined ? [] : [[name, directory]]))

/** What a container that mounts NFS needs: nothing but privilege, and where directories stand in those and a mount program for them. */
export function nfsMounts(context: CatalogContext): {
  readonly files: Readonly<Record<string, FileSpec>>
  readonly volumes: readonly VolumeSpec[]
} {
  const directories = standIns(context)
  if (directories.length === 0) return { files: {}, volumes: [] }
  return {
    files: { '/usr/sbin/mount.nfs': { text: text(import.meta.url, './mount-directory.sh'), mode: '0755' } },
    volumes: directories.map(([name, path]) => ({ kind: 'host', name: `backend-${name}`, path, mountPath: path })),
  }
}

/** Sessions of iSCSI belong to the node's kernel: who makes them shares its devices and the daemon's files. */
export const iscsiVolumes: readonly VolumeSpec[] = [
  { kind: 'host', name: 'dev', path: '/dev', mountPath: '/dev', type: 'Directory' },
  { kind: 'host', name: 'iscsi', path: '/var/lib/croque/iscsi', mountPath: '/etc/iscsi' },
  { kind: 'host', name: 'lock-iscsi', path: '/run/lock/iscsi', mountPath: '/run/lock/iscsi' },
]

/** Names the node to targets, once, and keeps the sessions of iSCSI. */
export const iscsidFiles: NonNullable<Work['files']> = {
  [`${configDir}/iscsid.sh`]: { text: text(import.meta.url, './iscsid.sh') },
}

/** Nodes whose Pods attach volumes. */
const attaching: readonly Role[] = ['control', 'compute']

/** What the kernels of nodes must have for the backends of the document. */
export const volumeNeeds = (context: CatalogContext): readonly NodeNeed[] => [
  ...backendsOf(context, 'nfs').flatMap(([name, { server }]) => (server === undefined ? [] : nfsNeeds(name, server))),
  ...backendsOf(context, 'lvm').flatMap(([name, { group }]) => lvmNeeds(name, group)),
]

const nfsNeeds = (name: string, server: string): readonly NodeNeed[] => [
  {
    check: `backend ${name}: NFS in the kernel`,
    roles: attaching,
    test: 'grep -qwE "nfs4?" /proc/filesystems',
    message: 'there is no NFS client in the kernel of',
    next: 'modprobe nfs on these nodes, or choose another backend; on one embedded node a directory stands in',
  },
  {
    check: `backend ${name}: server ${server}`,
    roles: attaching,
    test: `python3 -c 'import socket; socket.create_connection(("${server}", 2049), 5)'`,
    message: `nothing answers at port 2049 of ${server}, asked from`,
    next: 'See that the server runs and that these nodes may reach it',
    notEmbedded: 'nodes of the embedded underlay reach nothing outside this machine',
  },
]

const lvmNeeds = (name: string, group: string): readonly NodeNeed[] => [
  {
    check: `backend ${name}: device-mapper`,
    roles: ['storage'],
    test: 'test -c /dev/mapper/control && grep -qw device-mapper /proc/misc',
    message: 'there is no device-mapper in the kernel of',
    next: 'modprobe dm_mod on these nodes, or choose another backend',
  },
  {
    check: `backend ${name}: iSCSI target`,
    roles: ['storage'],
    test: 'test -d /sys/module/iscsi_target_mod || test -d /sys/kernel/config/target/iscsi',
    message: 'there is no iSCSI target (LIO) in the kernel of',
    next: 'modprobe iscsi_target_mod on these nodes, or choose another backend',
    notEmbedded: 'iSCSI of the kernel knows no network but that of the machine, and embedded nodes have their own',
  },
  {
    check: `backend ${name}: volume group ${group}`,
    roles: ['storage'],
    test: `vgs ${group}`,
    message: `there is no volume group ${group} on`,
    next: `vgcreate ${group} DEVICE on these nodes, or name another group`,
  },
  {
    check: `backend ${name}: iSCSI initiator`,
    roles: attaching,
    test: 'test -d /sys/module/iscsi_tcp',
    message: 'there is no iSCSI initiator in the kernel of',
    next: 'modprobe iscsi_tcp on these nodes',
  },
]
