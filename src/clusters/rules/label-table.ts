/**
 * Every label that Magnum's drivers knew or know, and what it does here. A label without effect is accepted, so that templates written
 * for another cloud work, and is answered with a sentence that says so: silently dropped labels are a standing complaint.
 */
import type { ClusterTemplateSpec } from '../model/index.ts'

export type Coe = ClusterTemplateSpec['coe']

export interface LabelEntry {
  /** Which orchestrators read it. Empty: nothing does, and `reason` says why. */
  readonly coes: readonly Coe[]
  readonly reason?: string
  /** What its value has to look like. @default 'text' */
  readonly value?: 'boolean' | 'whole' | 'version'
}

const names = (text: string): readonly string[] => text.trim().split(/\s+/)

function entries(text: string, entry: LabelEntry): readonly (readonly [string, LabelEntry])[] {
  return names(text).map((name) => [name, entry])
}

const kubernetes = ['kubernetes'] as const
const both = ['kubernetes', 'swarm-mode'] as const
const ignored = (reason: string): LabelEntry => ({ coes: [], reason })

const honoured = [
  ...entries('kube_tag', { coes: kubernetes, value: 'version' }),
  ...entries(
    `fixed_subnet_cidr availability_zone boot_volume_type docker_volume_type container_infra_prefix
     server_group_policies extra_network_names different_failure_domain octavia_provider octavia_lb_algorithm
     master_lb_allowed_cidrs api_master_lb_allowed_cidrs boot_volume_availability_zone`,
    { coes: both },
  ),
  ...entries('boot_volume_size', { coes: both, value: 'whole' }),
  ...entries('octavia_lb_healthcheck master_lb_floating_ip_enabled cloud_provider_enabled', {
    coes: both,
    value: 'boolean',
  }),
  ...entries(
    `flannel_network_cidr flannel_backend calico_ipv4pool calico_ipv4pool_ipip service_cluster_ip_range
     dns_cluster_domain etcd_volume_type etcd_blockdevice_type etcd_blockdevice_volume_type etcd_blockdevice_volume_az
     ingress_controller ingress_controller_role auto_healing_controller kubelet_options kubeapi_options
     kubescheduler_options kubecontroller_options kubeproxy_options api_server_cert_sans api_server_tls_cipher_suites
     kubelet_tls_cipher_suites oidc_issuer_url oidc_client_id oidc_username_claim oidc_username_prefix
     oidc_groups_claim oidc_groups_prefix manila_csi_share_network_id csi_cinder_availability_zone
     csi_cinder_reclaim_policy csi_cinder_volume_binding_mode csi_cinder_fstype monitoring_storage_class_name
     cluster_basic_auth_secret cluster_root_domain_name grafana_admin_passwd`,
    { coes: kubernetes },
  ),
  ...entries(
    `flannel_network_subnetlen etcd_volume_size etcd_blockdevice_size min_node_count max_node_count
     audit_log_max_age audit_log_max_backup audit_log_max_size monitoring_retention_days monitoring_retention_size
     monitoring_interval_seconds`,
    { coes: kubernetes, value: 'whole' },
  ),
  ...entries(
    `cinder_csi_enabled keystone_auth_enabled kube_dashboard_enabled metrics_server_enabled monitoring_enabled
     monitoring_ingress_enabled prometheus_adapter_enabled prometheus_monitoring auto_healing_enabled
     auto_scaling_enabled worker_cloud_config_enabled audit_log_enabled cilium_hubble_ui_enabled csi_cinder_allow_volume_expansion npd_enabled`,
    { coes: kubernetes, value: 'boolean' },
  ),
]

const withoutEffect = [
  ...entries(
    `flannel_tag flannel_cni_tag calico_tag coredns_tag etcd_tag cloud_provider_tag cinder_csi_plugin_tag
     manila_csi_plugin_tag csi_attacher_tag csi_provisioner_tag csi_snapshotter_tag csi_resizer_tag
     csi_node_driver_registrar_tag csi_liveness_probe_tag k8s_keystone_auth_tag kube_dashboard_version
     metrics_scraper_tag metrics_server_chart_tag node_problem_detector_tag prometheus_operator_chart_tag
     prometheus_adapter_chart_tag prometheus_adapter_configmap magnum_auto_healer_tag draino_tag autoscaler_tag
     octavia_ingress_controller_tag nginx_ingress_controller_tag nginx_ingress_controller_chart_tag
     traefik_ingress_controller_tag traefik_ingress_controller_chart_tag prometheus_tag grafana_tag
     tiller_tag cilium_tag`,
    ignored('versions of add-ons come with the node image and the Kubernetes version (kube_tag)'),
  ),
  ...entries(
    `container_runtime containerd_version containerd_tarball_url containerd_tarball_sha256 docker_version cgroup_driver
     use_podman selinux_mode hyperkube_prefix hyperkube_image kube_image_digest`,
    ignored('the container runtime is containerd as the node image has it'),
  ),
  ...entries(
    'ostree_remote ostree_commit heat_container_agent_tag atomic_host_version',
    ignored('it belongs to Fedora images, which no driver here uses'),
  ),
  ...entries(
    'helm_client_tag helm_client_url helm_client_sha256 tiller_enabled tiller_namespace capi_helm_chart_version',
    ignored('add-ons are installed without Helm'),
  ),
  ...entries(
    'heapster_enabled influx_grafana_dashboard_enabled',
    ignored('Heapster is gone from Kubernetes; metrics_server_enabled and monitoring_enabled do its work'),
  ),
  ...entries('admission_control_list', ignored('kubeapi_options takes any option of the API server')),
  ...entries('cert_manager_api', ignored('the key of a CA never leaves for the nodes')),
  ...entries('rexray_preempt swarm_strategy', ignored('it belongs to standalone Swarm, which is gone from Docker')),
  ...entries(
    `mesos_slave_isolation mesos_slave_image_providers mesos_slave_work_dir
     mesos_slave_executor_env_variables`,
    ignored('Mesos is not served'),
  ),
]

export const labelTable: ReadonlyMap<string, LabelEntry> = new Map([...honoured, ...withoutEffect])
