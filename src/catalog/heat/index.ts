import { openStackService } from '../declare.ts'
import {
  type BuildContext,
  type CatalogContext,
  type Component,
  component,
  type Declarations,
  type ServiceDefinition,
  type ServiceParts,
  secretName,
  task,
} from '../model.ts'
import {
  apiNeeds,
  apiSections,
  credentialSection,
  databaseEnv,
  internalUrl,
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
import { caFile, withTls } from '../tls.ts'
import { images } from './images.ts'
import { verifySteps } from './verify.ts'

const apiPort = 8004
const cfnPort = 8000
const confFile = '/etc/heat/heat.conf'
/** Users that stacks make for their servers live apart from people and services. */
const domain = { name: 'heat', admin: 'heat_domain_admin', passwordKey: 'domain-admin-password' }

/** Sections with the service's own login: what it does for the owner of a stack (trusts), and what it asks Keystone about signed requests. */
const authSections = ['trustee', 'ec2authtoken']

/** Servers signal by the public URL: it leads to the gateway from inside guests too. */
const heatConf = (context: BuildContext) => ({
  DEFAULT: {
    num_engine_workers: context.workers,
    heat_metadata_server_url: `${context.publicUrl}/cloudformation`,
    heat_waitcondition_server_url: `${context.publicUrl}/cloudformation/v1/waitcondition`,
    server_keystone_endpoint_type: 'public',
    stack_domain_admin: domain.admin,
    stack_user_domain_name: domain.name,
    region_name_for_services: context.region,
    // By default it makes a part that failed five times more, whatever the reason: minutes until a user is told that there is no room.
    ...(context.lxc ? { action_retry_limit: 1 } : {}),
  },
  database: { max_pool_size: 5 },
  ...apiSections(context, 'heat', 'orchestration'),
  ...messagingSections(context),
  trustee: credentialSection(context, 'heat'),
  // Heat adds /v3 itself, and would ask for the address while it starts.
  ec2authtoken: { ...loginSection(context, 'heat'), endpoint_override: internalUrl(context, 'keystone-api', 5000) },
  clients: { endpoint_type: 'internalURL', ...withTls(context, { ca_file: caFile }) },
  // Of itself it only tells others, above all guests, which reach the public address alone.
  clients_heat: { endpoint_type: 'publicURL' },
  clients_keystone: { auth_uri: internalUrl(context, 'keystone-api', 5000) },
})

function base(context: BuildContext) {
  return {
    kind: 'deployment',
    image: 'openstack',
    user: 'heat',
    placement: ['control'],
    files: { [confFile]: { ini: heatConf(context) } },
    env: {
      ...pythonEnv,
      ...databaseEnv(context, 'heat'),
      ...queueEnv(context, 'heat'),
      ...passwordEnv('heat', ['keystone_authtoken', ...authSections]),
      OS_DEFAULT__STACK_DOMAIN_ADMIN_PASSWORD: { secret: secretName('heat'), key: domain.passwordKey },
      // Parameters and credentials in the database are encrypted with it: every engine and API has the same one.
      OS_DEFAULT__AUTH_ENCRYPTION_KEY: { secret: secretName('heat'), key: 'encryption-key' },
    },
    needs: [...apiNeeds, ...queueNeeds, task('heat/db-sync')],
    resources: { cpu: '20m', memory: '96Mi' },
  } as const satisfies Partial<Component>
}

function api(context: BuildContext, name: string, module: string, port: number, summary: string): Component {
  return {
    ...base(context),
    name,
    summary,
    replicas: context.replicas('heat', name),
    // A request waits for the engine, up to a minute when many stacks begin at once; others, and probes, have to be answered meanwhile.
    ...uwsgiApi(context, base(context).files, { module, port, workers: context.workers, threads: 8 }),
    probes: { ready: { http: '/healthcheck', port } },
  }
}

function build(context: BuildContext): ServiceParts {
  return {
    components: [
      api(context, 'api', 'heat.wsgi.api', apiPort, 'the orchestration API'),
      api(context, 'api-cfn', 'heat.wsgi.cfn', cfnPort, 'the API that servers of a stack signal to'),
      {
        ...base(context),
        name: 'engine',
        summary: 'what makes the resources of stacks',
        command: [`${venvBin}/heat-engine`],
        replicas: context.replicas('heat', 'engine'),
        needs: [...base(context).needs, component('keystone/api')],
        resources: { cpu: '20m', memory: '160Mi' },
        probes: queueProbes(context, 'heat-engine'),
      },
    ],
    tasks: [
      schemaTask(base(context), 'the schema of the orchestration database', [`${venvBin}/heat-manage`, 'db_sync']),
    ],
    verify: verifySteps(),
  }
}

function declares(context: CatalogContext): Declarations {
  const service = openStackService(context, {
    name: 'heat',
    type: 'orchestration',
    port: apiPort,
    path: '/v1/%(tenant_id)s',
    queue: true,
  })
  const { identity, routes = [], secrets } = service
  return {
    ...service,
    identity: {
      ...identity,
      roles: ['heat_stack_user'],
      domains: [domain],
      endpoints: [
        ...(identity?.endpoints ?? []),
        {
          service: 'heat-cfn',
          type: 'cloudformation',
          internalUrl: internalUrl(context, 'heat-api-cfn', cfnPort, '/v1'),
          publicPath: '/cloudformation/v1',
        },
      ],
    },
    routes: [...routes, { name: 'heat-cfn', prefix: '/cloudformation', component: 'heat/api-cfn', port: cfnPort }],
    secrets: {
      [secretName('heat')]: {
        keys: {
          ...secrets?.[secretName('heat')]?.keys,
          [domain.passwordKey]: { kind: 'password', length: 32 },
          'encryption-key': { kind: 'password', length: 32 },
        },
      },
    },
  }
}

export const heat: ServiceDefinition = {
  name: 'heat',
  summary: 'Heat, the orchestration service',
  optionLists: { 'heat.conf': 'heat' },
  images,
  declares,
  build,
}
