import { openStackService } from '../declare.ts'
import {
  type BuildContext,
  type Component,
  component,
  configDir,
  type Declarations,
  onNode,
  type ServiceDefinition,
  type ServiceParts,
  type StorageUser,
  secretName,
  task,
  type VolumeSpec,
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
  uwsgiApi,
  venvBin,
} from '../oslo.ts'
import { clientConf, clientConfFile, hasStorage, keyringVolume, storageUser } from '../storage.ts'
import { text } from '../text.ts'
import { contentSteps } from './content.ts'
import { verifySteps } from './verify.ts'

const apiPort = 8774
const metadataPort = 8775
const consolePort = 6080
const confFile = '/etc/nova/nova.conf'
/** Nova asks Glance as the user whose request it works on, with `service_user` beside. */
const authSections = ['placement', 'service_user', 'neutron', 'cinder']

/** Who owns the disks of servers where those stand on the block storage, and under which UUID libvirt has its key. */
const disksPool = 'vms'
const diskSecret = '0b8f5a52-3f0c-4a6b-8d0e-2a7f9d1c4e63'
const diskUser = storageUser('nova', { pools: { [disksPool]: 'write', images: 'read' }, libvirtSecret: diskSecret })

/** Every privileged context of nova-compute: sudo in the virtual environment needs the whole path. */
const privsepSections = [
  'nova_sys_admin',
  'vif_plug_ovs_privileged',
  'vif_plug_linux_bridge_privileged',
  'privsep_osbrick',
]

const novaConf = (context: BuildContext) => ({
  DEFAULT: {
    state_path: '/var/lib/nova',
    instances_path: '/var/lib/nova/instances',
    compute_driver: 'libvirt.LibvirtDriver',
    force_config_drive: false,
    ram_allocation_ratio: 4,
    cpu_allocation_ratio: 32,
    disk_allocation_ratio: 4,
    reserved_host_memory_mb: 512,
    vif_plugging_timeout: 120,
    vif_plugging_is_fatal: true,
    default_ephemeral_format: 'ext4',
    // After a power cut guests that ran run again.
    resume_guests_state_on_host_boot: true,
    graceful_shutdown_timeout: 10,
    use_stderr: true,
  },
  api_database: { max_pool_size: 5 },
  database: { max_pool_size: 5 },
  ...apiSections(context, 'nova'),
  ...messagingSections,
  placement: authSection(context, 'nova'),
  glance: { region_name: context.region },
  service_user: { ...loginSection(context, 'nova'), send_service_user_token: true },
  neutron: { ...authSection(context, 'nova'), service_metadata_proxy: true },
  cinder: {
    ...loginSection(context, 'nova'),
    os_region_name: context.region,
    catalog_info: 'block-storage::internalURL',
  },
  conductor: { workers: context.workers },
  scheduler: { workers: context.workers, discover_hosts_in_cells_interval: 5 },
  oslo_concurrency: { lock_path: '/var/lib/nova/tmp' },
  vnc: { enabled: true, server_listen: '0.0.0.0', novncproxy_base_url: `${context.publicUrl}/console/vnc_lite.html` },
  spice: { enabled: false },
})

const computeConf = (context: BuildContext) => ({
  ...novaConf(context),
  ...Object.fromEntries(
    privsepSections.map((section) => [
      section,
      { helper_command: `sudo ${venvBin}/privsep-helper --config-file ${confFile}` },
    ]),
  ),
  libvirt: {
    virt_type: context.virtType,
    cpu_mode: context.virtType === 'kvm' ? 'host-passthrough' : 'host-model',
    num_pcie_ports: 8,
    // Disks stay on the node until the document sets images_type to rbd.
    ...(hasStorage(context)
      ? {
          images_rbd_pool: disksPool,
          images_rbd_ceph_conf: clientConfFile,
          rbd_user: diskUser.user.user,
          rbd_secret_uuid: diskSecret,
        }
      : {}),
  },
  workarounds: { skip_cpu_compare_on_dest: true },
})

