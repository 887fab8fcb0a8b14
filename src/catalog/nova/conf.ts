/** nova.conf, as every program of Nova has it. */
import type { BuildContext } from '../model.ts'
import { apiSections, authSection, loginSection, messagingSections } from '../oslo.ts'
import { caFile, withTls } from '../tls.ts'

export const confFile = '/etc/nova/nova.conf'
/** Nova asks Glance as the user whose request it works on, with `service_user` beside. */
export const authSections = ['placement', 'service_user', 'neutron', 'cinder']

export const novaConf = (context: BuildContext) => ({
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
  },
  api_database: { max_pool_size: 5 },
  database: { max_pool_size: 5 },
  ...apiSections(context, 'nova', 'compute'),
  ...messagingSections(context),
  placement: authSection(context, 'nova'),
  glance: { region_name: context.region, ...withTls(context, { cafile: caFile }) },
  service_user: { ...loginSection(context, 'nova'), send_service_user_token: true },
  neutron: { ...authSection(context, 'nova'), service_metadata_proxy: true },
  cinder: {
    ...loginSection(context, 'nova'),
    os_region_name: context.region,
    catalog_info: 'block-storage::internalURL',
  },
  conductor: { workers: context.workers },
  scheduler: {
    workers: context.workers,
    discover_hosts_in_cells_interval: 5,
    // With more, a user is told that all hosts were tried and not what the one for container guests said.
    ...(context.lxc ? { max_attempts: 1 } : {}),
  },
  oslo_concurrency: { lock_path: '/var/lib/nova/tmp' },
  vnc: { enabled: true, server_listen: '0.0.0.0', novncproxy_base_url: `${context.publicUrl}/console/vnc_lite.html` },
  spice: { enabled: false },
})
