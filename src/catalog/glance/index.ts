import { openStackService } from '../declare.ts'
import { type BuildContext, configDir, type ServiceDefinition, type ServiceParts, task, type Work } from '../model.ts'
import { apiNeeds, apiSections, databaseEnv, passwordEnv, pythonEnv, schemaTask, uwsgiApi } from '../oslo.ts'
import {
  clientConfFile,
  clientFiles,
  clientVolumes,
  hasStorage,
  type StorageWish,
  storageNeeds,
  storageUsers,
} from '../storage.ts'
import { text } from '../text.ts'
import { contentSteps } from './content.ts'
import { images } from './images.ts'
import { verifySteps } from './verify.ts'

const port = 9292
const store = '/var/lib/glance'
const dbSync = `${configDir}/db-sync.sh`

/** Who owns the images that stand on the block storage. */
const imageUser: StorageWish = { user: 'glance', pools: { images: 'write' } }

function build(context: BuildContext): ServiceParts {
  const onStorage = hasStorage(context) && context.storage.images
  const conf = {
    DEFAULT: {
      enabled_backends: onStorage ? 'file:file,ceph:rbd' : 'file:file',
      show_image_direct_url: true,
      enabled_import_methods: '[]',
    },
    database: { max_pool_size: 5 },
    ...apiSections(context, 'glance', 'image'),
    oslo_messaging_notifications: { driver: 'noop' },
    glance_store: { default_backend: onStorage ? 'ceph' : 'file' },
    file: { filesystem_store_datadir: `${store}/images` },
    ...(onStorage
      ? {
          ceph: {
            rbd_store_ceph_conf: clientConfFile(context),
            rbd_store_user: imageUser.user,
            rbd_store_pool: 'images',
          },
        }
      : {}),
    os_glance_staging_store: { filesystem_store_datadir: `${store}/staging` },
    os_glance_tasks_store: { filesystem_store_datadir: `${store}/tasks` },
    paste_deploy: { flavor: 'keystone' },
  }
  const base = {
    image: 'openstack',
    user: 'glance',
    placement: ['control'],
    files: { '/etc/glance/glance-api.conf': { ini: conf } },
    env: { ...pythonEnv, ...databaseEnv(context, 'glance'), ...passwordEnv('glance', ['keystone_authtoken']) },
    resources: { cpu: '50m', memory: '128Mi' },
  } as const satisfies Partial<Work>
  const files = onStorage ? { ...base.files, ...clientFiles(context, [imageUser.user]) } : base.files
  return {
    components: [
      {
        ...base,
        name: 'api',
        kind: 'deployment',
        summary: 'the image API',
        // One Pod: its images stand on a volume of one node.
        replicas: 1,
        update: 'recreate',
        ...uwsgiApi(context, files, { module: 'glance.wsgi.api', port, workers: context.workers, threads: 2 }),
        volumes: [
          { kind: 'claim', name: 'images', mountPath: store, size: '20Gi' },
          ...(onStorage ? clientVolumes(context, [imageUser.user]) : []),
        ],
        needs: [...apiNeeds, task('glance/db-sync'), ...(onStorage ? storageNeeds(context) : [])],
        resources: { cpu: '50m', memory: '200Mi' },
        probes: { ready: { http: '/healthcheck', port } },
      },
    ],
    tasks: [
      schemaTask(
        { ...base, files: { ...base.files, [dbSync]: { text: text(import.meta.url, './db-sync.sh') } } },
        'the schema of the image database',
        ['sh', dbSync],
      ),
    ],
    content: context.content ? contentSteps({ lxc: context.lxc }) : [],
    verify: verifySteps(),
  }
}

export const glance: ServiceDefinition = {
  name: 'glance',
  summary: 'Glance, the image service',
  optionLists: { 'glance-api.conf': 'glance' },
  images,
  declares: (context) => {
    const declared = openStackService(context, { name: 'glance', type: 'image', port })
    const storage = storageUsers(context, imageUser)
    return { ...declared, ...storage, secrets: { ...declared.secrets, ...storage.secrets } }
  },
  build,
}
