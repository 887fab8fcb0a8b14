/** A cluster as the API shows it. */
import { type Cluster, type ClusterStore, nodeGroupsOf, visibleStatus } from '../../model/index.ts'
import { labelsDiff, shownFaults, shownReason, totals } from '../../rules/index.ts'
import type { ApiRequest } from '../route.ts'
import { type Columns, linksTo, render, shownMoment } from '../wire/index.ts'
import { clusterFields, shortClusterFields } from './fields.ts'

/** Everything that is set of a cluster, null where it is set to nothing: what answers and patches are made of. */
export function clusterValues(cluster: Cluster, store: ClusterStore): Readonly<Record<string, unknown>> {
  const { spec, status, uuid } = cluster
  const { nodeCount, masterCount, nodeAddresses, masterAddresses } = totals(nodeGroupsOf(cluster, store))
  return {
    uuid,
    name: spec.name,
    cluster_template_id: spec.templateId,
    keypair: spec.keypair ?? null,
    docker_volume_size: spec.dockerVolumeSize ?? null,
    labels: spec.labels,
    node_count: nodeCount,
    master_count: masterCount,
    status: visibleStatus(cluster),
    status_reason: shownReason(cluster),
    master_flavor_id: spec.masterFlavorId ?? null,
    flavor_id: spec.flavorId ?? null,
    create_timeout: spec.createTimeout,
    stack_id: status.stackId ?? null,
    cluster_id: status.stackId ?? null,
    health_status: status.healthStatus ?? null,
    health_status_reason: status.healthStatusReason ?? {},
    discovery_url: spec.discoveryUrl ?? null,
    api_address: status.apiAddress ?? null,
    coe_version: status.coeVersion ?? null,
    container_version: status.containerVersion ?? null,
    project_id: spec.projectId,
    user_id: spec.userId,
    node_addresses: nodeAddresses,
    master_addresses: masterAddresses,
    fixed_network: spec.fixedNetwork ?? null,
    fixed_subnet: spec.fixedSubnet ?? null,
    floating_ip_enabled: spec.floatingIpEnabled,
    master_lb_enabled: spec.masterLbEnabled,
    created_at: shownMoment(spec.createdAt),
    updated_at: spec.updatedAt === undefined ? null : shownMoment(spec.updatedAt),
  }
}

export function shortCluster(cluster: Cluster, store: ClusterStore, { baseUrl, version }: ApiRequest): unknown {
  const values = { ...clusterValues(cluster, store), links: linksTo(baseUrl, 'clusters', cluster.uuid) }
  return render(clusterFields, values, { minor: version.minor, only: shortClusterFields })
}

/** `faults` are shown of one cluster that was asked for by itself. */
export function longCluster(
  cluster: Cluster,
  store: ClusterStore,
  { baseUrl, version, faults = false }: Pick<ApiRequest, 'baseUrl' | 'version'> & { readonly faults?: boolean },
): unknown {
  const diff = labelsDiff(cluster.spec.template.labels, cluster.spec.labels)
  const values = {
    ...clusterValues(cluster, store),
    links: linksTo(baseUrl, 'clusters', cluster.uuid),
    labels_overridden: diff.overridden,
    labels_added: diff.added,
    labels_skipped: diff.skipped,
    faults: faults ? shownFaults(cluster, nodeGroupsOf(cluster, store)) : undefined,
  }
  return render(clusterFields, values, version)
}

/** What clusters may be sorted by: Magnum's columns. */
export const clusterColumns: Columns<Cluster> = {
  uuid: ({ uuid }) => uuid,
  name: ({ spec }) => spec.name,
  project_id: ({ spec }) => spec.projectId,
  user_id: ({ spec }) => spec.userId,
  cluster_template_id: ({ spec }) => spec.templateId,
  keypair: ({ spec }) => spec.keypair,
  docker_volume_size: ({ spec }) => spec.dockerVolumeSize,
  labels: ({ spec }) => JSON.stringify(spec.labels),
  master_flavor_id: ({ spec }) => spec.masterFlavorId,
  flavor_id: ({ spec }) => spec.flavorId,
  stack_id: ({ status }) => status.stackId,
  api_address: ({ status }) => status.apiAddress,
  status: visibleStatus,
  status_reason: shownReason,
  health_status: ({ status }) => status.healthStatus,
  health_status_reason: ({ status }) => JSON.stringify(status.healthStatusReason ?? {}),
  create_timeout: ({ spec }) => spec.createTimeout,
  discovery_url: ({ spec }) => spec.discoveryUrl,
  coe_version: ({ status }) => status.coeVersion,
  container_version: ({ status }) => status.containerVersion,
  fixed_network: ({ spec }) => spec.fixedNetwork,
  fixed_subnet: ({ spec }) => spec.fixedSubnet,
  floating_ip_enabled: ({ spec }) => spec.floatingIpEnabled,
  master_lb_enabled: ({ spec }) => spec.masterLbEnabled,
  created_at: ({ spec }) => spec.createdAt,
  updated_at: ({ spec }) => spec.updatedAt,
}
