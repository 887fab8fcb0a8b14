/** Where volumes stand, as Cinder's drivers are told. */
import { type CatalogContext, configDir, type FileSpec, type Ini, type VolumeBackend } from '../model.ts'
import { clientConfFile, type StorageWish } from '../storage.ts'
import { text } from '../text.ts'
import { backendsOf } from '../volumes.ts'

const volumesPool = 'volumes'
const backupsPool = 'backups'

/** Under which libvirt of every compute node has the key of the volumes; remembered in the attachments of running servers, so never another. */
const libvirtSecret = '6d2a4f0e-8d3b-4c57-9f0a-5c1f0c6e7a11'

export const volumeUser: StorageWish = {
  user: 'cinder',
  pools: { [volumesPool]: 'write', images: 'read' },
  libvirtSecret,
}
export const backupUser: StorageWish = { user: 'cinder-backup', pools: { [backupsPool]: 'write' } }

/** Where backups are kept when there is no Ceph. */
export const backupsDir = '/var/lib/cinder-backups'

export type BackendType = VolumeBackend['type']

/** Ceph keeps backups wherever it keeps volumes. */
export const onCeph = (context: CatalogContext): boolean => backendsOf(context, 'ceph').length > 0

type Sections = Readonly<Record<string, Ini[string]>>

const sections = (context: CatalogContext): Readonly<Record<BackendType, Sections>> => ({
  ceph: Object.fromEntries(
    backendsOf(context, 'ceph').map(([name]) => [
      name,
      {
        volume_driver: 'cinder.volume.drivers.rbd.RBDDriver',
        volume_backend_name: name,
        rbd_ceph_conf: clientConfFile(context),
        rbd_user: volumeUser.user,
        rbd_pool: volumesPool,
        rbd_secret_uuid: libvirtSecret,
        report_discard_supported: true,
      },
    ]),
  ),
  lvm: Object.fromEntries(
    backendsOf(context, 'lvm').map(([name, { group }]) => [
      name,
      {
        volume_driver: 'cinder.volume.drivers.lvm.LVMVolumeDriver',
        volume_backend_name: name,
        volume_group: group,
        target_protocol: 'iscsi',
        target_helper: 'lioadm',
        lvm_type: 'default',
      },
    ]),
  ),
  nfs: Object.fromEntries(
    backendsOf(context, 'nfs').map(([name, { server, path, mountOptions, directory }]) => [
      name,
      {
        volume_driver: 'cinder.volume.drivers.nfs.NfsDriver',
        volume_backend_name: name,
        nas_host: server ?? '127.0.0.1',
        nas_share_path: path ?? directory ?? '',
        ...(mountOptions === undefined ? {} : { nas_mount_options: mountOptions }),
        // Files are written by root here and by QEMU's user on compute nodes.
        nas_secure_file_operations: false,
        nas_secure_file_permissions: false,
        nfs_snapshot_support: true,
      },
    ]),
  ),
})

/** Sections of the backends of these types, and their names; `ceph`, `lvm`, `nfs`: all. */
export function backendSections(context: CatalogContext, types: readonly BackendType[]) {
  const all = sections(context)
  const chosen: Sections = Object.assign({}, ...types.map((type) => all[type]))
  const order = Object.keys(context.volumes.backends).filter((name) => name in chosen)
  return { names: order, sections: chosen }
}

export const backupSection = (context: CatalogContext): Ini[string] =>
  onCeph(context)
    ? {
        backup_driver: 'cinder.backup.drivers.ceph.CephBackupDriver',
        backup_ceph_conf: clientConfFile(context),
        backup_ceph_user: backupUser.user,
        backup_ceph_pool: backupsPool,
      }
    : { backup_driver: 'cinder.backup.drivers.posix.PosixBackupDriver', backup_posix_path: backupsDir }

/** No udev runs in a container: LVM makes the devices itself. */
export const lvmFiles: Readonly<Record<string, FileSpec>> = {
  '/etc/cinder/lvm.conf': { text: 'activation {\n  udev_sync = 0\n  udev_rules = 0\n}\n', mode: '0644' },
}

/** The program without helpers of its own; see the file. */
export const unhelped = `${configDir}/unhelped.py`
export const unhelpedFile: Readonly<Record<string, FileSpec>> = {
  [unhelped]: { text: text(import.meta.url, './unhelped.py') },
}
