import { createHash } from 'node:crypto'
import {
  type BuildContext,
  type CatalogContext,
  type Component,
  component,
  configDir,
  type Declarations,
  type EnvValue,
  type Ini,
  type ServiceDefinition,
  type ServiceParts,
  type StorageUser,
  secretName,
  type Task,
  type VolumeSpec,
  type Work,
} from '../model.ts'
import { monitorCount, monitorHosts, monitorPort } from '../storage.ts'
import { text } from '../text.ts'
import { images } from './images.ts'

const gibibyte = 2 ** 30
/** Placement groups of a pool: few, for few OSDs; Ceph's own choice would be 32. */
const placementGroups = 8

/** Ceph's own users: Secret and the directory that it is mounted at. Whoever has the administrator's or the monitors' key has everything. */
const daemonKeys = {
  admin: { secret: secretName('ceph'), directory: '/etc/ceph/admin' },
  mgr: { secret: 'ceph-mgr', directory: '/etc/ceph/mgr' },
  bootstrap: { secret: 'ceph-bootstrap-osd', directory: '/etc/ceph/bootstrap-osd' },
} as const

const keyVolume = (name: keyof typeof daemonKeys): VolumeSpec => ({
  kind: 'secret',
  name,
  secret: daemonKeys[name].secret,
  mountPath: daemonKeys[name].directory,
  mode: 0o440,
})

/** The cluster's identity, the same at every rendering. */
function clusterId({ cloudName, namespace, region }: CatalogContext): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['ceph', cloudName, namespace, region]))
    .digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}

/** Copies of every object: up to three, on as many OSDs. */
const copies = (context: CatalogContext): number => Math.min(3, context.replicas('ceph', 'osd'))

/** Modules of the manager that nothing here asks for, among those that it can do without; each is an interpreter of its own. */
const idleModules = [
  ...['alerts', 'influx', 'insights', 'iostat', 'localpool', 'mirroring', 'nfs', 'osd_perf_query', 'osd_support'],
  ...['prometheus', 'restful', 'selftest', 'snap_schedule', 'stats', 'telegraf', 'test_orchestrator', 'zabbix'],
]

const cephConf = (context: CatalogContext): Ini => ({
  global: {
    fsid: clusterId(context),
    mon_host: monitorHosts(context),
    auth_cluster_required: 'cephx',
    auth_service_required: 'cephx',
    auth_client_required: 'cephx',
    auth_allow_insecure_global_id_reclaim: false,
    ms_bind_msgr1: false,
    ms_learn_addr_from_peer: false,
    log_to_file: false,
    log_to_stderr: true,
    err_to_stderr: true,
    osd_pool_default_size: copies(context),
    osd_pool_default_min_size: copies(context) === 3 ? 2 : 1,
    osd_pool_default_pg_num: placementGroups,
    osd_pool_default_pg_autoscale_mode: 'off',
    mon_allow_pool_size_one: true,
    mon_warn_on_pool_no_redundancy: false,
  },
  mon: {
    mon_cluster_log_to_file: false,
    mon_cluster_log_to_stderr: false,
    mon_memory_autotune: false,
    rocksdb_cache_size: 32 * 2 ** 20,
    // A claim on a local disk fills with its neighbours.
    mon_data_avail_warn: 5,
    mon_data_avail_crit: 1,
  },
  mgr: {
    keyring: `${daemonKeys.mgr.directory}/keyring`,
    mgr_initial_modules: '',
    mgr_disabled_modules: idleModules.join(','),
    // At every tick it counts, and says in its log what it has counted.
    mgr_tick_period: 10,
  },
  osd: {
    // A sparse file of that size on the claim, fixed when the OSD is made.
    bluestore_block_size: 8 * gibibyte,
    bluestore_cache_autotune: false,
    bluestore_cache_size: 64 * 2 ** 20,
    osd_memory_target: 896 * 2 ** 20,
    // No benchmark at each start: its result is worthless beside neighbours.
    osd_mclock_skip_benchmark: true,
  },
  'client.admin': { keyring: `${daemonKeys.admin.directory}/admin` },
  'client.bootstrap-osd': { keyring: `${daemonKeys.bootstrap.directory}/keyring` },
})

function base(context: CatalogContext, scripts: readonly string[]) {
  return {
    image: 'ceph',
    user: 'ceph',
    files: {
      '/etc/ceph/ceph.conf': { ini: cephConf(context) },
      ...Object.fromEntries(
        scripts.map((name) => [`${configDir}/${name}`, { text: text(import.meta.url, `./${name}`) }]),
      ),
    },
    env: {
      POD_NAME: { field: 'metadata.name' },
      POD_IP: { field: 'status.podIP' },
      NODE_NAME: { field: 'spec.nodeName' },
    } as Readonly<Record<string, EnvValue>>,
  } as const satisfies Partial<Work>
}

/** What a daemon says of itself on its socket. */
const asked = (...words: readonly string[]) => ({ exec: ['python3', '-IS', `${configDir}/asked.py`, ...words] })

/** Ready when it takes part; but one that waits for the others is alive as long as it answers. */
const answers = (daemon: string, command: string, field: string, ...good: readonly string[]) => ({
  ready: asked(daemon, command, field, ...good),
  live: asked(daemon, command, field),
})

const run: VolumeSpec = { kind: 'empty', name: 'run', mountPath: '/run/ceph', memory: true }

