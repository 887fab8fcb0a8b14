/**
 * Every label that Magnum's drivers knew or know, and what it does here: exactly one verdict each. A label without effect is accepted,
 * so that templates written for another cloud work, and is answered with a sentence that says so: silently dropped labels are a standing
 * complaint. What would leave a cluster otherwise than it was asked for in what it is for is refused. `docs/reference/labels.md` is made
 * of this table, and `drivers/heat/labels.test.ts` holds it to what the driver does.
 */
import type { ClusterTemplateSpec } from '../model/index.ts'
import { honoured } from './labels-honoured.ts'

export type Coe = ClusterTemplateSpec['coe']

export type LabelVerdict = 'honoured' | 'unused' | 'refused'

export interface LabelEntry {
  readonly verdict: LabelVerdict
  /** Honoured: what it changes. Unused: what is so instead. Refused: why, and what to do. Begins small, has no full stop. */
  readonly says: string
  /** What its value has to look like. @default 'text' */
  readonly value?: 'boolean' | 'whole' | 'version'
  /** Of an honoured one: a value that changes something. */
  readonly example?: string
  /** Labels of which one has to be there for it to mean anything. */
  readonly needs?: readonly string[]
  /** Whoever says false gets just that, whatever else there is to say of it. */
  readonly off?: true
  /** Whether it means the same for `swarm-mode`; without effect there otherwise. */
  readonly swarm?: true
  /** Of one that asks for an add-on: which. It stays when a later template says otherwise. */
  readonly installs?: string
}

const entriesOf = (names: string, entry: LabelEntry): readonly (readonly [name: string, entry: LabelEntry])[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, entry])

const unused = (says: string): LabelEntry => ({ verdict: 'unused', says })
const switches = (says: string): LabelEntry => ({ ...unused(says), value: 'boolean', off: true })
const refused = (says: string): LabelEntry => ({ verdict: 'refused', says })

const addOns = 'the driver does not install it; apply its manifests with kubectl'
const snapshots = 'the controller of snapshots and its kinds are not installed; apply their manifests with kubectl'

const withoutEffect = [
  ...entriesOf(
    'monitoring_ingress_enabled prometheus_adapter_enabled npd_enabled cilium_hubble_ui_enabled',
    switches(addOns),
  ),
  ...entriesOf('prometheus_monitoring', switches('monitoring_enabled asks for it since')),
  ...entriesOf(
    `manila_csi_share_network_id cluster_basic_auth_secret cluster_root_domain_name ingress_controller
     ingress_controller_role manila_csi_plugin_tag node_problem_detector_tag prometheus_adapter_chart_tag
     prometheus_adapter_configmap draino_tag octavia_ingress_controller_tag nginx_ingress_controller_tag
     nginx_ingress_controller_chart_tag traefik_ingress_controller_tag traefik_ingress_controller_chart_tag
     magnum_auto_healer_tag`,
    unused(addOns),
  ),
  ...entriesOf('metrics_scraper_tag', unused('Headlamp asks metrics-server itself')),
  ...entriesOf('prometheus_operator_chart_tag', unused('Prometheus comes without an operator; see prometheus_tag')),
  ...entriesOf(
    'grafana_admin_passwd',
    unused('a label is there to be read; the password is drawn, and is in the Secret grafana-admin of kube-system'),
  ),
  ...entriesOf('csi_snapshotter_tag', unused(snapshots)),
  ...entriesOf('auto_healing_controller', unused('the driver heals by itself where auto_healing_enabled says so')),
  ...entriesOf(
    'different_failure_domain',
    unused('availability_zone says where nodes are, and server_group_policies how far apart'),
  ),
  ...entriesOf(
    'coredns_tag etcd_tag k8s_keystone_auth_tag tiller_tag',
    unused('versions of what a cluster is made of come with the node image'),
  ),
  ...entriesOf(
    `container_runtime containerd_version containerd_tarball_url containerd_tarball_sha256 docker_version cgroup_driver
     use_podman selinux_mode hyperkube_prefix hyperkube_image kube_image_digest`,
    unused('the container runtime is containerd as the node image has it'),
  ),
  ...entriesOf(
    'ostree_remote ostree_commit heat_container_agent_tag atomic_host_version',
    unused('it belongs to Fedora images, which no driver here uses'),
  ),
  ...entriesOf(
    'helm_client_tag helm_client_url helm_client_sha256 tiller_namespace capi_helm_chart_version',
    unused('nothing is installed by Helm'),
  ),
  ...entriesOf('tiller_enabled', switches('nothing is installed by Helm')),
  ...entriesOf('heapster_enabled influx_grafana_dashboard_enabled', switches('Heapster is gone from Kubernetes')),
  ...entriesOf('etcd_blockdevice_type', unused('etcd has a volume of its own where etcd_volume_size says so')),
  ...entriesOf('cert_manager_api', switches('the key of a CA never leaves for the nodes')),
  ...entriesOf('rexray_preempt swarm_strategy', unused('it belongs to standalone Swarm, which is gone from Docker')),
  ...entriesOf(
    `mesos_slave_isolation mesos_slave_image_providers mesos_slave_work_dir
     mesos_slave_executor_env_variables`,
    unused('Mesos is not served'),
  ),
]

const notMade = [
  ...entriesOf(
    'extra_network_names',
    refused('nodes have one network; put the cluster on the one it needs with fixed_network and fixed_subnet'),
  ),
]

export const labelTable: ReadonlyMap<string, LabelEntry> = new Map([...honoured, ...withoutEffect, ...notMade])
