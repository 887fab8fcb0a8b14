/**
 * The driver `heat`: Kubernetes on Nova servers, Neutron networks and Heat stacks. Three things are brought together, call by call: the
 * roster (which nodes there shall be), the stacks (the servers), and the ledger (what the nodes are told and tell). What each call does
 * follows from what is there alone.
 */
import { nodeKey } from '../../nodes/index.ts'
import type { Driver, Facts, Progress, Wish } from '../driver.ts'
import { admit } from './admit.ts'
import { CloudRefusal } from './cloud.ts'
import { ensureStacks, type Late } from './ensure.ts'
import { judge } from './judge.ts'
import { apiPortOf } from './layout.ts'
import { adjust, markFailed, type Roster, type RosterNode, removedOf, strike } from './roster.ts'
import {
  apiOf,
  type HeatDriverOptions,
  isMaster,
  nameOf,
  ownStack,
  type Scene,
  serverOf,
  sightingOf,
  stackNameOf,
} from './scene.ts'

/** How soon a call that waits is made again. */
const soon = 2000

export function createHeatDriver(options: HeatDriverOptions): Driver {
  return {
    name: 'heat',
    covers: [{ coe: 'kubernetes', distro: 'croque-node', serverType: 'vm' }],
    judge: (spec, image, group) =>
      judge(spec, { image, defaults: options.defaults, ...(group === undefined ? {} : { group }) }),
    reconcile: async (wish) => await honestly(async () => await reconcile(wish, options)),
    remove: async (wish) => await honestly(async () => await remove(wish, options)),
    health: options.health,
  }
}

/** What will not come by waiting is an answer; everything else is thrown. */
async function honestly(work: () => Promise<Progress>): Promise<Progress> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CloudRefusal) return { state: 'failed', reason: error.message, facts: {} }
    throw error
  }
}

async function remove({ cluster, signal }: Wish, { cloudOf }: HeatDriverOptions): Promise<Progress> {
  const cloud = cloudOf(cluster, signal)
  const stacks = await cloud.stacks()
  const own = ownStack(stacks, cluster)
  const others = stacks.filter((stack) => stack !== own)
  if (stacks.length === 0) {
    await cloud.leave()
    return { state: 'done', facts: {} }
  }
  // Further node groups stand on the network of the first stack.
  const going = others.length > 0 ? others : stacks
  for (const stack of going) if (stack.status !== 'DELETE_IN_PROGRESS') await cloud.remove(stack)
  const failed = going.find(({ status }) => status === 'DELETE_FAILED')
  const why = failed === undefined ? '' : `: ${failed.reason}`
  return {
    state: 'waiting',
    for: `the removal of ${going.map(({ name }) => `stack ${name}`).join(', ')}${why}`,
    afterMs: soon,
    facts: {},
  }
}

async function reconcile(wish: Wish, options: HeatDriverOptions): Promise<Progress> {
  const { cluster, signal } = wish
  checkMasters(wish)
  const cloud = options.cloudOf(cluster, signal)
  const [stacks, ledger, kept] = await Promise.all([
    cloud.stacks(),
    options.ledger.change(cluster, (state) => state),
    options.rosters.read(cluster),
  ])
  const seen: Scene = { wish, options, cloud, stacks, ledger, roster: kept.roster }
  const roster = decide(seen)
  checkControlPlane(seen, roster)
  if (roster !== kept.roster) await kept.write(roster)
  const scene = { ...seen, roster, ledger: await admit({ ...seen, roster }) }
  // By what was decided on: a node that has become ready since may mean that another one can go.
  const late = (await ensureStacks(scene)) ?? lateNode({ ...scene, ledger })
  const facts = factsOf(scene)
  if (late === undefined) return { state: 'done', facts }
  return 'failure' in late
    ? { state: 'failed', reason: late.failure, facts }
    : { state: 'waiting', for: late.for, afterMs: soon, facts }
}

