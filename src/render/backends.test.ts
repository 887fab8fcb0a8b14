/** What the backends of a document become. */
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { KubeObject } from '../kube/index.ts'
import { loadCloud } from '../spec/index.ts'
import { knownServices, render, type Site } from './index.ts'

const site: Site = { images: {}, virtType: 'qemu', datapath: 'netdev' }

function rendered(spec: object) {
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  return render(loaded.cloud, site)
}

interface Pods {
  readonly template: {
    readonly spec: {
      readonly hostNetwork?: boolean
      readonly containers: readonly {
        readonly securityContext: { readonly privileged?: boolean }
        readonly volumeMounts: readonly { readonly mountPath: string }[]
        readonly env: readonly { readonly name: string; readonly valueFrom?: object }[]
      }[]
    }
  }
}

function named(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}

function cloud(spec: object) {
  const result = rendered(spec)
  const objects = result.rendering.units.flatMap((unit) => unit.objects)
  return {
    ...result,
    workloads: objects
      .filter(({ kind, metadata }) => /^(StatefulSet|DaemonSet)$/.test(kind) && /^cinder|iscsi/.test(metadata.name))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    pod: (kind: string, name: string) => (named(objects, kind, name)['spec'] as Pods).template.spec,
    file: (name: string, file: string): string =>
      (named(objects, 'ConfigMap', name)['data'] as Readonly<Record<string, string>>)[file] ?? '',
  }
}

const mounts = (pod: Pods['template']['spec']): readonly string[] =>
  pod.containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ mountPath }) => mountPath))

const elsewhere = { underlay: { type: 'kubeconfig' } }
const three = {
  ...elsewhere,
  storage: {
    backends: {
      fast: { type: 'ceph' },
      nas: { type: 'nfs', server: 'nas.example.org', path: '/export/volumes', mountOptions: 'vers=4.2,hard' },
      disks: { type: 'lvm', group: 'data', volumeType: { name: 'local' } },
    },
    default: 'nas',
  },
}

describe('backends of every type', () => {
  const { workloads, pod, file, nodeNeeds, notices } = cloud(three)

  test('have one service for each type, and compute nodes an initiator', () => {
    expect(workloads).toEqual([
      'StatefulSet cinder-scheduler',
      'StatefulSet cinder-volume',
      'StatefulSet cinder-volume-nfs',
      'DaemonSet cinder-volume-lvm',
      'StatefulSet cinder-backup',
      'DaemonSet nova-iscsid',
    ])
    expect(notices).toEqual([])
  })

  test('stand in sections of their own, each where its service reads it', () => {
    expect(file('cinder-api', 'cinder.conf')).toContain(
      'enabled_backends = fast,nas,disks\ndefault_volume_type = nas\n',
    )
    expect(file('cinder-volume', 'cinder.conf')).toContain('enabled_backends = fast\n')
    const nas = file('cinder-volume-nfs', 'cinder.conf')
    expect(nas).toContain('enabled_backends = nas\n')
    expect(nas).toContain(`[nas]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nas
nas_host = nas.example.org
nas_share_path = /export/volumes
nas_mount_options = vers=4.2,hard
nas_secure_file_operations = false
nas_secure_file_permissions = false
nfs_snapshot_support = true
`)
    expect(nas).not.toContain('[fast]')
    expect(file('cinder-volume-lvm', 'cinder.conf')).toContain(`[disks]
volume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver
volume_backend_name = disks
volume_group = data
target_protocol = iscsi
target_helper = lioadm
lvm_type = default
`)
    expect(file('cinder-volume-nfs', 'config.json')).not.toContain('mount.nfs')
  })

  test('have privilege only where something is mounted or attached', () => {
    const privileged = (kind: string, name: string) => pod(kind, name).containers[0]?.securityContext.privileged
    expect(privileged('StatefulSet', 'cinder-volume')).toBeUndefined()
    expect(privileged('StatefulSet', 'cinder-volume-nfs')).toBe(true)
    expect(privileged('StatefulSet', 'cinder-backup')).toBe(true)
  })

  test('of logical volumes are named for their node, and answer at its address', () => {
    const lvm = pod('DaemonSet', 'cinder-volume-lvm')
    expect(lvm.hostNetwork).toBe(true)
    expect(lvm.containers[0]?.env).toEqual(
      expect.arrayContaining([
        { name: 'OS_DEFAULT__HOST', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
        { name: 'OS_DEFAULT__MY_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.hostIP' } } },
      ]),
    )
    for (const name of ['nova-compute', 'nova-iscsid'])
      expect(mounts(pod('DaemonSet', name))).toEqual(expect.arrayContaining(['/dev', '/etc/iscsi', '/run/lock/iscsi']))
  })

  test('ask nodes for what their kernels must have', () => {
    expect(nodeNeeds.map(({ check, roles }) => `${check} (${roles.join(', ')})`)).toEqual([
      'backend nas: NFS in the kernel (control, compute)',
      'backend nas: server nas.example.org (control, compute)',
      'backend disks: device-mapper (storage)',
      'backend disks: iSCSI target (storage)',
      'backend disks: volume group data (storage)',
      'backend disks: iSCSI initiator (control, compute)',
    ])
  })
})

test('a directory stands in by a mount program of its own, where volumes are made, backed up and attached', () => {
  const { pod, file, notices, nodeNeeds, workloads, rendering } = cloud({
    storage: { backends: { nas: { type: 'nfs', directory: '/srv/volumes' } } },
    services: { ceph: { enabled: false } },
  })
  for (const [kind, name] of [
    ['StatefulSet', 'cinder-volume-nfs'],
    ['StatefulSet', 'cinder-backup'],
    ['DaemonSet', 'nova-compute'],
  ] as const) {
    expect(mounts(pod(kind, name))).toContain('/srv/volumes')
    expect(file(name, 'config.json')).toContain('"dest": "/usr/sbin/mount.nfs"')
  }
  expect(notices).toEqual([
    'Volumes of the backend nas stand in /srv/volumes of the only node, in place of an NFS server',
  ])
  expect(nodeNeeds).toEqual([])
  expect(workloads).not.toContain('StatefulSet cinder-volume')
  expect(file('cinder-backup', 'cinder.conf')).toContain('cinder.backup.drivers.posix.PosixBackupDriver')
  expect(mounts(pod('StatefulSet', 'cinder-backup'))).toContain('/var/lib/cinder-backups')
  expect(rendering.units.filter(({ objects }) => /ceph[-/]/.test(JSON.stringify(objects))).map(({ id }) => id)).toEqual(
    [],
  )
})

test('Ceph cannot be left out under a backend of its type', () => {
  const load = (spec: object) =>
    loadCloud(stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec }), {
      file: 'cloud.yaml',
      knownServices,
    })
  const ceph = { enabled: false }
  expect(load({ services: { ceph } })).toMatchObject({
    ok: false,
    diagnostics: [
      {
        path: 'spec.services.ceph.enabled',
        message: 'ceph cannot be left out: the volume backend "ceph" stands on it; spec.storage.backends names others',
      },
    ],
  })
  expect(load({ services: { ceph, cinder: { enabled: false } } })).toMatchObject({ ok: true })
})

test('options of a backend stand in its section', () => {
  const options = (name: string) => ({
    ...three,
    services: { cinder: { config: { 'cinder.conf': { nas: { [name]: false } } } } },
  })
  const { file } = cloud(options('nfs_sparsed_volumes'))
  expect(file('cinder-volume-nfs', 'cinder.conf')).toContain('nfs_sparsed_volumes = false')
  expect(() => cloud(options('nfs_sparse_volumes'))).toThrow('no option')
})
