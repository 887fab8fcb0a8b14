/** Labels that change something, each with a value that does. */
import type { LabelEntry } from './label-table.ts'

type Row = readonly [name: string, entry: LabelEntry]
type More = Omit<LabelEntry, 'verdict' | 'says' | 'example'>

const row = (name: string, says: string, example: string, more: More = {}): Row => [
  name,
  { verdict: 'honoured', says, example, ...more },
]
const whole = { value: 'whole' } as const
const truth = { value: 'boolean' } as const
const swarm = { swarm: true } as const

const etcdSizes = ['etcd_volume_size', 'etcd_blockdevice_size']

const placement: readonly Row[] = [
  row('availability_zone', 'where servers are', 'az1', swarm),
  row('server_group_policies', 'how servers are spread; soft-anti-affinity without it', 'anti-affinity', swarm),
  row('boot_volume_size', 'GB of the volume that servers boot from; 0 is the disk of the flavor', '20', {
    ...swarm,
    ...whole,
  }),
  row('boot_volume_type', 'type of that volume', 'fast', { ...swarm, needs: ['boot_volume_size'] }),
  row('boot_volume_availability_zone', 'where that volume is', 'az2', { ...swarm, needs: ['boot_volume_size'] }),
  row('docker_volume_type', 'type of the volume that docker_volume_size asks for', 'fast', swarm),
  row('etcd_volume_size', 'GB of a volume for the data of etcd on masters; 0 is none', '15', whole),
  row('etcd_blockdevice_size', 'the same, as magnum-capi-helm calls it', '15', whole),
  row('etcd_volume_type', 'type of that volume', 'fast', { needs: etcdSizes }),
  row('etcd_blockdevice_volume_type', 'the same, as magnum-capi-helm calls it', 'fast', { needs: etcdSizes }),
  row('etcd_blockdevice_volume_az', 'where that volume is', 'az2', { needs: etcdSizes }),
  row('master_lb_allowed_cidrs', 'from where the API is reached; from everywhere without it', '192.0.2.0/24', swarm),
  row('api_master_lb_allowed_cidrs', 'the same, as magnum-capi-helm calls it', '192.0.2.0/24', swarm),
  row('master_lb_floating_ip_enabled', 'whether the API has a floating IP; as nodes without it', 'false', {
    ...swarm,
    ...truth,
  }),
]

const balancers: readonly Row[] = [
  row(
    'octavia_provider',
    "who provides load balancers: that of the API, where master_lb_enabled asks for one and the cloud has Octavia, and the cloud controller's; the cloud's default without it",
    'ovn',
  ),
  row('octavia_lb_algorithm', 'how they spread; ROUND_ROBIN without it, and SOURCE_IP_PORT with ovn', 'SOURCE_IP'),
  row('octavia_lb_healthcheck', 'whether they look who answers; true without it', 'false', truth),
]

const networks: readonly Row[] = [
  row('fixed_subnet_cidr', 'range of the network that the cluster makes; 10.0.0.0/24 without it', '10.7.0.0/24', swarm),
  row('calico_ipv4pool', 'range of Pods; before flannel_network_cidr', '10.101.0.0/16', swarm),
  row('flannel_network_cidr', 'range of Pods; 10.100.0.0/16 without it', '10.102.0.0/16', swarm),
  row(
    'flannel_network_subnetlen',
    "length of a node's part of it; 24 without it; Calico hands out parts of its own",
    '25',
    { ...swarm, ...whole },
  ),
  row('service_cluster_ip_range', 'range of Services; 10.254.0.0/16 without it', '10.253.0.0/16'),
  row('dns_cluster_domain', 'domain of Services; cluster.local without it', 'cluster.test'),
]

const nodes: readonly Row[] = [
  row(
    'container_infra_prefix',
    'registry that images of registry.k8s.io are taken from; add-ons are installed only with it, and their images are named by it and the last part of their names, or as they are with registry.k8s.io/',
    'registry.test:5000/infra/',
  ),
  row('kubelet_options', 'flags of the kubelet', '--max-pods=50'),
  row('kubelet_tls_cipher_suites', 'ciphers of the kubelet', 'TLS_AES_128_GCM_SHA256'),
  row('kubeproxy_options', 'settings of kube-proxy, by the names of its flags', '--proxy-mode=iptables'),
  row('kubecontroller_options', 'flags of the controller manager', '--terminated-pod-gc-threshold=10'),
  row('kubescheduler_options', 'flags of the scheduler', '--v=2'),
]

