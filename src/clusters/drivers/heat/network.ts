/** Who connects the Pods of different nodes: the cluster's router, a vxlan that the driver makes, an add-on that a label asks for, or Docker. */
import { type Cluster, isSwarm } from '../../model/index.ts'
import { hasNetworkAddOn } from './addons/index.ts'
import { groundOf } from './layout.ts'

export type PodsBy = 'router' | 'overlay' | 'add-on' | 'swarm'

/** An add-on wraps Pods' addresses up, so that nobody but the nodes has to know them. @throws CloudRefusal where there is no network to stand on */
export function podsBy(cluster: Pick<Cluster, 'spec'>): PodsBy {
  if (isSwarm(cluster)) return 'swarm'
  if (hasNetworkAddOn(cluster.spec)) return 'add-on'
  return 'range' in groundOf(cluster) ? 'router' : 'overlay'
}
