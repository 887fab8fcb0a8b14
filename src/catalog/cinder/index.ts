import { openStackService } from '../declare.ts'
import {
  type BuildContext,
  type CatalogContext,
  type Component,
  type Declarations,
  type Ini,
  type ServiceDefinition,
  type ServiceParts,
  task,
  type VolumeSpec,
  type Work,
} from '../model.ts'
import {
  apiNeeds,
  apiSections,
  authSection,
  databaseEnv,
  loginSection,
  messagingSections,
  passwordEnv,
  pythonEnv,
  queueEnv,
  queueNeeds,
  queueProbes,
  schemaTask,
  uwsgiApi,
  venvBin,
} from '../oslo.ts'
import { clientFiles, clientVolumes, storageNeeds, storageUsers } from '../storage.ts'
import { caFile, withTls } from '../tls.ts'
import { backendsOf, iscsiVolumes, nfsMounts, standIns, volumeNeeds } from '../volumes.ts'
import {
  type BackendType,
  backendSections,
  backupSection,
  backupsDir,
  backupUser,
  lvmFiles,
  onCeph,
  unhelped,
  unhelpedFile,
  volumeUser,
} from './backends.ts'
import { contentSteps } from './content.ts'
import { images } from './images.ts'
import { typeName, wantedTypes } from './types.ts'
import { verifySteps } from './verify.ts'

const port = 8776
const everyType: readonly BackendType[] = ['ceph', 'lvm', 'nfs']

/** As a program has it that works on the backends of these types. */
function cinderConf(context: CatalogContext, types: readonly BackendType[]): Ini {
  const backends = backendSections(context, types)
  return {
    DEFAULT: {
      auth_strategy: 'keystone',
      state_path: '/var/lib/cinder',
      glance_catalog_info: 'image:glance:internalURL',
      ...withTls(context, { glance_ca_certificates_file: caFile }),
      // The schema writes a class `default` with numbers of its own, which would hide `quota_volumes` and its kin.
      use_default_quota_class: false,
      enabled_backends: backends.names.join(','),
      // The type is content.
      ...(context.content ? { default_volume_type: typeName(context, context.volumes.default) } : {}),
      ...backupSection(context),
    },
    ...backends.sections,
    database: { max_pool_size: 5 },
    ...apiSections(context, 'cinder', 'block-storage'),
    ...messagingSections(context),
    service_user: { ...loginSection(context, 'cinder'), send_service_user_token: true },
    nova: { ...authSection(context, 'cinder'), interface: 'internal' },
    oslo_concurrency: { lock_path: '/var/lib/cinder/tmp' },
  }
}

function base(context: CatalogContext, types = everyType) {
  return {
    image: 'openstack',
    user: 'cinder',
    placement: ['control'],
    files: { '/etc/cinder/cinder.conf': { ini: cinderConf(context, types) } },
    env: {
      ...pythonEnv,
      ...databaseEnv(context, 'cinder'),
      ...queueEnv(context, 'cinder'),
      ...passwordEnv('cinder', ['keystone_authtoken', 'service_user', 'nova']),
    },
    needs: [...apiNeeds, ...queueNeeds, task('cinder/db-sync')],
    resources: { cpu: '20m', memory: '130Mi' },
  } as const satisfies Partial<Work>
}

const state: VolumeSpec = { kind: 'empty', name: 'state', mountPath: '/var/lib/cinder' }

interface Mover {
  readonly name: string
  readonly summary: string
  readonly types: readonly BackendType[]
}

/** A worker that holds the data in its hands. One: several would need a lock service between them. */
function mover(context: CatalogContext, { name, summary, types }: Mover): Component & { readonly kind: 'statefulset' } {
  const own = base(context, types)
  return {
    ...own,
    name,
    kind: 'statefulset',
    summary,
    command: [`${venvBin}/python`, unhelped, `cinder-${name.split('-')[0]}`],
    user: 'root',
    root: 'converts disks by programs that Cinder starts as root',
    replicas: 1,
    // Named for its Pod, and that always the same: Cinder keeps for ever who made a volume or a backup.
    env: { ...own.env, OS_DEFAULT__HOST: { field: 'metadata.name' } },
    files: { ...own.files, ...unhelpedFile },
    volumes: [state],
    probes: queueProbes(context, `cinder-${name.split('-')[0]}`),
  }
}

/** Adds Ceph to a mover: the keyrings of these users, and the wait for it. */
function withCeph(context: CatalogContext, work: Component, users: readonly string[]): Component {
  return {
    ...work,
    files: { ...work.files, ...clientFiles(context, users) },
    volumes: [...(work.volumes ?? []), ...clientVolumes(context, users)],
    needs: [...work.needs, ...storageNeeds(context)],
  }
}

/** Adds the mounts of NFS to a mover. */
function withNfs(context: CatalogContext, work: Component): Component {
  const { files, volumes } = nfsMounts(context)
  const { root: _, ...rest } = work
  return {
    ...rest,
    privileged: 'mounts the file systems that volumes are files of',
    files: { ...work.files, ...files },
    volumes: [...(work.volumes ?? []), ...volumes],
  }
}

/** Adds to a mover what attaches volumes of other nodes. */
function withIscsi(work: Component): Component {
  const { root: _, ...rest } = work
  return {
    ...rest,
    privileged: 'attaches volumes by the kernel of its node',
    hostNetwork: true,
    volumes: [...(work.volumes ?? []), ...iscsiVolumes],
  }
}

