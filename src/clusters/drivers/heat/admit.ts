/** Which nodes may come to the desk, and what each is told there. */
import { isDeepStrictEqual } from 'node:util'
import { isSwarm, type NodeGroup } from '../../model/index.ts'
import { type LedgerState, type NodeEntry, type NodeOrders, nodeKey } from '../../nodes/index.ts'
import {
  addOnsDirectory,
  type Brought,
  broughtAddOns,
  broughtNetwork,
  hasCloudController,
  nothingBrought,
} from './addons/index.ts'
import { followedBy, rotationDirectory } from './authorities.ts'
import { apiPortOf, placementOf, podRangeOf, rangesOf } from './layout.ts'
import { actsOf, bringsAddOns, turnOf, workerTurnOf } from './masters.ts'
import { podsBy } from './network.ts'
import { nodeSettings } from './node-settings.ts'
import { filesWith, ordersOf, revised } from './orders.ts'
import { overlayOf } from './pods.ts'
import type { RosterNode } from './roster.ts'
import { apiOf, entryOf, groupOf, isMaster, nameOf, type Scene, serverOf } from './scene.ts'
import { knowsKeystone, secretsFor } from './secrets.ts'
import { swarmOrdersOf } from './swarm/orders.ts'
import { swarmSettings } from './swarm/settings.ts'

/** `credential`: the name of the one that nodes shall have. Writes down what each node shall do whose address is known by now, what came up for those that are there, and forgets who went. */
export async function admit(seen: Scene, credential: string | undefined): Promise<LedgerState> {
  const { wish, options, roster } = seen
  const exchanged = new Set(roster.nodes.filter((node) => isExchanged(seen, node)).map(nodeKey))
  const scene = { ...seen, ledger: without(seen.ledger, exchanged) }
  const told = new Map<string, NodeEntry>()
  for (const node of roster.nodes) {
    const entry = entryOf(scene, node)
    const news = await (entry === undefined ? ordersFor : newsFor)(scene, node, credential)
    const { id, machine = '' } = serverOf(scene, node) ?? {}
    // The port may be there before the server, and the node before anybody looks again. From one that is still being built
    // nobody has come; where it cannot be, Heat makes another one in its place by itself.
    const isFirst = id !== undefined && entry?.serverId === undefined && !/^(BUILD|ERROR)/.test(machine)
    const orders = news ?? (isFirst ? entry?.orders : undefined)
    if (orders !== undefined) told.set(nodeKey(node), { orders, ...(isFirst ? { serverId: id } : {}) })
  }
  const present = new Set(roster.nodes.map(nodeKey))
  return await options.ledger.change(wish.cluster, (known) => {
    const { key, nodes } = without(known, exchanged)
    const kept = Object.entries(nodes).filter(([each]) => present.has(each))
    if (told.size === 0 && kept.length === Object.keys(known.nodes).length) return known
    const news = [...told]
      // It has come to stay meanwhile, from where it was expected before.
      .filter(([each]) => !exchanged.has(each) || nodes[each] === undefined)
      .map(([each, entry]) => [each, { ...nodes[each], ...entry }] as const)
    return { key, nodes: Object.fromEntries([...kept, ...news]) }
  })
}

/**
 * Whether it is expected on a server, or at an address, that is not its any more: Heat made another one when that failed. Nobody came from
 * there to stay, so who comes now begins anew, with the same token.
 */
function isExchanged(scene: Scene, node: RosterNode): boolean {
  const entry = entryOf(scene, node)
  const { id, address } = serverOf(scene, node) ?? {}
  if (entry === undefined || entry.joined === true) return false
  const isAnother = id !== undefined && entry.serverId !== undefined && entry.serverId !== id
  return isAnother || (address !== undefined && entry.orders.address !== address)
}

const without = ({ key, nodes }: LedgerState, keys: ReadonlySet<string>): LedgerState => {
  const stays = ([each, { joined }]: readonly [string, NodeEntry]): boolean => joined === true || !keys.has(each)
  return { key, nodes: Object.fromEntries(Object.entries(nodes).filter(stays)) }
}

