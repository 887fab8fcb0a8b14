import { openStackService } from '../declare.ts'
import {
  type BuildContext,
  type Component,
  component,
  computeRoles,
  type EnvValue,
  onNode,
  type Release,
  type ServiceDefinition,
  type ServiceParts,
  secretName,
  task,
  type Work,
} from '../model.ts'
import {
  apiNeeds,
  apiSections,
  authSection,
  databaseEnv,
  messagingSections,
  passwordEnv,
  pythonEnv,
  queueEnv,
  queueNeeds,
  queuePort,
  schemaTask,
  uwsgiApi,
  venvBin,
} from '../oslo.ts'
import { text } from '../text.ts'
import { caFile, certFile, keyFile, ovsdbEnv, withTls } from '../tls.ts'
import { contentSteps } from './content.ts'
import { images } from './images.ts'
import { verifySteps } from './verify.ts'

const port = 9696
const confFile = '/etc/neutron/neutron.conf'
const ml2File = '/etc/neutron/plugins/ml2/ml2_conf.ini'
const agentFile = '/etc/neutron/ovn_agent.ini'

const neutronConf = (context: BuildContext) => ({
  DEFAULT: {
    core_plugin: 'ml2',
    service_plugins: 'ovn-router,segments,trunk',
    auth_strategy: 'keystone',
    rpc_workers: 0,
    state_path: '/var/lib/neutron',
    dns_domain: `${context.dnsDomain}.`,
    notify_nova_on_port_status_changes: true,
    notify_nova_on_port_data_changes: true,
    global_physnet_mtu: context.provider.mtu,
  },
  database: { max_pool_size: 5 },
  ...apiSections(context, 'neutron', 'network'),
  ...messagingSections(context),
  nova: { ...authSection(context, 'neutron'), endpoint_type: 'internal' },
  placement: { ...authSection(context, 'neutron'), endpoint_type: 'internal' },
  oslo_concurrency: { lock_path: '/var/lib/neutron/lock' },
})

/** What OVN adds to a packet beside the IP header: UDP, Geneve with its option, Ethernet. */
const geneveHeader = 38
const ipHeader = 20

/** Neutron takes both headers from the smaller one of path and physical MTU (neutron/plugins/ml2/drivers/type_tunnel.py, type_geneve.py). */
function pathMtu({ projectMtu, provider }: BuildContext) {
  const path = projectMtu + ipHeader + geneveHeader
  return path === provider.mtu ? {} : { path_mtu: path }
}

/** Neutron shows itself to the OVN databases. */
const ovnTls = (context: BuildContext) =>
  withTls(
    context,
    Object.fromEntries(
      ['nb', 'sb'].flatMap((which) => [
        [`ovn_${which}_private_key`, keyFile],
        [`ovn_${which}_certificate`, certFile],
        [`ovn_${which}_ca_cert`, caFile],
      ]),
    ),
  )

/** The option for the types of projects' networks. */
const projectNetworkTypes: Readonly<Record<Release, string>> = {
  '2025.1': 'tenant_network_types',
  '2026.1': 'project_network_types',
}

const ml2Conf = (context: BuildContext) => ({
  ml2: {
    type_drivers: 'geneve,vlan,flat',
    [projectNetworkTypes[context.release]]: context.projectNetworkTypes.join(','),
    mechanism_drivers: 'ovn',
    extension_drivers: 'port_security',
    overlay_ip_version: 4,
    ...pathMtu(context),
  },
  ml2_type_geneve: { vni_ranges: '1:65536', max_header_size: geneveHeader },
  ml2_type_flat: { flat_networks: context.provider.physicalNetwork },
  securitygroup: { enable_security_group: true },
  ovn: {
    ovn_l3_scheduler: 'leastloaded',
    ovn_metadata_enabled: true,
    enable_distributed_floating_ip: false,
    ...ovnTls(context),
  },
})

/** Python's OVSDB client takes addresses only, no names; the Service exists before any container that needs it starts. */
const ovnEnv = (context: BuildContext): Record<string, EnvValue> => {
  const { OVSDB_METHOD: method } = ovsdbEnv(context)
  return {
    OS_OVN__OVN_NB_CONNECTION: `${method}:$(OVN_NB_SERVICE_HOST):6641`,
    OS_OVN__OVN_SB_CONNECTION: `${method}:$(OVN_SB_SERVICE_HOST):6642`,
  }
}

/** Every privileged context of the agent, which runs as root: without its own helper each asks for sudo. */
const privsepSections = [
  'privsep',
  'privsep_dhcp_release',
  'privsep_ovs_vsctl',
  'privsep_namespace',
  'privsep_conntrack',
  'privsep_link',
]

const agentConf = (context: BuildContext) => ({
  DEFAULT: {
    state_path: '/var/lib/neutron',
    nova_metadata_host: 'nova-metadata',
    ...withTls(context, { nova_metadata_protocol: 'https', auth_ca_cert: caFile }),
    metadata_workers: 0,
  },
  agent: { extensions: 'metadata' },
  ovn: ovnTls(context),
  ovs: { ovsdb_connection: 'tcp:127.0.0.1:6640' },
  ...Object.fromEntries(
    privsepSections.map((section) => [
      section,
      { helper_command: `${venvBin}/privsep-helper --config-file ${confFile} --config-file ${agentFile}` },
    ]),
  ),
})

