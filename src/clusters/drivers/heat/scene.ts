/** What one call of the driver sees: the wish, and what there is for it in the cloud and in our own books. */
import type { Cluster, NodeGroup } from '../../model/index.ts'
import { type Ledger, type LedgerState, nodeKey } from '../../nodes/index.ts'
import type { Health, Wish } from '../driver.ts'
import type { ClusterCloud, SeenServer, SeenStack } from './cloud.ts'
import type { Defaults } from './layout.ts'
import { groupStackName, serverName, stackName } from './names.ts'
import type { Roster, RosterNode, Sighting } from './roster.ts'
import type { RosterKeeper } from './rosters.ts'

export interface HeatDriverOptions {
  readonly cloudOf: (cluster: Cluster, signal: AbortSignal) => ClusterCloud
  readonly ledger: Ledger
  readonly rosters: RosterKeeper
  /** URL at which nodes reach the desk, its address where name servers do not know it, and PEM of the CA behind it where that is no public one. */
  readonly desk: { readonly url: string; readonly address?: string; readonly ca?: string }
  /** PEM of authorities that nodes shall trust beside those of their image. */
  readonly trusted?: string
  readonly defaults: Defaults
  /** `v1.35.4`: what an image has. @throws CloudRefusal for one that is no node image */
  readonly kubernetesVersion: (cluster: Cluster, imageId: string) => Promise<string>
  readonly health: (wish: Wish) => Promise<Health>
}

/** One call's view. */
export interface Scene {
  readonly wish: Wish
  readonly options: HeatDriverOptions
  readonly cloud: ClusterCloud
  readonly stacks: readonly SeenStack[]
  readonly ledger: LedgerState
  readonly roster: Roster
}

/** The stack of the cluster itself. */
export const ownStack = (stacks: readonly SeenStack[], cluster: Cluster): SeenStack | undefined =>
  stacks.find(({ name }) => name === stackName(cluster))

/** What is there of a node. */
export function serverOf({ stacks, wish }: Scene, node: Pick<RosterNode, 'group' | 'index'>): SeenServer | undefined {
  const group = groupOf(wish, node)
  for (const stack of stacksOf(stacks, wish.cluster, group, node.group)) {
    const found = (group?.spec.role === 'master' ? stack.masters : stack.workers)[String(node.index)]
    if (found !== undefined) return found
  }
  return undefined
}

/** Of a group that is not wished any more only its UUID is known: the end of its stack's name. */
function stacksOf(
  stacks: readonly SeenStack[],
  cluster: Cluster,
  group: NodeGroup | undefined,
  uuid: string,
): readonly SeenStack[] {
  if (group === undefined) return stacks.filter(({ name }) => name.endsWith(`-${uuid.slice(0, 4)}`))
  return stacks.filter(({ name }) => name === stackNameOf(cluster, group))
}

export const stackNameOf = (cluster: Cluster, group: NodeGroup): string =>
  group.spec.isDefault ? stackName(cluster) : groupStackName(cluster, group)

export function sightingOf(scene: Scene, node: RosterNode): Sighting {
  const server = serverOf(scene, node)
  const report = scene.ledger.nodes[nodeKey(node)]?.report
  const { id } = scene.wish.cluster.spec.operation
  return {
    ready: report?.phase === 'ready',
    failed: node.failedIn !== undefined && node.failedIn !== id,
    ...(server?.id === undefined ? {} : { serverId: server.id }),
  }
}

/** The server of the master, once it has an address. */
export function apiOf(scene: Scene): (SeenServer & { readonly address: string }) | undefined {
  const masters = scene.roster.nodes.filter((node) => !node.leaves && isMaster(scene.wish, node))
  for (const node of masters) {
    const server = serverOf(scene, node)
    if (server?.address !== undefined) return { ...server, address: server.address }
  }
  return undefined
}

export const groupOf = ({ nodeGroups }: Wish, { group }: Pick<RosterNode, 'group'>): NodeGroup | undefined =>
  nodeGroups.find(({ uuid }) => uuid === group)

export const isMaster = (wish: Wish, node: Pick<RosterNode, 'group'>): boolean =>
  groupOf(wish, node)?.spec.role === 'master'

export function nameOf(wish: Wish, node: RosterNode): string {
  const { uuid, spec } = groupOf(wish, node) ?? {}
  if (uuid === undefined || spec === undefined) return nodeKey(node)
  return serverName(wish.cluster, { uuid, name: spec.name }, node.index)
}