const users: readonly Row[] = [
  row('keystone_auth_enabled', 'whether users of Keystone are users of it; true without it', 'false', truth),
  row(
    'cloud_provider_enabled',
    'whether masters get /etc/kubernetes/cloud-config, with a credential for a cloud provider; true without it. Where it says true, and container_infra_prefix where images are, openstack-cloud-controller-manager is installed, and kubelets wait for it',
    'true',
    { ...truth, installs: 'openstack-cloud-controller-manager' },
  ),
  row('worker_cloud_config_enabled', 'whether workers get that file too; false without it', 'true', truth),
]

const mirrored = ['container_infra_prefix']
const csi = ['cinder_csi_enabled']
const monitoring = ['monitoring_enabled']
const flannel = ['flannel_backend']

/** See `drivers/heat/addons/`. */
const addOns: readonly Row[] = [
  row('cloud_provider_tag', 'tag of its image; v1.36.0 without it; from v1.28.0 on', 'v1.35.0', {
    needs: ['cloud_provider_enabled'],
  }),
  row(
    'flannel_backend',
    'where it says vxlan, and network_driver flannel, flannel connects Pods in the place of the driver; other backends have no effect',
    'vxlan',
    { needs: mirrored },
  ),
  row('flannel_tag', 'tag of its image; v0.28.9 without it; from v0.22.0 on', 'v0.28.8', { needs: flannel }),
  row('flannel_cni_tag', 'tag of its plugin; v1.9.1-flannel3 without it; from v1.1.0 on', 'v1.8.0', { needs: flannel }),
  row(
    'calico_tag',
    'tag of its images, where network_driver is calico; v3.32.1 without it; v3.31 and v3.32',
    'v3.31.7',
    {
      needs: mirrored,
    },
  ),
  row(
    'calico_ipv4pool_ipip',
    'where it says Always, and network_driver calico, Pods reach other nodes by IP in IP and BGP; else by a vxlan, for Neutron lets no address of a Pod through',
    'Always',
    { needs: mirrored },
  ),
  row(
    'cilium_tag',
    'tag of its images, where network_driver is cilium; v1.20.2 without it; from v1.19.0 on',
    'v1.19.4',
    {
      needs: mirrored,
    },
  ),
  row('metrics_server_enabled', 'whether metrics-server is installed; false without it', 'true', {
    ...{ ...truth, off: true, needs: mirrored, installs: 'metrics-server' },
  }),
  row('metrics_server_chart_tag', 'by its chart, which metrics-server; 3.13.1 without it', '3.12.2', {
    needs: ['metrics_server_enabled'],
  }),
  row(
    'auto_scaling_enabled',
    'whether cluster-autoscaler is installed, for node groups that have a max_node_count; false without it; it needs cloud_provider_enabled=true, and has a login that reads and resizes its own cluster only; refused for container guests',
    'true',
    { ...truth, off: true, needs: mirrored, installs: 'cluster-autoscaler' },
  ),
  row('autoscaler_tag', 'tag of its image; v1.35.0 without it; from v1.19.0 on', 'v1.34.3', {
    needs: ['auto_scaling_enabled'],
  }),
  row('cinder_csi_enabled', 'whether Cinder CSI is installed; false without it; refused for container guests', 'true', {
    ...{ ...truth, off: true, needs: mirrored, installs: 'cinder-csi' },
  }),
  row('cinder_csi_plugin_tag', 'tag of its image; v1.36.0 without it; from v1.32.0 on', 'v1.35.0', { needs: csi }),
  row('csi_attacher_tag', 'tag of its image; v4.10.0 without it', 'v4.9.0', { needs: csi }),
  row('csi_provisioner_tag', 'tag of its image; v5.3.0 without it', 'v5.2.0', { needs: csi }),
  row('csi_resizer_tag', 'tag of its image; v1.14.0 without it', 'v1.13.2', { needs: csi }),
  row('csi_node_driver_registrar_tag', 'tag of its image; v2.15.0 without it', 'v2.14.0', { needs: csi }),
  row('csi_liveness_probe_tag', 'tag of its image; v2.17.0 without it', 'v2.16.0', { needs: csi }),
  row('csi_cinder_allow_volume_expansion', 'of the StorageClass csi-cinder; true without it', 'false', {
    ...{ ...truth, needs: csi },
  }),
  row('csi_cinder_availability_zone', 'where its volumes are; as their nodes without it', 'az1', { needs: csi }),
  row(
    'csi_cinder_reclaim_policy',
    'of that StorageClass; Retain without it; with Delete its volumes go when the cluster is deleted',
    'Delete',
    { needs: csi },
  ),
  row('csi_cinder_volume_binding_mode', 'of it; WaitForFirstConsumer without it', 'Immediate', { needs: csi }),
  row('csi_cinder_fstype', 'of its volumes; ext4 without it', 'xfs', { needs: csi }),
  row(
    'kube_dashboard_enabled',
    'whether Headlamp is installed, for Kubernetes Dashboard is archived; false without it; whoever looks brings a token',
    'true',
    { ...truth, off: true, needs: mirrored, installs: 'headlamp' },
  ),
  row(
    'kube_dashboard_version',
    'tag of its image; v0.45.0 without it and for versions of Kubernetes Dashboard; from v0.41.0 on',
    'v0.44.0',
    { needs: ['kube_dashboard_enabled'] },
  ),
  row(
    'monitoring_enabled',
    'whether node-exporter, Prometheus and Grafana are installed; false without it; the password of admin is in the Secret grafana-admin of kube-system',
    'true',
    { ...truth, off: true, needs: mirrored, installs: 'monitoring' },
  ),
  row('monitoring_interval_seconds', 'how often Prometheus asks; 30 without it', '60', { ...whole, needs: monitoring }),
  row('monitoring_retention_days', 'how long it knows; 14 without it', '7', { ...whole, needs: monitoring }),
  row('monitoring_retention_size', 'GB that it knows at most; 14 without it', '5', { ...whole, needs: monitoring }),
  row('monitoring_storage_class_name', 'of a volume for that; without it that is gone with its Pod', 'csi-cinder', {
    needs: monitoring,
  }),
  row('prometheus_tag', 'tag of its image; v3.13.2 without it; from v2.26.0 on', 'v3.12.0', { needs: monitoring }),
  row('node_exporter_tag', 'tag of its image; v1.12.1 without it; from v1.3.0 on', 'v1.11.0', { needs: monitoring }),
  row('grafana_tag', 'tag of its image; 13.1.3 without it; from 8.0.0 on', '13.0.0', { needs: monitoring }),
]

