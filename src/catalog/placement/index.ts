import { openStackService } from '../declare.ts'
import { type BuildContext, type ServiceDefinition, type ServiceParts, task, type Work } from '../model.ts'
import { apiNeeds, apiSections, databaseEnv, passwordEnv, pythonEnv, schemaTask, uwsgiApi, venvBin } from '../oslo.ts'
import { images } from './images.ts'

const port = 8778

function build(context: BuildContext): ServiceParts {
  const conf = {
    api: { auth_strategy: 'keystone' },
    placement_database: { max_pool_size: 5 },
    ...apiSections(context, 'placement', 'placement'),
  }
  const base = {
    image: 'openstack',
    user: 'placement',
    placement: ['control'],
    files: { '/etc/placement/placement.conf': { ini: conf } },
    env: {
      ...pythonEnv,
      ...databaseEnv(context, 'placement', { section: 'placement_database' }),
      ...passwordEnv('placement', ['keystone_authtoken']),
    },
    resources: { cpu: '50m', memory: '96Mi' },
  } as const satisfies Partial<Work>
  return {
    components: [
      {
        ...base,
        name: 'api',
        kind: 'deployment',
        summary: 'the placement API',
        replicas: context.replicas('placement', 'api'),
        ...uwsgiApi(context, base.files, { module: 'placement.wsgi.api', port, workers: context.workers, threads: 2 }),
        needs: [...apiNeeds, task('placement/db-sync')],
        resources: { cpu: '50m', memory: '128Mi' },
        probes: { ready: { http: '/', port } },
      },
    ],
    tasks: [schemaTask(base, 'the schema of the placement database', [`${venvBin}/placement-manage`, 'db', 'sync'])],
  }
}

export const placement: ServiceDefinition = {
  name: 'placement',
  summary: 'Placement, the inventory of resources',
  optionLists: { 'placement.conf': 'placement' },
  images,
  declares: (context) => openStackService(context, { name: 'placement', type: 'placement', port }),
  build,
}