function checkMasters({ nodeGroups }: Wish): void {
  const masters = nodeGroups
    .filter(({ spec }) => spec.role === 'master')
    .reduce((sum, { spec }) => sum + spec.nodeCount, 0)
  if (masters !== 1) throw new CloudRefusal(`${masters} masters are wished; this driver makes clusters with one`)
}

/** A new master would begin a cluster of its own: what the old one knows cannot be brought there yet. */
function checkControlPlane(seen: Scene, roster: Roster): void {
  const masters = (nodes: readonly RosterNode[]): readonly RosterNode[] =>
    nodes.filter((node) => !node.leaves && isMaster(seen.wish, node))
  const before = masters(seen.roster.nodes).find((node) => sightingOf(seen, node).ready)
  if (before === undefined) return
  const after = masters(roster.nodes).map(nodeKey)
  if (after.length !== 1 || after[0] !== nodeKey(before))
    throw new CloudRefusal(
      `The master ${nameOf(seen.wish, before)} would be replaced, and with it all that the cluster knows: this driver cannot do that yet`,
    )
}

function decide(scene: Scene): Roster {
  const { wish, stacks } = scene
  const { operation } = wish.cluster.spec
  const busy = stacks.some(({ status }) => status.endsWith('_IN_PROGRESS'))
  const hasFailed = (node: RosterNode): boolean =>
    scene.ledger.nodes[nodeKey(node)]?.report?.phase === 'failed' ||
    serverOf(scene, node)?.status.endsWith('_FAILED') === true
  const isGone = (node: RosterNode): boolean => node.leaves && !busy && serverOf(scene, node) === undefined
  const known = strike(markFailed(scene.roster, operation.id, hasFailed), isGone)
  const groups = wish.nodeGroups.map(({ uuid, spec }) => ({ ...spec, uuid }))
  return adjust(known, groups, {
    sightingOf: (node) => sightingOf(scene, node),
    batch: Math.max(1, operation.maxBatchSize ?? 1),
  })
}

/** The first node that is not as it shall be, when the stacks are. */
function lateNode(scene: Scene): Late | undefined {
  const { roster, ledger, wish } = scene
  const named = roster.nodes.map((node) => ({
    node,
    report: ledger.nodes[nodeKey(node)]?.report,
    name: nameOf(wish, node),
  }))
  const failed = named.find(({ node, report }) => !node.leaves && report?.phase === 'failed')
  if (failed !== undefined) return { failure: `node ${failed.name}: ${failed.report?.message ?? ''}` }
  const late = named.find(({ node, report }) => node.leaves || report?.phase !== 'ready')
  if (late === undefined) return undefined
  if (late.node.leaves) return { for: `node ${late.name} to go` }
  return {
    for: `node ${late.name}: ${late.report === undefined ? 'it starts' : `${late.report.phase} ${late.report.message}`.trim()}`,
  }
}

function factsOf(scene: Scene): Facts {
  const { wish, stacks, roster } = scene
  const api = apiOf(scene)
  const own = ownStack(stacks, wish.cluster)
  const groups = wish.nodeGroups.map((group) => {
    const mine = roster.nodes.filter((node) => node.group === group.uuid && !node.leaves)
    const servers = mine.flatMap((node) => serverOf(scene, node) ?? [])
    const stackId = stacks.find(({ name }) => name === stackNameOf(wish.cluster, group))?.id
    return [
      group.uuid,
      {
        nodeAddresses: servers.flatMap(({ floatingAddress, address }) => floatingAddress ?? address ?? []),
        removed: removedOf(roster, { uuid: group.uuid, nodesToRemove: group.spec.nodesToRemove }, (node) =>
          sightingOf(scene, node),
        ),
        ...(stackId === undefined ? {} : { stackId }),
      },
    ] as const
  })
  return {
    nodeGroups: Object.fromEntries(groups),
    ...(own === undefined ? {} : { stackId: own.id }),
    ...(api === undefined
      ? {}
      : { apiAddress: `https://${api.floatingAddress ?? api.address}:${apiPortOf(wish.cluster)}` }),
  }
}
