/**
 * The driver `heat`: Kubernetes, or Docker's swarm mode, on Nova servers, Neutron networks and Heat stacks. Three things are brought
 * together, call by call: the roster (which nodes there shall be), the stacks (the servers), and the ledger (what the nodes are told and
 * tell). What each call does follows from what is there alone.
 */
import { isSwarm } from '../../model/index.ts'
import { type NodeEntry, nodeKey } from '../../nodes/index.ts'
import type { Driver, Facts, Progress, Wish } from '../driver.ts'
import { adjust } from './adjust.ts'
import { admit } from './admit.ts'
import { wantsBalancer } from './balancer.ts'
import { CloudRefusal, type SeenStack } from './cloud.ts'
import { type Awaited, ensureStacks, type Late, removeStack, soon } from './ensure.ts'
import { healthOf } from './health.ts'
import { sweep } from './inside/sweep.ts'
import { judge } from './judge.ts'
import { apiPortOf } from './layout.ts'
import { type Drained, drain, isBeyondDraining, isHeld, release, stamped } from './leaving.ts'
import { checkMasters, checkVersions, isForgotten, oldestOf, versionOf } from './masters.ts'
import { keptRetries, timeOfDay } from './retries.ts'
import { markFailed, type Roster, type RosterNode, removedOf, strike } from './roster.ts'
import {
  apiOf,
  entryOf,
  type HeatDriverOptions,
  isMaster,
  isUpToDate,
  ledgerNameOf,
  ownStack,
  type Scene,
  serverOf,
  sightingOf,
  stackNameOf,
} from './scene.ts'
import { callsCloud } from './secrets.ts'

