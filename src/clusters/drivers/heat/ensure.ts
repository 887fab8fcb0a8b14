/** From the roster to stacks. */
import { createHash } from 'node:crypto'
import type { Cluster, NodeGroup } from '../../model/index.ts'
import { nodeToken } from '../../nodes/index.ts'
import { balancerOf } from './balancer.ts'
import { clusterTag, type SeenStack } from './cloud.ts'
import { clusterLayout, placementOf, stackNodeOf } from './layout.ts'
import { isHeld } from './leaving.ts'
import { loginKeyOf } from './login-key.ts'
import { isReleased } from './masters.ts'
import { groupStackName, isStackOf, stackName } from './names.ts'
import { podsBy } from './network.ts'
import { type Retries, timeOfDay, triedAgainAt } from './retries.ts'
import type { RosterNode } from './roster.ts'
import { groupOf, type HeatDriverOptions, isMaster, ownStack, type Scene } from './scene.ts'
import { clusterStack, groupStack } from './stack.ts'
import type { StackBody } from './template.ts'
import { fairTries, verdictOf } from './verdict.ts'

export interface Awaited {
  readonly for: string
  /** When it is worth to look again, milliseconds from now. */
  readonly afterMs: number
}

/** What is not as it shall be yet. */
export type Late = Awaited | { readonly failure: string }

/** How soon a call that waits is made again; */
export const soon = 2000
/** and one that waits for what does not move, at the latest. */
const late = 15_000

const between = (ms: number): number => Math.min(late, Math.max(soon, ms))
const untilDue = (due: number, now: number): number => between(due - now)
/** The longer nothing has moved, the longer it may be before something does. */
const untilItMoves = ({ movedAt }: SeenStack, now: number): number => between((now - movedAt) / 10)

/**
 * How long a stack may be under way without any of its parts moving, while others have one of them in hand; and while nobody has, when only
 * Heat's engine can be at work: for longer than the minute after which the services of a cloud give up a call to each other. A stack that is
 * asked for again goes on with what it has, so both may be too short without harm.
 */
const silenceMs = { built: 5 * 60_000, still: 90_000 }

/** Brings the stacks in line, as far as that goes now. @returns what is waited for; undefined when they are as they shall be */
export async function ensureStacks(scene: Scene, retries: Retries): Promise<Late | undefined> {
  const { wish, stacks } = scene
  const first = await ensure(scene, retries, { name: stackName(wish.cluster), body: clusterBody(scene) })
  const own = ownStack(stacks, wish.cluster)
  if (first !== undefined || own === undefined) return first
  const further = wish.nodeGroups.filter(({ spec }) => !spec.isDefault)
  const found: Late[] = []
  for (const group of further) {
    const name = groupStackName(wish.cluster, group)
    const late = await ensure(scene, retries, { name, body: groupBody(scene, group, own) })
    if (late !== undefined) found.push(late)
  }
  const names = new Set([stackName(wish.cluster), ...further.map((group) => groupStackName(wish.cluster, group))])
  for (const stack of stacks) {
    // A group that is not wished any more: its nodes are drained before.
    if (!names.has(stack.name) && !isNeeded(scene, stack)) found.push(await removeStack(scene, retries, stack))
  }
  return found.find((each) => 'failure' in each) ?? found[0]
}

const isNeeded = ({ roster, wish }: Scene, { name }: SeenStack): boolean =>
  roster.nodes.some((node) => isHeld(node) && groupOf(wish, node) === undefined && isStackOf(name, node.group))

/** Asks for the removal of a stack, as often as it takes: nobody wants it. @returns what is waited for */
export async function removeStack(
  { cloud, options }: Pick<Scene, 'cloud' | 'options'>,
  retries: Retries,
  stack: SeenStack,
): Promise<Awaited> {
  const now = options.now()
  const removal = `the removal of stack ${stack.name}`
  const trouble = stack.status === 'DELETE_FAILED' ? stack.reason : silenceOf(stack, now)
  if (stack.status === 'DELETE_IN_PROGRESS' && trouble === undefined)
    return { for: removal, afterMs: untilItMoves(stack, now) }
  // Whatever was done to it before.
  const retry = trouble === undefined ? undefined : await retries.next(stack.name, 'removal')
  if (retry?.due !== undefined)
    return { for: `${removal}: ${trouble}; ${triedAgainAt(retry.due)}`, afterMs: untilDue(retry.due, now) }
  await cloud.remove(stack)
  return { for: trouble === undefined ? removal : `${removal}: ${trouble}`, afterMs: soon }
}

/**
 * What there is to say of a stack that stands still. A Heat of today (`convergence_engine`) does not notice that an engine died: such a
 * stack stays under way, and goes on when it is asked for again. (An older one says at its start `Engine went down during …`.)
 */
