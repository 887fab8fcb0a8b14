/** Which nodes may come to the desk, and what each is told there. */
import { type LedgerState, type NodeEntry, type NodeOrders, nodeKey, sameRevisions } from '../../nodes/index.ts'
import { apiPortOf, podRangeOf, rangesOf } from './layout.ts'
import { ordersOf } from './orders.ts'
import type { RosterNode } from './roster.ts'
import { apiOf, groupOf, isMaster, nameOf, type Scene, serverOf } from './scene.ts'
import { knowsKeystone, secretsFor } from './secrets.ts'

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
    const kept = Object.entries(state.nodes)
      .filter(([key]) => present.has(key))
      .map(
        ([key, entry]) =>
          [key, withSecrets(entry, secretsFor(wish.cluster, entry.orders.role, scene.credential))] as const,
      )
    const changed = kept.some(([key, entry]) => entry !== state.nodes[key])
    if (fresh.length === 0 && gone.length === 0 && !changed) return state
    return {
      ...state,
      nodes: Object.fromEntries([...kept, ...fresh.map(([key, orders]) => [key, { orders }] as const)]),
    }
  })
}

const withSecrets = (entry: NodeEntry, secrets: Readonly<Record<string, string>>): NodeEntry =>
  sameRevisions(entry.orders.secrets ?? {}, secrets) ? entry : { ...entry, orders: { ...entry.orders, secrets } }

/** Undefined while its address, or that of the master, is not known. */
async function ordersFor(scene: Scene, node: RosterNode): Promise<NodeOrders | undefined> {
  const { wish, options } = scene
  const { cluster } = wish
  const group = groupOf(wish, node)
  const role = isMaster(wish, node) ? 'master' : 'worker'
  const address = serverOf(scene, node)?.address
  const api = apiOf(scene)
  if (group === undefined || address === undefined || api === undefined) return undefined
  return ordersOf({
    clusterName: cluster.spec.name,
    name: nameOf(wish, node),
    role,
    secrets: secretsFor(cluster, role, scene.credential),
    knowsKeystone: knowsKeystone(cluster),
    group: group.uuid,
    address,
    podRange: podRangeOf(cluster, node),
    labels: group.spec.nodeLabels,
    taints: group.spec.nodeTaints,
    ranges: rangesOf(cluster),
    kubernetesVersion: await options.kubernetesVersion(cluster, node.imageId),
    api: { address: api.address, port: apiPortOf(cluster) },
    apiNames: api.floatingAddress === undefined ? [] : [api.floatingAddress],
  })
}
