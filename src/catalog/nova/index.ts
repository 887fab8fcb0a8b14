import { nodeHosts } from '../context.ts'
import { openStackService } from '../declare.ts'
import {
  type BuildContext,
  type Component,
  configDir,
  type Declarations,
  type ServiceDefinition,
  type ServiceParts,
  secretName,
  task,
} from '../model.ts'
import {
  apiNeeds,
  databaseEnv,
  passwordEnv,
  pythonEnv,
  queueEnv,
  queueNeeds,
  queueProbes,
  uwsgiApi,
  venvBin,
} from '../oslo.ts'
import { storageUsers } from '../storage.ts'
import { text } from '../text.ts'
import { certFile, keyFile } from '../tls.ts'
import { authSections, confFile, novaConf } from './conf.ts'
import { contentSteps, nodeFlavors } from './content.ts'
import { images } from './images.ts'
import { computeLxc, libvirtLxc, lxcNeeds, schedulerFilterEnv, schedulerFilterFiles, schedulerFilters } from './lxc.ts'
import { compute, diskUser, iscsid, libvirt, migrationSecrets, withIscsi } from './node.ts'
import { containerDuty, nodeDuty } from './node-duty.ts'
import { verifySteps } from './verify.ts'

const apiPort = 8774
const metadataPort = 8775
const consolePort = 6080
const controlEnv = (context: BuildContext) => ({
  ...pythonEnv,
  ...databaseEnv(context, 'nova'),
  ...databaseEnv(context, 'nova', { section: 'api_database', database: 'nova_api' }),
  ...queueEnv(context, 'nova'),
  ...passwordEnv('nova', ['keystone_authtoken', ...authSections]),
})

const metadataSecret = {
  OS_NEUTRON__METADATA_PROXY_SHARED_SECRET: { secret: secretName('neutron'), key: 'metadata-secret' },
}

function base(context: BuildContext) {
  return {
    kind: 'deployment',
    image: 'openstack',
    user: 'nova',
    placement: ['control'],
    files: { [confFile]: { ini: novaConf(context) } },
    env: controlEnv(context),
    needs: [...apiNeeds, ...queueNeeds, task('nova/db-sync')],
    resources: { cpu: '30m', memory: '200Mi' },
  } as const satisfies Partial<Component>
}

function api(context: BuildContext, name: string, module: string, port: number, summary: string): Component {
  return {
    ...base(context),
    name,
    summary,
    replicas: context.replicas('nova', name),
    ...uwsgiApi(context, base(context).files, { module, port, workers: context.workers, threads: 1 }),
    env: name === 'metadata' ? { ...controlEnv(context), ...metadataSecret } : controlEnv(context),
    probes: { ready: { http: '/', port } },
  }
}

function worker(context: BuildContext, name: string, summary: string): Component {
  return {
    ...base(context),
    name,
    summary,
    command: [`${venvBin}/nova-${name}`],
    replicas: context.replicas('nova', name),
    env: { ...controlEnv(context), OS_DEFAULT__HOST: { field: 'metadata.name' } },
    probes: queueProbes(context, `nova-${name}`),
  }
}

/** Where there are nodes for container guests, it has a filter of ours for them. */
function scheduler(context: BuildContext): Component {
  const plain = worker(context, 'scheduler', 'chooses the node of a new server')
  if (!context.lxc) return plain
  return {
    ...plain,
    files: {
      [confFile]: { ini: { ...novaConf(context), filter_scheduler: schedulerFilters } },
      ...schedulerFilterFiles,
    },
    env: { ...plain.env, ...schedulerFilterEnv },
  }
}

function build(context: BuildContext): ServiceParts {
  return {
    components: [
      api(context, 'api', 'nova.wsgi.osapi_compute', apiPort, 'the compute API'),
      api(context, 'metadata', 'nova.wsgi.metadata', metadataPort, 'the metadata API for guests'),
      worker(context, 'conductor', 'writes to the database for the compute nodes'),
      scheduler(context),
      {
        ...base(context),
        name: 'novncproxy',
        summary: 'consoles of servers in a browser',
        command: [
          `${venvBin}/nova-novncproxy`,
          '--web',
          '/usr/share/novnc',
          '--vnc-novncproxy_host',
          '0.0.0.0',
          '--vnc-novncproxy_port',
          String(consolePort),
          ...(context.internalTls ? ['--ssl_only', '--cert', certFile, '--key', keyFile] : []),
        ],
        replicas: context.replicas('nova', 'novncproxy'),
        ports: [{ name: 'http', port: consolePort }],
        resources: { cpu: '20m', memory: '128Mi' },
        probes: { ready: { tcp: consolePort } },
      },
      libvirt(context),
      compute(context),
      ...(withIscsi(context) ? [iscsid] : []),
      ...(context.lxc ? [libvirtLxc, computeLxc(context)] : []),
    ],
    tasks: [
      {
        ...base(context),
        name: 'db-sync',
        summary: 'the schemas of the compute databases and the cells',
        command: ['sh', `${configDir}/db-sync.sh`],
        files: { ...base(context).files, [`${configDir}/db-sync.sh`]: { text: text(import.meta.url, './db-sync.sh') } },
        needs: [task('mariadb/databases')],
      },
    ],
    content: context.content
      ? contentSteps({ flavors: { ...(nodeHosts(context) === undefined ? {} : nodeFlavors), ...context.flavors } })
      : [],
    verify: verifySteps({
      flavors: context.flavors,
      lxc: context.lxc,
      ...(context.dnsServers.includes(context.provider.gateway) ? { publicUrl: context.publicUrl } : {}),
    }),
    nodeDuties: [nodeDuty, ...(context.lxc ? [containerDuty] : [])],
    ...(context.lxc ? { nodeNeeds: lxcNeeds } : {}),
    leaveNode: text(import.meta.url, './leave-node.sh'),
  }
}

function declares(context: Parameters<ServiceDefinition['declares']>[0]): Declarations {
  const declared = openStackService(context, {
    name: 'nova',
    type: 'compute',
    port: apiPort,
    path: '/v2.1',
    databases: ['nova_api', 'nova_cell0', 'nova'],
    queue: true,
    admin: "Neutron shows it the floating IPs of other projects' servers only as an administrator",
  })
  const storage = storageUsers(context, diskUser)
  return {
    ...declared,
    routes: [
      ...(declared.routes ?? []),
      { name: 'console', prefix: '/console', component: 'nova/novncproxy', port: consolePort, websocket: true },
    ],
    ...storage,
    secrets: {
      ...declared.secrets,
      ...storage.secrets,
      ...migrationSecrets,
      'nova-keypair': { keys: { id_ed25519: { kind: 'ssh-key' } } },
    },
  }
}

export const nova: ServiceDefinition = {
  name: 'nova',
  summary: 'Nova, the compute service, with libvirt and QEMU',
  optionLists: { 'nova.conf': 'nova' },
  images,
  declares,
  build,
}