const libvirtdConf = `auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
log_outputs = "3:stderr"
`

/** No security driver: there is none in a container. Namespaces off: a disk that is attached later must be seen by a running guest. */
const qemuConf = `security_driver = "none"
namespaces = []
stdio_handler = "file"
`

/** On the node, not in the Pod: guests and their disks outlive it. */
const volumes: readonly VolumeSpec[] = [
  { kind: 'host', name: 'run-libvirt', path: '/run/libvirt', mountPath: '/run/libvirt' },
  {
    kind: 'host',
    name: 'var-lib-nova',
    path: '/var/lib/nova',
    mountPath: '/var/lib/nova',
    propagation: 'Bidirectional',
    owner: '42436:42436',
    directories: ['instances', 'tmp'],
  },
  { kind: 'host', name: 'run-openvswitch', path: '/run/openvswitch', mountPath: '/run/openvswitch' },
  // Nova looks for a guest's console where libvirt made it, and that outlives both.
  { kind: 'host', name: 'dev-pts', path: '/dev/pts', mountPath: '/dev/pts', type: 'Directory' },
]

const controlEnv = {
  ...pythonEnv,
  ...databaseEnv('nova'),
  ...databaseEnv('nova', { section: 'api_database', database: 'nova_api' }),
  ...queueEnv('nova'),
  ...passwordEnv('nova', ['keystone_authtoken', ...authSections]),
}

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
    env: controlEnv,
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
    ...uwsgiApi(base(context).files, { module, port, workers: context.workers, threads: 1 }),
    env: name === 'metadata' ? { ...controlEnv, ...metadataSecret } : controlEnv,
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
    env: { ...controlEnv, OS_DEFAULT__HOST: { field: 'metadata.name' } },
    probes: queueProbes(`nova-${name}`),
  }
}

/** Users of the block storage as whom guests open their volumes; libvirt knows their keys by UUID. */
const guestUsers = (context: BuildContext): readonly (StorageUser & { readonly libvirtSecret: string })[] =>
  (hasStorage(context) ? context.declared : [])
    .flatMap(({ declarations }) => declarations.storage ?? [])
    .flatMap((user) => (user.libvirtSecret === undefined ? [] : [{ ...user, libvirtSecret: user.libvirtSecret }]))

const keyringDir = '/run/keyrings'

const libvirt = (context: BuildContext): Component => ({
  name: 'libvirt',
  kind: 'daemonset',
  summary: 'libvirt, which starts the guests of a node',
  image: 'compute',
  command: ['sh', `${configDir}/libvirt.sh`],
  user: 'root',
  privileged: 'starts virtual machines and moves itself out of the cgroup of its Pod',
  hostNetwork: true,
  hostPid: true,
  placement: ['compute'],
  update: 'delete',
  priority: 'infrastructure',
  files: {
    [`${configDir}/libvirt.sh`]: { text: text(import.meta.url, './libvirt.sh') },
    [`${configDir}/libvirtd.conf`]: { text: libvirtdConf },
    '/etc/libvirt/qemu.conf': { text: qemuConf },
  },
  env: {
    KEYRINGS: guestUsers(context)
      .map(({ secret, key, libvirtSecret }) => `${libvirtSecret}=${keyringDir}/${secret}/${key}`)
      .join(' '),
  },
  volumes: [
    ...volumes,
    ...guestUsers(context).map(
      ({ secret }): VolumeSpec => ({
        kind: 'secret',
        name: secret,
        secret,
        mountPath: `${keyringDir}/${secret}`,
        mode: 0o400,
      }),
    ),
    { kind: 'host', name: 'var-lib-libvirt', path: '/var/lib/libvirt', mountPath: '/var/lib/libvirt' },
    { kind: 'host', name: 'etc-libvirt-qemu', path: '/var/lib/croque/libvirt-qemu', mountPath: '/etc/libvirt/qemu' },
    { kind: 'host', name: 'cgroup', path: '/sys/fs/cgroup', mountPath: '/sys/fs/cgroup', type: 'Directory' },
  ],
  needs: [onNode('ovn/vswitchd')],
  resources: { cpu: '50m', memory: '64Mi' },
  probes: { ready: { exec: ['virsh', '-c', 'qemu:///system', 'list'] }, live: false, periodSeconds: 5 },
  graceSeconds: 40,
})

