/** Which nodes may come to the desk, and what each is told there. */

import type { NodeGroup } from '../../model/index.ts'
import { type LedgerState, type NodeOrders, nodeKey } from '../../nodes/index.ts'
import { apiPortOf, isRouted, placementOf, podRangeOf, rangesOf } from './layout.ts'
import { nodeSettings } from './node-settings.ts'
import { ordersOf } from './orders.ts'
import { overlayOf } from './pods.ts'
import type { RosterNode } from './roster.ts'
import { apiOf, groupOf, isMaster, nameOf, type Scene, serverOf } from './scene.ts'

/** Writes down what each node shall do whose address is known by now, and forgets who went. */
export async function admit(scene: Scene): Promise<LedgerState> {
  const { wish, options, roster, ledger } = scene
  const news = roster.nodes.filter((node) => ledger.nodes[nodeKey(node)] === undefined)
  const orders = new Map<string, NodeOrders>()
  for (const node of news) {
    const told = await ordersFor(scene, node)
    if (told !== undefined) orders.set(nodeKey(node), told)
  }
  const present = new Set(roster.nodes.map(nodeKey))
  return await options.ledger.change(wish.cluster, (state) => {
    const fresh = [...orders].filter(([key]) => state.nodes[key] === undefined)
    const gone = Object.keys(state.nodes).filter((key) => !present.has(key))
    if (fresh.length === 0 && gone.length === 0) return state
    const kept = Object.entries(state.nodes).filter(([key]) => present.has(key))
    return {
      ...state,
      nodes: Object.fromEntries([...kept, ...fresh.map(([key, orders]) => [key, { orders }] as const)]),
    }
  })
}

/** Undefined while its address, or that of the master, is not known. */
async function ordersFor(scene: Scene, node: RosterNode): Promise<NodeOrders | undefined> {
  const { wish, options } = scene
  const { cluster } = wish
  const group = groupOf(wish, node)
  const address = serverOf(scene, node)?.address
  const api = apiOf(scene)
  if (group === undefined || address === undefined || api === undefined) return undefined
  return ordersOf({
    clusterName: cluster.spec.name,
    name: nameOf(wish, node),
    role: isMaster(wish, node) ? 'master' : 'worker',
    group: group.uuid,
    address,
    podRange: podRangeOf(cluster, node),
    labels: group.spec.nodeLabels,
    taints: group.spec.nodeTaints,
    ranges: rangesOf(cluster),
    kubernetesVersion: await options.kubernetesVersion(cluster, node.imageId),
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

function volumesOf({ wish, options }: Scene, group: NodeGroup): Readonly<Record<string, string>> {
  const { containerVolume, etcdVolume } = placementOf(wish.cluster, options.defaults, group)
  return {
    ...(containerVolume === undefined ? {} : { containers: '/var/lib/containerd' }),
    ...(etcdVolume === undefined || group.spec.role !== 'master' ? {} : { etcd: '/var/lib/etcd' }),
  }
}