const configArguments = ['--config-file', confFile, '--config-file', ml2File]

function base(context: BuildContext) {
  return {
    image: 'openstack',
    user: 'neutron',
    placement: ['control'],
    files: { [confFile]: { ini: neutronConf(context) }, [ml2File]: { ini: ml2Conf(context) } },
    env: {
      ...pythonEnv,
      ...databaseEnv(context, 'neutron'),
      ...queueEnv(context, 'neutron'),
      ...passwordEnv('neutron', ['keystone_authtoken', 'nova', 'placement']),
      ...ovnEnv(context),
    },
    needs: [...apiNeeds, ...queueNeeds, component('ovn/nb'), component('ovn/sb'), task('neutron/db-sync')],
    resources: { cpu: '30m', memory: '200Mi' },
  } as const satisfies Work | Partial<Work>
}

/** Neutron's work outside the API process: one process each since the API runs under uWSGI. */
function worker(context: BuildContext, name: string, program: string, summary: string, port: number): Component {
  return {
    ...base(context),
    name,
    kind: 'deployment',
    summary,
    command: [`${venvBin}/${program}`, ...configArguments],
    replicas: 1,
    needs: [...base(context).needs, component('neutron/api')],
    probes: { ready: { exec: ['healthcheck_port', program, String(port)] }, live: false },
  }
}

function agent(context: BuildContext): Component {
  return {
    name: 'agent',
    kind: 'daemonset',
    summary: 'the OVN agent: metadata for the guests of a node',
    image: 'compute',
    command: [`${venvBin}/neutron-ovn-agent`, '--config-file', confFile, '--config-file', agentFile],
    user: 'root',
    privileged: 'makes network namespaces on the node and plugs them into its switch',
    hostNetwork: true,
    placement: computeRoles(context),
    files: {
      [confFile]: { ini: { ...neutronConf(context), database: {} } },
      [agentFile]: { ini: agentConf(context) },
    },
    env: {
      ...pythonEnv,
      ...ovnEnv(context),
      OS_DEFAULT__METADATA_PROXY_SHARED_SECRET: { secret: secretName('neutron'), key: 'metadata-secret' },
    },
    volumes: [
      { kind: 'host', name: 'run-netns', path: '/run/netns', mountPath: '/run/netns', propagation: 'Bidirectional' },
      { kind: 'host', name: 'run-openvswitch', path: '/run/openvswitch', mountPath: '/run/openvswitch' },
      { kind: 'host', name: 'state', path: '/var/lib/croque/neutron', mountPath: '/var/lib/neutron' },
    ],
    needs: [onNode('ovn/ovsdb'), onNode('ovn/vswitchd'), component('ovn/nb'), component('ovn/sb')],
    resources: { cpu: '50m', memory: '200Mi' },
    probes: { ready: { exec: ['healthcheck_port', 'neutron-ovn-agent', '6642'] }, live: false },
  }
}

function build(context: BuildContext): ServiceParts {
  return {
    components: [
      {
        ...base(context),
        name: 'api',
        kind: 'deployment',
        summary: 'the network API',
        replicas: context.replicas('neutron', 'api'),
        ...uwsgiApi(context, base(context).files, {
          module: 'neutron.wsgi.api',
          port,
          workers: context.workers,
          threads: 1,
        }),
        env: { ...base(context).env, OS_NEUTRON_CONFIG_FILES: `${confFile};${ml2File}` },
        resources: { cpu: '100m', memory: '256Mi' },
        probes: { ready: { http: '/', port } },
      },
      worker(context, 'rpc', 'neutron-rpc-server', 'answers agents over the message queue', queuePort(context)),
      worker(context, 'periodic', 'neutron-periodic-workers', 'recurring work of the plugins', 3306),
      worker(context, 'maintenance', 'neutron-ovn-maintenance-worker', 'keeps the OVN databases true to Neutron', 6641),
      agent(context),
    ],
    tasks: [
      schemaTask(base(context), 'the schema of the network database', [
        `${venvBin}/neutron-db-manage`,
        ...configArguments,
        'upgrade',
        'heads',
      ]),
    ],
    content: context.content
      ? contentSteps({ ...context.provider, dnsServers: context.dnsServers, privateCidr: context.privateCidr })
      : [],
    verify: verifySteps(),
    leaveNode: text(import.meta.url, './leave-node.sh'),
  }
}

export const neutron: ServiceDefinition = {
  name: 'neutron',
  summary: 'Neutron, the network service, with OVN',
  optionLists: { 'neutron.conf': 'neutron', 'ml2_conf.ini': 'ml2', 'ovn_agent.ini': 'neutron-ovn-agent' },
  images,
  declares: (context) => {
    const declared = openStackService(context, {
      name: 'neutron',
      type: 'network',
      port,
      queue: true,
      admin: 'Nova takes its events about ports of others only from an administrator',
    })
    const own = declared.secrets?.[secretName('neutron')]
    return {
      ...declared,
      secrets: {
        [secretName('neutron')]: { keys: { ...own?.keys, 'metadata-secret': { kind: 'password', length: 32 } } },
      },
    }
  },
  build,
}
