/** How a cluster is: what its API says of itself and of its nodes, and what the cloud says of those that do not fare well. */
import { isSwarm } from '../../model/index.ts'
import { nodeKey } from '../../nodes/index.ts'
import type { DeadNode, Health, Wish } from '../driver.ts'
import type { SeenNode } from './inside/inside.ts'
import { sweep } from './inside/sweep.ts'
import { whyOf } from './leaving.ts'
import type { RosterNode } from './roster.ts'
import { type HeatDriverOptions, isMaster, ledgerNameOf, type Scene, troubleIn } from './scene.ts'
import { fares, patienceMs } from './trouble.ts'

export async function healthOf(wish: Wish, options: HeatDriverOptions): Promise<Health> {
  const { cluster, signal } = wish
  try {
    const nodes = await options.door(cluster, signal, async (inside) => {
      // The Nodes first: whoever is not expected after that has left.
      return await sweep(cluster, options.ledger, { nodes: await inside.nodes(), inside })
    })
    return await judge(wish, options, nodes)
  } catch (error) {
    return { status: 'UNKNOWN', reason: { api: whyOf(error) } }
  }
}

async function judge(wish: Wish, options: HeatDriverOptions, nodes: readonly SeenNode[]): Promise<Health> {
  const { cluster } = wish
  const [{ roster }, ledger] = await Promise.all([options.rosters.read(cluster), options.ledger.read(cluster.uuid)])
  const seen = { wish, options, roster, ledger: ledger ?? { key: '', nodes: {} } }
  const expected = roster.nodes.filter(({ leaves }) => !leaves)
  const unwell = expected.filter((node) => {
    const found = nodes.find(({ name }) => name === ledgerNameOf(seen, node))
    return found === undefined || fares(found, nodes).ready !== 'True'
  })
  const names = new Set(nodes.map(({ name }) => name))
  const missing = expected.map((node) => ledgerNameOf(seen, node)).filter((name) => !names.has(name))
  const told = [
    ...nodes.map((node) => ({ name: node.name, ...fares(node, nodes) })),
    ...missing.map((name) => ({
      name,
      ready: 'False' as const,
      reason: `${isSwarm(cluster) ? 'the swarm' : 'Kubernetes'} has no such node`,
    })),
  ]
  const awaiting = nodes.filter(({ awaitsCloud }) => awaitsCloud === true)
  const well = awaiting.length === 0 && told.every(({ ready }) => ready === 'True')
  const scene = { ...seen, ...(await cloudOf(wish, options, unwell)) }
  const troubles = unwell.flatMap((node) => {
    const trouble = troubleIn(scene, node)
    return trouble === undefined ? [] : [[`${ledgerNameOf(scene, node)}.server`, trouble] as const]
  })
  const dead = deadOf(scene, unwell, nodes)
  return {
    status: well ? 'HEALTHY' : 'UNHEALTHY',
    reason: {
      api: 'ok',
      ...Object.fromEntries(told.map(({ name, ready }) => [`${name}.Ready`, ready])),
      ...Object.fromEntries(
        told.flatMap(({ name, reason }) => (reason === undefined ? [] : [[`${name}.reason`, reason]])),
      ),
      ...Object.fromEntries(troubles),
      ...Object.fromEntries(
        awaiting.map(({ name }) => [
          `${name}.cloud`,
          'no Pods come to it until the cloud controller manager has seen it',
        ]),
      ),
    },
    ...(dead.length === 0 ? {} : { dead }),
  }
}

/** Asked only when something is wrong. A cloud that does not answer knows nothing of its servers. */
async function cloudOf(
  { cluster, signal }: Wish,
  options: HeatDriverOptions,
  unwell: readonly RosterNode[],
): Promise<Pick<Scene, 'cloud' | 'stacks'>> {
  const cloud = options.cloudOf(cluster, signal)
  if (unwell.length === 0) return { cloud, stacks: [] }
  try {
    return { cloud, stacks: await cloud.stacks() }
  } catch {
    signal.throwIfAborted()
    return { cloud, stacks: [] }
  }
}

/** Workers whose servers will not serve again; of those that were only not heard of for long no more than one, for the network may be at fault. */
function deadOf(scene: Scene, unwell: readonly RosterNode[], nodes: readonly SeenNode[]): readonly DeadNode[] {
  const { wish, ledger, options } = scene
  const workers = unwell.filter((node) => !isMaster(wish, node))
  const dead = (node: RosterNode, why: string): DeadNode => ({
    group: node.group,
    node: String(node.index),
    why: `${ledgerNameOf(scene, node)}: ${why}`,
  })
  const certain = workers.flatMap((node) => {
    const trouble = troubleIn(scene, node)
    return trouble === undefined ? [] : [dead(node, trouble)]
  })
  if (certain.length > 0) return certain
  const given = workers.find((node) => {
    const found = nodes.find(({ name }) => name === ledgerNameOf(scene, node))
    if (found?.ready === 'True') return false
    const since = found === undefined ? ledger.nodes[nodeKey(node)]?.report?.at : found.since
    return since !== undefined && options.now() - since >= patienceMs
  })
  return given === undefined ? [] : [dead(given, `it was not ready for ${patienceMs / 60_000} minutes`)]
}