const apiServer: readonly Row[] = [
  row('kubeapi_options', 'flags of the API server', '--max-requests-inflight=100'),
  row('admission_control_list', 'admission plugins of the API server, beside NodeRestriction', 'AlwaysPullImages'),
  row('api_server_cert_sans', 'further names in the certificate of the API server', 'api.test'),
  row('api_server_tls_cipher_suites', 'ciphers of the API server', 'TLS_AES_128_GCM_SHA256'),
  row('oidc_issuer_url', 'whose tokens the API server takes beside its own', 'https://issuer.test'),
  row('oidc_client_id', 'for whom such a token has to be', 'kubernetes', { needs: ['oidc_issuer_url'] }),
  ...['username_claim', 'username_prefix', 'groups_claim', 'groups_prefix'].map((name) =>
    row(`oidc_${name}`, 'what of such a token is the user, or the groups', 'x', { needs: ['oidc_issuer_url'] }),
  ),
  row('audit_log_enabled', 'whether masters write /var/log/kubernetes/audit.log', 'true', truth),
  row('audit_log_max_age', 'days that it is kept', '7', { ...whole, needs: ['audit_log_enabled'] }),
  row('audit_log_max_backup', 'files that are kept of it', '3', { ...whole, needs: ['audit_log_enabled'] }),
  row('audit_log_max_size', 'MB of a file', '10', { ...whole, needs: ['audit_log_enabled'] }),
]

const ofTheApi: readonly Row[] = [
  row(
    'kube_tag',
    "checked before an upgrade; the version itself is the node image's, and another one is told",
    'v1.2.3',
    {
      value: 'version',
    },
  ),
  row('auto_healing_enabled', 'whether dead workers are replaced by themselves; false without it', 'true', {
    ...swarm,
    ...truth,
  }),
  row('min_node_count', 'least nodes of default-worker', '1', { ...swarm, ...whole }),
  row('max_node_count', 'most nodes of default-worker', '9', { ...swarm, ...whole }),
]

export const honoured: readonly Row[] = [
  ...placement,
  ...balancers,
  ...networks,
  ...nodes,
  ...users,
  ...addOns,
  ...apiServer,
  ...ofTheApi,
]
