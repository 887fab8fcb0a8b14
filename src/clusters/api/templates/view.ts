/** Templates between the wire and the store. */
import type { ClusterTemplate, ClusterTemplateSpec } from '../../model/index.ts'
import type { ApiRequest } from '../route.ts'
import { type Columns, linksTo, pythonText, render, type Sortable, shownMoment, type Values } from '../wire/index.ts'
import { type TemplateKind, templateFields } from './fields.ts'

export type TemplateValues = Values<typeof templateFields>

/** Every attribute, null where unset: what answers show and patches are applied to. */
export function templateDocument({ uuid, spec }: Pick<ClusterTemplate, 'uuid' | 'spec'>): TemplateValues {
  return {
    uuid,
    name: spec.name || null,
    coe: spec.coe,
    image_id: spec.imageId,
    flavor_id: spec.flavorId ?? null,
    master_flavor_id: spec.masterFlavorId ?? null,
    dns_nameserver: spec.dnsNameserver ?? null,
    keypair_id: spec.keypairId ?? null,
    external_network_id: spec.externalNetworkId ?? null,
    fixed_network: spec.fixedNetwork ?? null,
    fixed_subnet: spec.fixedSubnet ?? null,
    network_driver: spec.networkDriver ?? null,
    apiserver_port: spec.apiserverPort ?? null,
    docker_volume_size: spec.dockerVolumeSize ?? null,
    cluster_distro: spec.clusterDistro,
    http_proxy: spec.httpProxy ?? null,
    https_proxy: spec.httpsProxy ?? null,
    no_proxy: spec.noProxy ?? null,
    volume_driver: spec.volumeDriver ?? null,
    registry_enabled: spec.registryEnabled,
    labels: spec.labels,
    tls_disabled: spec.tlsDisabled,
    public: spec.public,
    server_type: spec.serverType,
    insecure_registry: spec.insecureRegistry ?? null,
    docker_storage_driver: spec.dockerStorageDriver ?? null,
    master_lb_enabled: spec.masterLbEnabled,
    floating_ip_enabled: spec.floatingIpEnabled,
    project_id: spec.projectId,
    user_id: spec.userId,
    hidden: spec.hidden,
    tags: spec.tags ?? null,
    driver: spec.driver ?? null,
    created_at: shownMoment(spec.createdAt),
    updated_at: spec.updatedAt === undefined ? null : shownMoment(spec.updatedAt),
  }
}

export function shownTemplate(
  { resource, table }: TemplateKind,
  template: ClusterTemplate,
  { baseUrl, version }: Pick<ApiRequest, 'baseUrl' | 'version'>,
): Record<string, unknown> {
  const values = { ...templateDocument(template), links: linksTo(baseUrl, resource, template.uuid) }
  return render(table, values, { minor: version.minor })
}

/** Null and never set are one here; what may not be null has its default instead. */
export function templateSpec(
  values: TemplateValues,
  fixed: Pick<ClusterTemplateSpec, 'name' | 'projectId' | 'userId' | 'createdAt' | 'coe' | 'imageId' | 'clusterDistro'>,
): ClusterTemplateSpec {
  const optional = {
    driver: values.driver,
    keypairId: values.keypair_id,
    flavorId: values.flavor_id,
    masterFlavorId: values.master_flavor_id,
    externalNetworkId: values.external_network_id,
    fixedNetwork: values.fixed_network,
    fixedSubnet: values.fixed_subnet,
    dnsNameserver: values.dns_nameserver,
    networkDriver: values.network_driver,
    volumeDriver: values.volume_driver,
    dockerStorageDriver: values.docker_storage_driver,
    dockerVolumeSize: values.docker_volume_size,
    apiserverPort: values.apiserver_port,
    httpProxy: values.http_proxy,
    httpsProxy: values.https_proxy,
    noProxy: values.no_proxy,
    insecureRegistry: values.insecure_registry,
    tags: values.tags,
  }
  const set = Object.entries(optional).filter(([, value]) => value !== null && value !== undefined)
  return {
    ...Object.fromEntries(set),
    ...fixed,
    serverType: values.server_type ?? 'vm',
    labels: values.labels ?? {},
    tlsDisabled: values.tls_disabled ?? false,
    public: values.public ?? false,
    hidden: values.hidden ?? false,
    registryEnabled: values.registry_enabled ?? false,
    masterLbEnabled: values.master_lb_enabled ?? false,
    floatingIpEnabled: values.floating_ip_enabled ?? true,
  }
}

/** Every field but `links`. */
export const templateColumns: Columns<ClusterTemplate> = Object.fromEntries(
  Object.keys(templateFields)
    .filter((name) => name !== 'links')
    .map((name) => [name, (template) => sortable(new Map(Object.entries(templateDocument(template))).get(name))]),
)

function sortable(value: unknown): Sortable {
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? JSON.stringify(value) : typeof value === 'number' ? value : pythonText(value)
}