/** Logical volumes are a node's own: each storage node has a service of its own, named for it. */
function lvmComponent(context: CatalogContext): Component {
  const {
    root: _,
    replicas: __,
    ...work
  } = mover(context, {
    name: 'volume-lvm',
    summary: 'makes logical volumes on a storage node and serves them by iSCSI',
    types: ['lvm'],
  })
  return {
    ...work,
    kind: 'daemonset',
    privileged: 'makes logical volumes and targets in the kernel of the node',
    hostNetwork: true,
    placement: ['storage'],
    files: { ...work.files, ...lvmFiles },
    env: {
      ...work.env,
      OS_DEFAULT__HOST: { field: 'spec.nodeName' },
      OS_DEFAULT__MY_IP: { field: 'status.hostIP' },
    },
    volumes: [
      state,
      { kind: 'host', name: 'dev', path: '/dev', mountPath: '/dev', type: 'Directory' },
      { kind: 'host', name: 'lock-lvm', path: '/run/lock/lvm', mountPath: '/run/lock/lvm' },
      { kind: 'host', name: 'targets', path: '/sys/kernel/config', mountPath: '/sys/kernel/config', type: 'Directory' },
      { kind: 'host', name: 'etc-target', path: '/var/lib/croque/target', mountPath: '/etc/target' },
    ],
  }
}

/** One for all backends of a type: what each type needs of its container and its node differs. */
function volumeComponents(context: CatalogContext): readonly Component[] {
  const ceph = mover(context, { name: 'volume', summary: 'makes volumes and attaches them', types: ['ceph'] })
  const nfs = mover(context, { name: 'volume-nfs', summary: 'makes volumes that are files on NFS', types: ['nfs'] })
  return [
    ...(onCeph(context) ? [withCeph(context, ceph, [volumeUser.user])] : []),
    ...(backendsOf(context, 'nfs').length > 0 ? [withNfs(context, nfs)] : []),
    ...(backendsOf(context, 'lvm').length > 0 ? [lvmComponent(context)] : []),
  ]
}

/** The scheduler refuses a backup until it has heard that this works, which would be said once a minute, and at first up to a minute later still. */
const tellsSoon = {
  OS_DEFAULT__PERIODIC_INTERVAL: '10',
  OS_DEFAULT__PERIODIC_FUZZY_DELAY: '0',
  OS_DEFAULT__BACKUP_DRIVER_STATS_POLLING_INTERVAL: '10',
  OS_DEFAULT__BACKUP_DRIVER_INIT_CHECK_INTERVAL: '5',
}

/** It reads the volumes of every backend. */
function backup(context: CatalogContext): Component {
  const summary = 'copies volumes to the backups and back'
  const moving = mover(context, { name: 'backup', summary, types: everyType })
  const plain = { ...moving, env: { ...moving.env, ...tellsSoon } }
  const kept: Component = onCeph(context)
    ? withCeph(context, plain, [volumeUser.user, backupUser.user])
    : { ...plain, volumes: [state, { kind: 'claim', name: 'backups', mountPath: backupsDir, size: '20Gi' }] }
  const mounting = backendsOf(context, 'nfs').length > 0 ? withNfs(context, kept) : kept
  return backendsOf(context, 'lvm').length > 0 ? withIscsi(mounting) : mounting
}

function build(context: BuildContext): ServiceParts {
  const movers = volumeComponents(context)
  return {
    components: [
      {
        ...base(context),
        name: 'api',
        kind: 'deployment',
        summary: 'the volume API',
        replicas: context.replicas('cinder', 'api'),
        ...uwsgiApi(context, base(context).files, {
          module: 'cinder.wsgi.api',
          port,
          workers: context.workers,
          threads: 1,
        }),
        probes: { ready: { http: '/healthcheck', port } },
      },
      {
        ...base(context),
        name: 'scheduler',
        kind: 'statefulset',
        summary: 'chooses the backend of a new volume',
        command: [`${venvBin}/cinder-scheduler`],
        replicas: context.replicas('cinder', 'scheduler'),
        env: { ...base(context).env, OS_DEFAULT__HOST: { field: 'metadata.name' } },
        probes: queueProbes(context, 'cinder-scheduler'),
      },
      ...movers,
      backup(context),
    ],
    tasks: [schemaTask(base(context), 'the schema of the volume database', [`${venvBin}/cinder-manage`, 'db', 'sync'])],
    content: context.content ? contentSteps(wantedTypes(context)) : [],
    verify: verifySteps({
      workers: movers.map(({ name }) => `cinder/${name}`),
      types: context.content ? wantedTypes(context).map(({ name }) => name) : [],
    }),
    nodeNeeds: volumeNeeds(context),
    notices: standIns(context).map(
      ([name, path]) => `Volumes of the backend ${name} stand in ${path} of the only node, in place of an NFS server`,
    ),
  }
}

function declares(context: CatalogContext): Declarations {
  const declared = openStackService(context, {
    name: 'cinder',
    type: 'block-storage',
    port,
    path: '/v3',
    alsoKnownAs: { volumev3: 'cinderv3' },
    queue: true,
    admin: "Nova takes its events about volumes of other projects' servers only from an administrator",
  })
  if (!onCeph(context)) return declared
  const storage = storageUsers(context, volumeUser, backupUser)
  return {
    ...declared,
    ...storage,
    secrets: { ...declared.secrets, ...storage.secrets },
  }
}

export const cinder: ServiceDefinition = {
  name: 'cinder',
  summary: 'Cinder, the volume service',
  optionLists: { 'cinder.conf': 'cinder' },
  images,
  declares,
  build,
}