/** For one that was admitted; undefined when it is told the same as before. */
async function newsFor(
  scene: Scene,
  node: RosterNode,
  credential: string | undefined,
): Promise<NodeOrders | undefined> {
  const orders = entryOf(scene, node)?.orders
  if (orders === undefined) return undefined
  if (isSwarm(scene.wish.cluster))
    return orders.role === 'master' ? changed(orders, { later: actsOf(scene, node) }) : undefined
  const followed = followedBy(scene, node)
  const secrets = { ...secretsFor(scene.wish.cluster, orders.role, credential), ...followed.secrets }
  const { later, files } =
    orders.role === 'master' ? await masterNews(scene, node, orders, credential) : { later: [], files: orders.files }
  return changed(orders, {
    ...{ secrets, later: [...later, ...followed.commands] },
    files: filesWith(files, rotationDirectory, followed.files),
  })
}

const changed = (orders: NodeOrders, news: Parameters<typeof revised>[1]): NodeOrders | undefined =>
  isDeepStrictEqual({ ...orders, ...news }, orders) ? undefined : revised(orders, news)

/** Add-ons of labels are brought by one master, after what masters do for each other. */
async function masterNews(
  scene: Scene,
  node: RosterNode,
  { files }: NodeOrders,
  credential: string | undefined,
): Promise<Pick<NodeOrders, 'later' | 'files'>> {
  const brought = bringsAddOns(scene, node) ? await addOnsOf(scene, credential) : nothingBrought
  return {
    later: [...actsOf(scene, node), ...brought.commands],
    files: filesWith(files, addOnsDirectory, brought.files),
  }
}

/** Undefined while its address, or that of the API, is not known, and while others come first. */
async function ordersFor(
  scene: Scene,
  node: RosterNode,
  credential: string | undefined,
): Promise<NodeOrders | undefined> {
  const { wish, options } = scene
  const { cluster } = wish
  const group = groupOf(wish, node)
  const role = isMaster(wish, node) ? 'master' : 'worker'
  const address = serverOf(scene, node)?.address
  const api = apiOf(scene)
  const turn = role === 'master' ? turnOf(scene, node) : workerTurnOf(scene)
  if (group === undefined || address === undefined || api === undefined || turn === undefined) return undefined
  const near = [address, api.address, new URL(options.desk.url).hostname]
  const version = await options.engineVersion(cluster, node.imageId)
  const known = {
    name: nameOf(wish, node),
    role,
    group: group.uuid,
    address,
    labels: group.spec.nodeLabels,
    founds: turn === 'founds',
    api: { address: api.address, port: apiPortOf(cluster) },
    ...(scene.roster.balanced === true ? { isBalanced: true } : {}),
    apiNames: api.floatingAddress === undefined ? [] : [api.floatingAddress],
    volumes: volumesOf(scene, group),
  } as const
  if (isSwarm(cluster))
    return swarmOrdersOf({ ...known, dockerVersion: version, settings: swarmSettings(cluster, near) })
  return ordersOf({
    ...known,
    clusterName: cluster.spec.name,
    secrets: secretsFor(cluster, role, credential),
    knowsKeystone: knowsKeystone(cluster),
    podRange: podRangeOf(cluster, node),
    taints: group.spec.nodeTaints,
    ranges: rangesOf(cluster),
    kubernetesVersion: version,
    settings: nodeSettings(cluster, { labels: group.spec.labels, near }),
    ...(podsBy(cluster) === 'overlay' ? { overlay: overlayOf(cluster.uuid) } : {}),
    ...(podsBy(cluster) === 'add-on' ? { network: broughtNetwork(cluster) } : {}),
  })
}

async function addOnsOf({ wish, options, cloud }: Scene, credential: string | undefined): Promise<Brought> {
  const { url, address } = options.desk
  return broughtAddOns(wish.cluster, {
    credential,
    balancers: hasCloudController(wish.cluster.spec) && (await cloud.offers('load-balancer')),
    ...(address === undefined ? {} : { host: { name: new URL(url).hostname, address } }),
  })
}

function volumesOf({ wish, options }: Scene, group: NodeGroup): Readonly<Record<string, string>> {
  const { containerVolume, etcdVolume } = placementOf(wish.cluster, options.defaults, group)
  return {
    ...(containerVolume === undefined
      ? {}
      : { containers: isSwarm(wish.cluster) ? '/var/lib/docker' : '/var/lib/containerd' }),
    ...(etcdVolume === undefined || group.spec.role !== 'master' ? {} : { etcd: '/var/lib/etcd' }),
  }
}
