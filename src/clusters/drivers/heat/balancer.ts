/**
 * A load balancer of Octavia before the API, in place of an address that the masters hold in turn: where it is asked for and the cloud has
 * one. A cluster keeps what it began with, for its nodes and its users know the address.
 */
import { type Cluster, isSwarm } from '../../model/index.ts'
import { labelIsTrue } from '../../rules/index.ts'
import { CloudRefusal } from './cloud.ts'
import { allowedRangesOf, groundOf } from './layout.ts'
import { attr, get, param, type Resource, type Template } from './template.ts'

export interface Balancer {
  /** @default the cloud's own */
  readonly provider?: string
  readonly algorithm: string
  readonly isMonitored: boolean
}

export const balancerLabels = ['octavia_provider', 'octavia_lb_algorithm', 'octavia_lb_healthcheck']

const algorithms = ['ROUND_ROBIN', 'LEAST_CONNECTIONS', 'SOURCE_IP', 'SOURCE_IP_PORT']

/** @throws CloudRefusal */
export function balancerOf({ spec: { labels } }: Pick<Cluster, 'spec'>): Balancer {
  const provider = labels['octavia_provider']?.trim() ?? ''
  // OVN knows one algorithm alone.
  const algorithm = labels['octavia_lb_algorithm']?.trim() ?? (provider === 'ovn' ? 'SOURCE_IP_PORT' : 'ROUND_ROBIN')
  if (!algorithms.includes(algorithm))
    throw new CloudRefusal(
      `Label octavia_lb_algorithm takes one of ${algorithms.join(', ')}, and not ${JSON.stringify(algorithm)}`,
    )
  return {
    ...(provider === '' ? {} : { provider }),
    algorithm,
    isMonitored: labelIsTrue(labels['octavia_lb_healthcheck'] ?? 'true'),
  }
}

/**
 * Where only some may reach the API, masters let in those and the load balancer, whose own address is somewhere in their subnet. The range
 * of one that was given is not known here.
 */
export const wantsBalancer = (cluster: Pick<Cluster, 'spec'>): boolean =>
  !isSwarm(cluster) &&
  cluster.spec.masterLbEnabled &&
  ('range' in groundOf(cluster) || allowedRangesOf(cluster).length === 0)

interface Front {
  readonly subnet: unknown
  readonly port: number
  /** Who may come; absent: everybody. */
  readonly ranges?: readonly string[]
}

export function balancerResources(
  { provider, algorithm, isMonitored }: Balancer,
  { subnet, port, ranges }: Front,
): Template['resources'] {
  return {
    api_balancer: {
      type: 'OS::Octavia::LoadBalancer',
      properties: { vip_subnet: subnet, ...(provider === undefined ? {} : { provider }) },
    },
    api_listener: {
      type: 'OS::Octavia::Listener',
      properties: {
        ...{ loadbalancer: get('api_balancer'), protocol: 'TCP', protocol_port: port },
        ...(ranges === undefined ? {} : { allowed_cidrs: ranges }),
      },
    },
    api_pool: {
      type: 'OS::Octavia::Pool',
      properties: { listener: get('api_listener'), protocol: 'TCP', lb_algorithm: algorithm },
    },
    ...(isMonitored ? { api_monitor: monitor(provider) } : {}),
  }
}

/** Where its VIP is, which is no resource of the stack. */
export const vipPort = attr('api_balancer', 'vip_port_id')

const monitor = (provider: string | undefined): Resource => ({
  type: 'OS::Octavia::HealthMonitor',
  properties: {
    ...{ pool: get('api_pool'), delay: 5, timeout: 5, max_retries: 2 },
    // Where nobody is asked who is not known, an API server that serves says 401.
    ...(provider === 'ovn' ? { type: 'TCP' } : { type: 'HTTPS', url_path: '/readyz', expected_codes: '200,401' }),
  },
})

/** In the stack of a master, with which it comes and goes. */
export const balancerMember = (masterPort: string, port: number): Resource => ({
  type: 'OS::Octavia::PoolMember',
  properties: {
    ...{ pool: param('api_pool'), subnet: param('subnet'), protocol_port: port },
    address: attr(masterPort, 'fixed_ips', 0, 'ip_address'),
  },
})
