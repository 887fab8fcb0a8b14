/** What labels and options say of the nodes of a swarm. Everything that is wrong with them is found here, before anything is made. */
import type { Cluster, NodeGroupSpec } from '../../../model/index.ts'
import { CloudRefusal } from '../cloud.ts'
import { groundOf, isApiOutside, partOf, rangesOf } from '../layout.ts'
import { proxiesOf, proxyFiles } from '../proxies.ts'
import { insecureHosts } from '../registries.ts'

export interface SwarmSettings {
  /** Of the networks of services: each has a part of it, of so many bits. */
  readonly pool: { readonly range: string; readonly length: number }
  readonly insecureRegistries: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

/** `near`: addresses and names that are never asked for by way of a proxy. @throws CloudRefusal */
export function swarmSettings(cluster: Pick<Cluster, 'spec'>, near: readonly string[]): SwarmSettings {
  const { template } = cluster.spec
  const { pods: range } = rangesOf(cluster)
  const ground = groundOf(cluster)
  const own = ['localhost', '127.0.0.1', '169.254.169.254', range, ...('range' in ground ? [ground.range] : [])]
  return {
    pool: { range, length: partOf(cluster).length },
    insecureRegistries: insecureHosts(template.insecureRegistry),
    files: proxyFiles(proxiesOf(template, [...near, ...own]), ['docker']),
  }
}

/** What a swarm cannot be asked for. @throws CloudRefusal */
export function checkSwarm(cluster: Pick<Cluster, 'spec'>, group: NodeGroupSpec | undefined): void {
  if ((group?.nodeTaints ?? []).length > 0)
    throw new CloudRefusal('node_taints is not served: Docker has none; give node_labels, and services a constraint')
  const { labels } = cluster.spec
  const etcd = ['etcd_volume_size', 'etcd_blockdevice_size'].find((label) => Number(labels[label] ?? 0) > 0)
  if (etcd !== undefined) throw new CloudRefusal(`${etcd} is not served: a swarm has no etcd; leave it away`)
  if ('range' in groundOf(cluster) && !isApiOutside(cluster))
    throw new CloudRefusal(
      'A swarm on a network of its own needs a floating IP for its API, by which nodes get the tokens of the swarm: leave master_lb_floating_ip_enabled=false and --floating-ip-disabled away',
    )
}
