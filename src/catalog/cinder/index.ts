import { openStackService } from '../declare.ts'
import {
  type BuildContext,
  type CatalogContext,
  type Component,
  component,
  configDir,
  type Declarations,
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
import { clientConf, clientConfFile, keyringVolume, storageUser } from '../storage.ts'
import { text } from '../text.ts'
import { contentSteps } from './content.ts'
import { verifySteps } from './verify.ts'

const port = 8776
const backend = 'ceph'
const volumesPool = 'volumes'
const backupsPool = 'backups'

/** Under which libvirt of every compute node has the key of the volumes; remembered in the attachments of running servers, so never another. */
const libvirtSecret = '6d2a4f0e-8d3b-4c57-9f0a-5c1f0c6e7a11'

const volumeUser = storageUser('cinder', { pools: { [volumesPool]: 'write', images: 'read' }, libvirtSecret })
const backupUser = storageUser('cinder-backup', { pools: { [backupsPool]: 'write' } })
const keyringDir = '/etc/ceph'
const backupKeyringDir = '/etc/ceph-backup'
const unhelped = `${configDir}/unhelped.py`

const cinderConf = (context: CatalogContext) => ({
  DEFAULT: {
    auth_strategy: 'keystone',
    state_path: '/var/lib/cinder',
    glance_catalog_info: 'image:glance:internalURL',
    enabled_backends: backend,
    backup_driver: 'cinder.backup.drivers.ceph.CephBackupDriver',
    backup_ceph_conf: clientConfFile,
    backup_ceph_user: backupUser.user.user,
    backup_ceph_pool: backupsPool,
  },
  [backend]: {
    volume_driver: 'cinder.volume.drivers.rbd.RBDDriver',
    volume_backend_name: backend,
    rbd_ceph_conf: clientConfFile,
    rbd_user: volumeUser.user.user,
    rbd_pool: volumesPool,
    rbd_secret_uuid: libvirtSecret,
    report_discard_supported: true,
  },
  database: { max_pool_size: 5 },
  ...apiSections(context, 'cinder'),
  ...messagingSections,
  service_user: { ...loginSection(context, 'cinder'), send_service_user_token: true },
  nova: { ...authSection(context, 'cinder'), interface: 'internal' },
  oslo_concurrency: { lock_path: '/var/lib/cinder/tmp' },
})

function base(context: CatalogContext) {
  return {
    image: 'openstack',
    user: 'cinder',
    placement: ['control'],
    files: { '/etc/cinder/cinder.conf': { ini: cinderConf(context) } },
    env: {
      ...pythonEnv,
      ...databaseEnv('cinder'),
      ...queueEnv('cinder'),
      ...passwordEnv('cinder', ['keystone_authtoken', 'service_user', 'nova']),
    },
    needs: [...apiNeeds, ...queueNeeds, task('cinder/db-sync')],
    resources: { cpu: '20m', memory: '130Mi' },
  } as const satisfies Partial<Work>
}

/** Named for its Pod, and that always the same: Cinder keeps for ever who made a volume or a backup. */
function worker(context: CatalogContext, name: string, summary: string): Component {
  return {
    ...base(context),
    name,
    kind: 'statefulset',
    summary,
    command: [`${venvBin}/cinder-${name}`],
    env: { ...base(context).env, OS_DEFAULT__HOST: { field: 'metadata.name' } },
    probes: queueProbes(`cinder-${name}`),
  }
}

const state: VolumeSpec = { kind: 'empty', name: 'state', mountPath: '/var/lib/cinder' }

/** A worker that holds the data in its hands. One: several would need a lock service between them. */
function mover(context: CatalogContext, name: string, summary: string): Component {
  const directories = { cinder: keyringDir, 'cinder-backup': backupKeyringDir }
  return {
    ...worker(context, name, summary),
    command: [`${venvBin}/python`, unhelped, `cinder-${name}`],
    user: 'root',
    root: 'converts disks by programs that Cinder starts as root',
    replicas: 1,
    files: {
      ...base(context).files,
      [clientConfFile]: { ini: clientConf(context, directories) },
      [unhelped]: { text: text(import.meta.url, './unhelped.py') },
    },
    needs: [...base(context).needs, component('ceph/mon'), task('ceph/pools')],
  }
}

function build(context: BuildContext): ServiceParts {
  const keyrings = keyringVolume('cinder', keyringDir)
  return {
    components: [
      {
        ...base(context),
        name: 'api',
        kind: 'deployment',
        summary: 'the volume API',
        replicas: context.replicas('cinder', 'api'),
        ...uwsgiApi(base(context).files, { module: 'cinder.wsgi.api', port, workers: context.workers, threads: 1 }),
        probes: { ready: { http: '/healthcheck', port } },
      },
      {
        ...worker(context, 'scheduler', 'chooses the backend of a new volume'),
        replicas: context.replicas('cinder', 'scheduler'),
      },
      {
        ...mover(context, 'volume', 'makes volumes and attaches them'),
        volumes: [state, keyrings],
      },
      {
        ...mover(context, 'backup', 'copies volumes to the backups and back'),
        volumes: [state, keyrings, keyringVolume('cinder-backup', backupKeyringDir)],
      },
    ],
    tasks: [schemaTask(base(context), 'the schema of the volume database', [`${venvBin}/cinder-manage`, 'db', 'sync'])],
    content: context.content ? contentSteps(backend) : [],
    verify: verifySteps(),
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
  return {
    ...declared,
    storage: [volumeUser.user, backupUser.user],
    secrets: { ...declared.secrets, ...volumeUser.secrets, ...backupUser.secrets },
  }
}

export const cinder: ServiceDefinition = {
  name: 'cinder',
  summary: 'Cinder, the volume service',
  optionLists: { 'cinder.conf': 'cinder' },
  declares,
  build,
}
