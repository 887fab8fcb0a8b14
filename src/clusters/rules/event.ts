/** Notifications about clusters: CADF events as Magnum sends them (magnum/conductor/utils.py, pycadf). */
import { type Cluster, momentOf, type NodeGroup, visibleStatus } from '../model/index.ts'
import { totals } from './counts.ts'
import { shownReason } from './reason.ts'

export interface ClusterEvent {
  readonly eventType: `magnum.cluster.${'create' | 'update' | 'delete'}`
  readonly priority: 'INFO' | 'ERROR'
  /** A CADF event. */
  readonly payload: Readonly<Record<string, unknown>>
}

export interface EventFacts {
  /** Of the event. */
  readonly id: string
  readonly now: Date
  readonly action: 'create' | 'update' | 'delete'
  readonly outcome: 'pending' | 'success' | 'failure'
  /** Who wanted it; the service itself where nobody did. */
  readonly initiator: {
    readonly id: string
    readonly userId?: string
    readonly projectId?: string
    readonly domainId?: string
  }
  readonly cluster: Cluster
  readonly groups: readonly NodeGroup[]
}

const typeURI = 'service/magnum/cluster'

export function clusterEvent({ id, now, action, outcome, initiator, cluster, groups }: EventFacts): ClusterEvent {
  return {
    eventType: `magnum.cluster.${action}`,
    priority: outcome === 'failure' ? 'ERROR' : 'INFO',
    payload: {
      typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
      eventType: 'activity',
      id,
      eventTime: momentOf(now).replace('Z', '+0000'),
      action,
      outcome,
      initiator: {
        typeURI: 'service/security/account/user',
        id: initiator.id,
        ...(initiator.userId === undefined ? {} : { user_id: initiator.userId }),
        ...(initiator.projectId === undefined ? {} : { project_id: initiator.projectId }),
        ...(initiator.domainId === undefined ? {} : { domain_id: initiator.domainId }),
      },
      target: {
        typeURI,
        id: cluster.uuid,
        name: cluster.spec.name,
        attachments: [{ typeURI, name: 'cluster_data', content: content(cluster, groups) }],
      },
      // One observer: the service itself, which is this kind of resource everywhere.
      observer: { typeURI, id: 'observer' },
    },
  }
}

/** `docker_volume_size:` has its colon in Magnum too, and consumers read it so. */
function content(cluster: Cluster, groups: readonly NodeGroup[]): Readonly<Record<string, unknown>> {
  const { spec, status } = cluster
  const { nodeCount, masterCount, nodeAddresses, masterAddresses } = totals(groups)
  return {
    status: visibleStatus(cluster),
    status_reason: shownReason(cluster),
    project_id: spec.projectId,
    created_at: spec.createdAt,
    updated_at: spec.updatedAt ?? null,
    cluster_template_id: spec.templateId,
    keypair: spec.keypair ?? null,
    'docker_volume_size:': spec.dockerVolumeSize ?? null,
    labels: spec.labels,
    master_flavor_id: spec.masterFlavorId ?? null,
    flavor_id: spec.flavorId ?? null,
    stack_id: status.stackId ?? null,
    health_status: status.healthStatus ?? null,
    create_timeout: spec.createTimeout,
    api_address: status.apiAddress ?? null,
    discovery_url: spec.discoveryUrl ?? null,
    node_addresses: nodeAddresses,
    master_addresses: masterAddresses,
    node_count: nodeCount,
    master_count: masterCount,
  }
}
