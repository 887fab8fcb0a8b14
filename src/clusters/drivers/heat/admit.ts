/** Which nodes may come to the desk, and what each is told there. */
import { isDeepStrictEqual } from 'node:util'
import type { NodeGroup } from '../../model/index.ts'
import { type LedgerState, type NodeEntry, type NodeOrders, nodeKey } from '../../nodes/index.ts'
import { type Brought, broughtAddOns, hasCloudController, nothingBrought, withAddOns } from './addons/index.ts'
import { apiPortOf, isRouted, placementOf, podRangeOf, rangesOf } from './layout.ts'
import { actsOf, bringsAddOns, turnOf } from './masters.ts'
import { nodeSettings } from './node-settings.ts'
import { ordersOf, revised } from './orders.ts'
import { overlayOf } from './pods.ts'
import type { RosterNode } from './roster.ts'
import { apiOf, entryOf, groupOf, isMaster, nameOf, type Scene, serverOf } from './scene.ts'
import { knowsKeystone, secretsFor } from './secrets.ts'

/** `credential`: the name of the one that nodes shall have. Writes down what each node shall do whose address is known by now, what came up for those that are there, and forgets who went. */
export async function admit(scene: Scene, credential: string | undefined): Promise<LedgerState> {
  const { wish, options, roster, ledger } = scene
  const told = new Map<string, NodeEntry>()
  for (const node of roster.nodes) {
    const isNew = ledger.nodes[nodeKey(node)] === undefined
    const orders = await (isNew ? ordersFor : newsFor)(scene, node, credential)
    const { id } = serverOf(scene, node) ?? {}
    if (orders !== undefined)
      told.set(nodeKey(node), { orders, ...(isNew && id !== undefined ? { serverId: id } : {}) })
  }
  const present = new Set(roster.nodes.map(nodeKey))
  return await options.ledger.change(wish.cluster, (state) => {
    const gone = Object.keys(state.nodes).filter((key) => !present.has(key))
    if (told.size === 0 && gone.length === 0) return state
    const kept = Object.entries(state.nodes).filter(([key]) => present.has(key))
    const news = [...told].map(([key, entry]) => [key, { ...state.nodes[key], ...entry }] as const)
    return { ...state, nodes: Object.fromEntries([...kept, ...news]) }
  })
}

/** For one that was admitted; undefined when it is told the same as before. */
async function newsFor(
  scene: Scene,
  node: RosterNode,
  credential: string | undefined,
): Promise<NodeOrders | undefined> {
  const orders = entryOf(scene, node)?.orders
  if (orders === undefined) return undefined
  const secrets = secretsFor(scene.wish.cluster, orders.role, credential)
  const news =
    orders.role === 'master' ? { ...(await masterNews(scene, node, orders, credential)), secrets } : { secrets }
  return isDeepStrictEqual({ ...orders, ...news }, orders) ? undefined : revised(orders, news)
}

/** Add-ons of labels are brought by one master, after what masters do for each other. */
async function masterNews(
  scene: Scene,
  node: RosterNode,
  { files }: NodeOrders,
  credential: string | undefined,
): Promise<Pick<NodeOrders, 'later' | 'files'>> {
  const brought = bringsAddOns(scene, node) ? await addOnsOf(scene, credential) : nothingBrought
  return { later: [...actsOf(scene, node), ...brought.commands], files: withAddOns(files, brought) }
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
  const turn = role === 'master' ? turnOf(scene, node) : 'joins'
  if (group === undefined || address === undefined || api === undefined || turn === undefined) return undefined
  return ordersOf({
    clusterName: cluster.spec.name,
    name: nameOf(wish, node),
    role,
    secrets: secretsFor(cluster, role, credential),
    knowsKeystone: knowsKeystone(cluster),
    group: group.uuid,
    address,
    podRange: podRangeOf(cluster, node),
    labels: group.spec.nodeLabels,
    taints: group.spec.nodeTaints,
    ranges: rangesOf(cluster),
    kubernetesVersion: await options.kubernetesVersion(cluster, node.imageId),
    founds: turn === 'founds',
    api: { address: api.address, port: apiPortOf(cluster) },
    apiNames: api.floatingAddress === undefined ? [] : [api.floatingAddress],
    settings: nodeSettings(cluster, {
      labels: group.spec.labels,
      near: [address, api.address, new URL(options.desk.url).hostname],
    }),
    volumes: volumesOf(scene, group),
    ...(isRouted(cluster) ? {} : { overlay: overlayOf(cluster.uuid) }),
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
    ...(containerVolume === undefined ? {} : { containers: '/var/lib/containerd' }),
    ...(etcdVolume === undefined || group.spec.role !== 'master' ? {} : { etcd: '/var/lib/etcd' }),
  }
}