export function createHeatDriver(options: HeatDriverOptions): Driver {
  return {
    name: 'heat',
    covers: ['kubernetes', 'swarm-mode'].map((coe) => ({ coe, distro: 'croque-node', serverType: 'vm' as const })),
    judge: (spec, image, group) =>
      judge(spec, { image, defaults: options.defaults, ...(group === undefined ? {} : { group }) }),
    reconcile: async (wish) => await honestly(async () => await reconcile(wish, options)),
    remove: async (wish) => await honestly(async () => await remove(wish, options)),
    health: async (wish) => await healthOf(wish, options),
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

/**
 * How long Heat may take to make a stack after it was asked to, by a call that nobody waits for any more: it has minutes of them in its
 * queues on a machine with too much to do.
 */
const unseenMs = 3 * 60_000

/** The latest of the stacks that were asked for and may still come. */
function unseen({ begun = {} }: Roster, now: number): Awaited | undefined {
  const [name, at] = Object.entries(begun).toSorted(([, one], [, other]) => other - one)[0] ?? []
  if (name === undefined || at === undefined) return undefined
  // A clock that was put back makes nobody wait for longer.
  const end = Math.min(at, now) + unseenMs
  if (now >= end) return undefined
  return { for: `stack ${name}, which was asked for and may still come until ${timeOfDay(end)}`, afterMs: soon }
}

function withoutSeen(roster: Roster, stacks: readonly SeenStack[]): Roster {
  const { begun = {}, ...others } = roster
  const left = Object.entries(begun).filter(([name]) => !stacks.some((stack) => stack.name === name))
  return left.length === Object.keys(begun).length ? roster : { ...others, begun: Object.fromEntries(left) }
}

async function remove({ cluster, signal }: Wish, options: HeatDriverOptions): Promise<Progress> {
  const cloud = options.cloudOf(cluster, signal)
  // In this order: what is asked for is written down before.
  const stacks = await cloud.stacks()
  const kept = await options.rosters.read(cluster)
  const roster = withoutSeen(kept.roster, stacks)
  if (roster !== kept.roster) await kept.write(roster)
  const coming = stacks.length === 0 ? unseen(roster, options.now()) : undefined
  if (coming !== undefined) return { state: 'waiting', ...coming, facts: {} }
  const own = ownStack(stacks, cluster)
  const others = stacks.filter((stack) => stack !== own)
  // What is in the way of Heat is known when it has tried.
  const isStuck = stacks.some(({ status }) => status === 'DELETE_FAILED')
  const left = isStuck || stacks.length === 0 ? await cloud.sweep({ stacks, ends: true }) : []
  if (stacks.length === 0) {
    if (left.length > 0) return { state: 'waiting', for: `${left.join(', ')} to go`, afterMs: soon, facts: {} }
    await cloud.leave()
    return { state: 'done', facts: {} }
  }
  // Further node groups stand on the network of the first stack.
  const going = others.length > 0 ? others : stacks
  const retries = keptRetries({ roster, write: kept.write, now: options.now })
  const waits: Awaited[] = []
  for (const stack of going) waits.push(await removeStack({ cloud, options }, retries, stack))
  const what = waits.map((each) => each.for).join(', and ')
  return { state: 'waiting', for: what, afterMs: Math.min(...waits.map(({ afterMs }) => afterMs)), facts: {} }
}

async function reconcile(wish: Wish, options: HeatDriverOptions): Promise<Progress> {
  const { cluster, signal } = wish
  const cloud = options.cloudOf(cluster, signal)
  const [stacks, kept] = await Promise.all([cloud.stacks(), options.rosters.read(cluster)])
  // Last: of nodes that join meanwhile the latest has to be known before one is let go.
  const ledger = await options.ledger.change(cluster, (state) => state)
  const credential = callsCloud(cluster) ? await options.credentials(signal).ensure(cluster) : undefined
  const rotation = await options.rotation(cluster)
  const isNew = kept.roster.nodes.length === 0 && ownStack(stacks, cluster) === undefined
  const isBalanced = isNew && wantsBalancer(cluster) && (await cloud.offers('load-balancer'))
  const begun: Roster = isBalanced ? { ...kept.roster, balanced: true } : kept.roster
  const seen: Scene = { wish, options, cloud, stacks, ledger, roster: begun, rotation }
  checkMasters(seen)
  await checkVersions(seen)
  const decided = decide(seen)
  if (decided !== kept.roster) await kept.write(decided)
  const drained = await drain({ ...seen, roster: decided })
  const { roster } = drained
  if (roster !== decided) await kept.write(roster)
  const scene = { ...seen, roster, ledger: await admit({ ...seen, roster }, credential) }
  // By what was decided on: a node that has become ready since may mean that another one can go.
  const retries = keptRetries({ roster, write: kept.write, now: options.now })
  const late =
    (await ensureStacks(scene, retries)) ?? lateNode({ ...scene, ledger }, drained) ?? lateNode(scene, drained)
  // By now every node has the credential of today.
  if (late === undefined && credential !== undefined) await options.credentials(signal).prune(cluster)
  if (late === undefined || hasLost(kept.roster, roster)) await forget(scene)
  if (late === undefined) await sweepLost(scene)
  const facts = factsOf(scene)
  if (late === undefined) return { state: 'done', facts }
  return 'failure' in late ? { state: 'failed', reason: late.failure, facts } : { state: 'waiting', ...late, facts }
}

function decide(scene: Scene): Roster {
  const { wish, stacks } = scene
  const { operation } = wish.cluster.spec
  const busy = stacks.some(({ status }) => status.endsWith('_IN_PROGRESS'))
  const hasFailed = (node: RosterNode): boolean => {
    const entry = entryOf(scene, node)
    const status = serverOf(scene, node)?.status ?? ''
    // Of one that serves, Heat may only have lost sight.
    return didNotJoin(scene, entry) || (entry?.joined === true ? status === 'CHECK_FAILED' : status.endsWith('_FAILED'))
  }
  const isGone = (node: RosterNode): boolean =>
    !isHeld(node) && !busy && serverOf(scene, node) === undefined && (!isMaster(wish, node) || isForgotten(scene, node))
  const known = strike(markFailed(scene.roster, operation.id, hasFailed), isGone)
  const groups = wish.nodeGroups.map(({ uuid, spec }) => ({
    ...spec,
    uuid,
    role: spec.role === 'master' ? ('master' as const) : ('worker' as const),
  }))
  const adjusted = adjust(known, groups, {
    sightingOf: (node) => sightingOf(scene, node),
    batch: Math.max(1, operation.maxBatchSize ?? 1),
  })
  return release(stamped(adjusted, scene.options.now()), (node) => isBeyondDraining(scene, node))
}

const hasLost = (before: Roster, after: Roster): boolean => {
  const keys = new Set(after.nodes.map(nodeKey))
  return before.nodes.some((node) => !keys.has(nodeKey(node)))
}

/** Takes nodes of servers that are gone from what the cluster knows. What cannot be reached now is swept at a look at the cluster's health. */
async function forget({ wish, options }: Scene): Promise<void> {
  const { cluster, signal } = wish
  try {
    await options.door(cluster, signal, async (inside) => {
      await sweep(cluster, options.ledger, { nodes: await inside.nodes(), inside })
    })
  } catch {
    signal.throwIfAborted()
  }
}

/** Of what Heat lost while it made all this. What cannot be asked now is, after the next operation. */
async function sweepLost({ cloud, stacks, wish }: Scene): Promise<void> {
  try {
    await cloud.sweep({ stacks, ends: false })
  } catch {
    wish.signal.throwIfAborted()
  }
}

/** The first node that is not as it shall be, when the stacks are. */
function lateNode(scene: Scene, drained: Drained): Late | undefined {
  const { roster } = scene
  const named = roster.nodes.map((node) => ({ node, entry: entryOf(scene, node), name: ledgerNameOf(scene, node) }))
  const failed = named.find(({ node, entry }) => !node.leaves && didNotJoin(scene, entry))
  if (failed !== undefined) return { failure: `node ${failed.name}: ${failed.entry?.report?.message ?? ''}` }
  if (drained.for !== undefined) return { for: drained.for, afterMs: soon }
  const late =
    named.find(({ node, entry }) => !node.leaves && entry !== undefined && !isUpToDate(entry)) ??
    named.find(({ node, entry }) => node.leaves || entry === undefined)
  if (late === undefined) return undefined
  const { node, entry, name } = late
  if (node.leaves) return { for: `node ${name} to go`, afterMs: soon }
  if (entry?.report === undefined)
    return { for: `node ${name}: ${entry === undefined ? 'its turn' : 'it starts'}`, afterMs: soon }
  const { phase, message } = entry.report
  const what = phase === 'ready' ? `node ${name} to take up what is new` : `node ${name}: ${phase} ${message}`.trim()
  return { for: what, afterMs: soon }
}

/** A node tries again what failed: much of it passes on a machine that has too much to do. */
const patienceMs = 3 * 60_000

/** What fails on a node that has joined is waited for. */
const didNotJoin = ({ options }: Scene, { joined, report }: Partial<NodeEntry> = {}): boolean =>
  joined !== true && report?.phase === 'failed' && options.now() - (report.failingSince ?? report.at) >= patienceMs

function factsOf(scene: Scene): Facts {
  const { wish, stacks, roster } = scene
  const api = apiOf(scene)
  const own = ownStack(stacks, wish.cluster)
  const coeVersion = versionOf(scene)
  const groups = wish.nodeGroups.map((group) => {
    const mine = roster.nodes.filter((node) => node.group === group.uuid && !node.leaves)
    const servers = mine.flatMap((node) => serverOf(scene, node) ?? [])
    const stackId = stacks.find(({ name }) => name === stackNameOf(wish.cluster, group))?.id
    const version = oldestOf(mine.flatMap((node) => entryOf(scene, node)?.orders.version ?? []))
    return [
      group.uuid,
      {
        nodeAddresses: servers.flatMap(({ floatingAddress, address }) => floatingAddress ?? address ?? []),
        removed: removedOf(roster, { uuid: group.uuid, nodesToRemove: group.spec.nodesToRemove }, (node) =>
          sightingOf(scene, node),
        ),
        ...(stackId === undefined ? {} : { stackId }),
        ...(version === undefined ? {} : { version }),
      },
    ] as const
  })
  return {
    nodeGroups: Object.fromEntries(groups),
    ...(own === undefined ? {} : { stackId: own.id }),
    ...(coeVersion === undefined ? {} : { coeVersion }),
    ...(api === undefined
      ? {}
      : {
          apiAddress: `${isSwarm(wish.cluster) ? 'tcp' : 'https'}://${api.floatingAddress ?? api.address}:${apiPortOf(wish.cluster)}`,
        }),
  }
}
