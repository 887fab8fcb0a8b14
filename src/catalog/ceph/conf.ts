/** ceph.conf of the daemons. */
import { createHash } from 'node:crypto'
import type { CatalogContext, Ini, VolumeSpec } from '../model.ts'
import { secretName } from '../model.ts'
import { monitorHosts } from '../storage.ts'
import { osdCount } from './places.ts'

const gibibyte = 2 ** 30
/** Placement groups of a pool: few, for few OSDs; Ceph's own choice would be 32. */
export const placementGroups = 8

/** Ceph's own users: Secret and the directory that it is mounted at. Whoever has the administrator's or the monitors' key has everything. */
export const daemonKeys = {
  admin: { secret: secretName('ceph'), directory: '/etc/ceph/admin' },
  mgr: { secret: 'ceph-mgr', directory: '/etc/ceph/mgr' },
  bootstrap: { secret: 'ceph-bootstrap-osd', directory: '/etc/ceph/bootstrap-osd' },
} as const

export const keyVolume = (name: keyof typeof daemonKeys): VolumeSpec => ({
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
export const copies = (context: CatalogContext): number => Math.min(3, osdCount(context))

/** Modules of the manager that nothing here asks for, among those that it can do without; each is an interpreter of its own. */
const idleModules = [
  ...['alerts', 'influx', 'insights', 'iostat', 'localpool', 'mirroring', 'nfs', 'osd_perf_query', 'osd_support'],
  ...['prometheus', 'restful', 'selftest', 'snap_schedule', 'stats', 'telegraf', 'test_orchestrator', 'zabbix'],
]

export const cephConf = (context: CatalogContext): Ini => ({
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