function mon(context: CatalogContext): Component {
  const common = base(context, ['mon.sh', 'asked.py'])
  return {
    ...common,
    name: 'mon',
    kind: 'statefulset',
    summary: 'the monitors, which know where everything is',
    command: ['sh', `${configDir}/mon.sh`],
    placement: ['control'],
    replicas: monitorCount(context),
    priority: 'infrastructure',
    ports: [{ name: 'msgr2', port: monitorPort }],
    addressed: true,
    env: { ...common.env, MONITORS: String(monitorCount(context)) },
    volumes: [
      { kind: 'claim', name: 'data', mountPath: '/var/lib/ceph/mon', size: '5Gi', perReplica: true },
      run,
      keyVolume('admin'),
      keyVolume('mgr'),
      keyVolume('bootstrap'),
    ],
    needs: [],
    resources: { cpu: '20m', memory: '80Mi' },
    probes: { ...answers('mon', 'mon_status', 'state', 'leader', 'peon'), periodSeconds: 15 },
  }
}

function mgr(context: CatalogContext): Component {
  return {
    ...base(context, ['asked.py']),
    name: 'mgr',
    kind: 'statefulset',
    summary: 'the manager, which counts and balances',
    command: ['ceph-mgr', '--foreground', '--id', 'a'],
    placement: ['control'],
    replicas: 1,
    priority: 'infrastructure',
    volumes: [run, keyVolume('mgr')],
    needs: [component('ceph/mon')],
    resources: { cpu: '20m', memory: '160Mi' },
    probes: { ...answers('mgr', 'mgr_status', 'initialized', 'true'), periodSeconds: 10 },
  }
}

function osd(context: CatalogContext): Component {
  return {
    ...base(context, ['osd.sh', 'asked.py']),
    name: 'osd',
    kind: 'statefulset',
    summary: 'the OSDs, which hold the data',
    command: ['sh', `${configDir}/osd.sh`],
    placement: ['storage', 'control'],
    replicas: context.replicas('ceph', 'osd'),
    priority: 'infrastructure',
    volumes: [
      { kind: 'claim', name: 'data', mountPath: '/var/lib/ceph/osd', size: '10Gi', perReplica: true },
      run,
      keyVolume('bootstrap'),
    ],
    needs: [component('ceph/mon')],
    resources: { cpu: '20m', memory: '160Mi' },
    probes: { ...answers('osd', 'status', 'state', 'active'), periodSeconds: 10 },
    graceSeconds: 60,
  }
}

const keyringVariable = (user: string): string => `KEYRING_${user.toUpperCase().replaceAll('-', '_')}`

function pools(context: BuildContext): Task {
  const users = context.declared.flatMap(({ declarations }) => declarations.storage ?? [])
  const written = users.flatMap((user) => Object.keys(user.pools).filter((pool) => user.pools[pool] === 'write'))
  const wanted = {
    size: copies(context),
    placementGroups,
    pools: [...new Set(written)].sort(),
    users: users.map(({ user, pools: of }) => ({ user, caps: caps(of), keyring: keyringVariable(user) })),
  }
  const common = base(context, ['pools.py'])
  return {
    ...common,
    name: 'pools',
    summary: 'pools and users of the block storage',
    command: ['python3', `${configDir}/pools.py`, `${configDir}/pools.json`],
    placement: ['control'],
    files: { ...common.files, [`${configDir}/pools.json`]: { text: `${JSON.stringify(wanted, undefined, 2)}\n` } },
    env: Object.fromEntries(users.map(({ user, secret, key }) => [keyringVariable(user), { secret, key }])),
    volumes: [run, keyVolume('admin')],
    needs: [component('ceph/mon'), component('ceph/mgr'), component('ceph/osd')],
    resources: { cpu: '20m', memory: '64Mi' },
  }
}

/** Ceph's own profiles for block devices, no wider than the pools. */
function caps(of: StorageUser['pools']): Readonly<Record<string, string>> {
  const written = Object.keys(of).filter((pool) => of[pool] === 'write')
  const profiles = Object.entries(of).map(
    ([pool, mode]) => `profile ${mode === 'write' ? 'rbd' : 'rbd-read-only'} pool=${pool}`,
  )
  return {
    mon: 'profile rbd',
    osd: profiles.join(', '),
    mgr: written.map((pool) => `profile rbd pool=${pool}`).join(', '),
  }
}

function build(context: BuildContext): ServiceParts {
  return { components: [mon(context), mgr(context), osd(context)], tasks: [pools(context)] }
}

const declares = (): Declarations => ({
  secrets: {
    [daemonKeys.admin.secret]: {
      keys: { mon: { kind: 'ceph-keyring', entity: 'mon.' }, admin: { kind: 'ceph-keyring', entity: 'client.admin' } },
    },
    [daemonKeys.mgr.secret]: { keys: { keyring: { kind: 'ceph-keyring', entity: 'mgr.a' } } },
    [daemonKeys.bootstrap.secret]: { keys: { keyring: { kind: 'ceph-keyring', entity: 'client.bootstrap-osd' } } },
  },
})

export const ceph: ServiceDefinition = {
  name: 'ceph',
  summary: 'Ceph, the block storage',
  // Any option goes: Ceph knows two thousand, and only its own monitors know which.
  optionLists: { 'ceph.conf': 'ceph' },
  images,
  declares,
  build,
}
