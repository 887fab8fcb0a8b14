/** What one call of the driver sees: the wish, and what there is for it in the cloud and in our own books. */
import type { Cluster, NodeGroup } from '../../model/index.ts'
import { type Ledger, type LedgerState, type NodeEntry, nodeKey } from '../../nodes/index.ts'
import type { Wish } from '../driver.ts'
import type { Rotation } from './authorities.ts'
import type { ClusterCloud, SeenServer, SeenStack } from './cloud.ts'
import type { CredentialKeeper } from './credentials.ts'
import type { Door } from './inside/inside.ts'
import type { Defaults } from './layout.ts'
import { groupStackName, isStackOf, serverName, stackName } from './names.ts'
import type { Roster, RosterNode, Sighting } from './roster.ts'
import type { RosterKeeper } from './rosters.ts'
import { troubleOf } from './trouble.ts'

export interface HeatDriverOptions {
  readonly cloudOf: (cluster: Cluster, signal: AbortSignal) => ClusterCloud
  readonly ledger: Ledger
  readonly rosters: RosterKeeper
  /** URL at which nodes reach the desk, its address where name servers do not know it, and PEM of the CA behind it where that is no public one. */
  readonly desk: { readonly url: string; readonly address?: string; readonly ca?: string }
  /** PEM of authorities that nodes shall trust beside those of their image. */
  readonly trusted?: string
  readonly defaults: Defaults
  readonly credentials: (signal: AbortSignal) => CredentialKeeper
  /** What nodes are to follow, where the cluster's operation is a rotation of its authorities. */
  readonly rotation: (cluster: Cluster) => Promise<Rotation | undefined>
  /** What an image has of the cluster's engine: `v1.35.4`, or `26.1.5` of Docker. @throws CloudRefusal for one that is no image for its nodes */
  readonly engineVersion: (cluster: Cluster, imageId: string) => Promise<string>
  /** Into the cluster itself. */
  readonly door: Door
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number
}

/** One call's view. */
export interface Scene {
  readonly wish: Wish
  readonly options: HeatDriverOptions
  readonly cloud: ClusterCloud
  readonly stacks: readonly SeenStack[]
  readonly ledger: LedgerState
  readonly roster: Roster
  /** Of its authorities, while that is what is asked for. */
  readonly rotation?: Rotation | undefined
}

/** The stack of the cluster itself. */
export const ownStack = (stacks: readonly SeenStack[], cluster: Cluster): SeenStack | undefined =>
  stacks.find(({ name }) => name === stackName(cluster))

/** What is there of a node. */
export function serverOf(scene: Scene, node: Pick<RosterNode, 'group' | 'index'>): SeenServer | undefined {
  const group = groupOf(scene.wish, node)
  for (const stack of stacksOf(scene, group, node.group)) {
    const found = (group?.spec.role === 'master' ? stack.masters : stack.workers)[String(node.index)]
    if (found !== undefined) return found
  }
  return undefined
}

/** Of a group that is not wished any more only its UUID is known: the beginning of it is the end of its stack's name, and of no wished one's. */
function stacksOf({ stacks, wish }: Scene, group: NodeGroup | undefined, uuid: string): readonly SeenStack[] {
  const { cluster, nodeGroups } = wish
  if (group !== undefined) return stacks.filter(({ name }) => name === stackNameOf(cluster, group))
  const others = new Set(nodeGroups.map((each) => stackNameOf(cluster, each)))
  return stacks.filter(({ name }) => isStackOf(name, uuid) && !others.has(name))
}

export const stackNameOf = (cluster: Cluster, group: NodeGroup): string =>
  group.spec.isDefault ? stackName(cluster) : groupStackName(cluster, group)

export function sightingOf(scene: Scene, node: RosterNode): Sighting {
  const server = serverOf(scene, node)
  const { id } = scene.wish.cluster.spec.operation
  return {
    ready: entryOf(scene, node)?.joined === true,
    failed: (node.failedIn !== undefined && node.failedIn !== id) || troubleIn(scene, node) !== undefined,
    ...(server?.id === undefined ? {} : { serverId: server.id }),
  }
}

/** Where the API is, once that is known. */
export const apiOf = ({ stacks, wish }: Scene): SeenStack['api'] => ownStack(stacks, wish.cluster)?.api

/** What the ledger says of a node. */
export const entryOf = ({ ledger }: Scene, node: Pick<RosterNode, 'group' | 'index'>): NodeEntry | undefined =>
  ledger.nodes[nodeKey(node)]

/** It has done what it is told today. */
export const isUpToDate = ({ orders, report }: NodeEntry): boolean =>
  report?.phase === 'ready' && report.revision === orders.revision

/** What is wrong with the server of a worker. A master is more than its server: what the cluster knows is on it. */
export const troubleIn = (scene: Scene, node: RosterNode): string | undefined =>
  isMaster(scene.wish, node) ? undefined : troubleOf(serverOf(scene, node), entryOf(scene, node))

export const groupOf = ({ nodeGroups }: Wish, { group }: Pick<RosterNode, 'group'>): NodeGroup | undefined =>
  nodeGroups.find(({ uuid }) => uuid === group)

export const isMaster = (wish: Wish, node: Pick<RosterNode, 'group'>): boolean =>
  groupOf(wish, node)?.spec.role === 'master'

export function nameOf(wish: Wish, node: RosterNode): string {
  const { uuid, spec } = groupOf(wish, node) ?? {}
  if (uuid === undefined || spec === undefined) return nodeKey(node)
  return serverName(wish.cluster, { uuid, name: spec.name }, node.index)
}

/** As its cluster knows it, also when its group is not wished any more. */
export const ledgerNameOf = ({ wish, ledger }: Pick<Scene, 'wish' | 'ledger'>, node: RosterNode): string =>
  ledger.nodes[nodeKey(node)]?.orders.name ?? nameOf(wish, node)