function silenceOf({ status, movedAt, isBuilt }: SeenStack, now: number): string | undefined {
  const patience = isBuilt ? silenceMs.built : silenceMs.still
  if (!status.endsWith('_IN_PROGRESS') || now - movedAt < patience) return undefined
  return `${status}, and nothing of it has moved since ${timeOfDay(movedAt)}`
}

interface Wanted {
  readonly name: string
  readonly body: StackBody
}

async function ensure(
  { wish, stacks, cloud, options }: Scene,
  retries: Retries,
  { name, body }: Wanted,
): Promise<Late | undefined> {
  const { cluster } = wish
  const digest = `body-${createHash('sha256')
    .update(JSON.stringify([body.template, body.files]))
    .digest('hex')
    .slice(0, 32)}`
  const wished = `wish-${cluster.spec.operation.id}`
  const tags = [clusterTag(cluster), wished, digest]
  const stack = stacks.find((each) => each.name === name)
  if (stack === undefined) {
    await retries.begin(name, async () => await cloud.create(name, body, tags))
    return { for: `stack ${name}: it was asked for`, afterMs: soon }
  }
  const now = options.now()
  const silence = silenceOf(stack, now)
  if (stack.status.endsWith('_IN_PROGRESS') && (silence === undefined || stack.status.startsWith('DELETE_')))
    return { for: `stack ${name}: ${stack.status}`, afterMs: untilItMoves(stack, now) }
  const isSame = stack.tags.includes(digest)
  if (stack.status.endsWith('_COMPLETE') && isSame) return undefined
  const hasFailed = stack.status.endsWith('_FAILED') && isSame && stack.tags.includes(wished)
  if (hasFailed || silence !== undefined) {
    const trouble = `stack ${name}: ${silence ?? stack.reason}`
    const verdict = silence === undefined ? verdictOf(stack.reason) : 'passes'
    if (verdict === 'lasts') return { failure: trouble }
    const { due, count } = await retries.next(name, `${wished} ${digest}`)
    if (verdict === 'scarce' && count > fairTries) return { failure: `${trouble} (tried ${count} times)` }
    if (due !== undefined) return { for: `${trouble}; ${triedAgainAt(due)}`, afterMs: untilDue(due, now) }
  }
  await cloud.update(stack, body, tags)
  return { for: `stack ${name}: its update was asked for`, afterMs: soon }
}

function clusterBody(scene: Scene): StackBody {
  const { cluster, nodeGroups } = scene.wish
  const nodesOf = (isMaster: boolean) =>
    nodeGroups
      .filter(({ spec }) => spec.isDefault && (spec.role === 'master') === isMaster)
      .flatMap((group) => stackNodes(scene, group))
  return clusterStack({
    ...clusterLayout(cluster, scene.options.defaults),
    routed: podsBy(cluster) === 'router',
    ...(scene.roster.balanced === true ? { balancer: balancerOf(cluster) } : {}),
    masters: nodesOf(true),
    workers: nodesOf(false),
  })
}

function groupBody(scene: Scene, group: NodeGroup, own: SeenStack): StackBody {
  const { cluster } = scene.wish
  const { externalNetworkId } = cluster.spec.template
  const output = (name: string): string => own.outputs[name] ?? ''
  const routerId = podsBy(cluster) === 'router' ? own.outputs['router_id'] : undefined
  return groupStack({
    name: `${cluster.spec.name}: ${group.spec.name}`,
    workers: stackNodes(scene, group),
    network: {
      networkId: output('network_id'),
      subnetId: output('subnet_id'),
      securityGroupId: output('worker_security_group_id'),
    },
    placement: placementOf(cluster, scene.options.defaults, group),
    ...(externalNetworkId === undefined ? {} : { externalNetworkId }),
    ...(routerId === undefined ? {} : { routerId }),
  })
}

const stackNodes = (scene: Scene, group: NodeGroup) => {
  const { roster, wish, ledger, options } = scene
  const stays = (node: RosterNode): boolean => isHeld(node) || (isMaster(wish, node) && !isReleased(scene, node))
  return roster.nodes
    .filter((node) => node.group === group.uuid && stays(node))
    .map((node) => {
      const token = nodeToken(ledger.key, { cluster: wish.cluster.uuid, group: group.uuid, index: node.index })
      return stackNodeOf(wish.cluster, group, node, userDataOf(wish.cluster, options, token))
    })
}

function userDataOf({ spec }: Cluster, { desk, trusted }: HeatDriverOptions, token: string): string {
  const content = JSON.stringify({ ...desk, token })
  const key = loginKeyOf(spec)
  const config = {
    write_files: [{ path: '/etc/croque/node.json', permissions: '0600', content }],
    runcmd: [['systemctl', 'start', '--no-block', 'croque-node.service']],
    ...(key === undefined ? {} : { ssh_authorized_keys: [key] }),
    ...(trusted === undefined ? {} : { ca_certs: { trusted: [trusted] } }),
  }
  return `#cloud-config\n${JSON.stringify(config)}\n`
}