const compute = (context: BuildContext): Component => ({
  name: 'compute',
  kind: 'daemonset',
  summary: 'nova-compute, which makes servers on a node',
  image: 'compute',
  command: [`${venvBin}/nova-compute`],
  user: 'nova',
  privileged: 'plugs guests into the switch of the node and mounts their disks',
  hostNetwork: true,
  placement: ['compute'],
  files: {
    [confFile]: { ini: computeConf(context) },
    ...(hasStorage(context) ? { [clientConfFile]: { ini: clientConf(context, { nova: '/etc/ceph' }) } } : {}),
  },
  env: {
    ...pythonEnv,
    ...queueEnv('nova'),
    ...passwordEnv('nova', ['keystone_authtoken', ...authSections]),
    // The same name as in Open vSwitch's external_ids:hostname, else port binding fails.
    OS_DEFAULT__HOST: { field: 'spec.nodeName' },
    OS_DEFAULT__MY_IP: { field: 'status.hostIP' },
    OS_VNC__SERVER_PROXYCLIENT_ADDRESS: { field: 'status.hostIP' },
  },
  // Without privilege of its own the program reads it as everybody may, in a file system that only this container has.
  volumes: [...volumes, ...(hasStorage(context) ? [keyringVolume('nova', '/etc/ceph', 0o444)] : [])],
  needs: [
    onNode('nova/libvirt'),
    onNode('ovn/vswitchd'),
    ...queueNeeds,
    task('keystone/identity'),
    component('nova/conductor'),
    component('placement/api'),
    // Guests of the node read and write their volumes there.
    ...(hasStorage(context) ? [component('ceph/mon')] : []),
  ],
  resources: { cpu: '50m', memory: '256Mi' },
  probes: queueProbes('nova-compute'),
  graceSeconds: 25,
})

function build(context: BuildContext): ServiceParts {
  return {
    components: [
      api(context, 'api', 'nova.wsgi.osapi_compute', apiPort, 'the compute API'),
      api(context, 'metadata', 'nova.wsgi.metadata', metadataPort, 'the metadata API for guests'),
      worker(context, 'conductor', 'writes to the database for the compute nodes'),
      worker(context, 'scheduler', 'chooses the node of a new server'),
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
        ],
        replicas: context.replicas('nova', 'novncproxy'),
        ports: [{ name: 'http', port: consolePort }],
        resources: { cpu: '20m', memory: '128Mi' },
        probes: { ready: { tcp: consolePort } },
      },
      libvirt(context),
      compute(context),
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
    content: context.content ? contentSteps({ flavors: context.flavors }) : [],
    verify: verifySteps({
      flavors: context.flavors,
      ...(context.dnsServers.includes(context.provider.gateway) ? { publicUrl: context.publicUrl } : {}),
    }),
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
  return {
    ...declared,
    routes: [
      ...(declared.routes ?? []),
      { name: 'console', prefix: '/console', component: 'nova/novncproxy', port: consolePort, websocket: true },
    ],
    storage: [diskUser.user],
    secrets: {
      ...declared.secrets,
      ...diskUser.secrets,
      'nova-keypair': { keys: { id_ed25519: { kind: 'ssh-key' } } },
    },
  }
}

export const nova: ServiceDefinition = {
  name: 'nova',
  summary: 'Nova, the compute service, with libvirt and QEMU',
  optionLists: { 'nova.conf': 'nova' },
  declares,
  build,
}
