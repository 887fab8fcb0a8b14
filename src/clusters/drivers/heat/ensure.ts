/** From the roster to stacks. */
import { createHash } from 'node:crypto'
import type { Cluster, NodeGroup } from '../../model/index.ts'
import { nodeToken } from '../../nodes/index.ts'
import { clusterTag, type SeenStack } from './cloud.ts'
import { clusterLayout, placementOf, stackNodeOf } from './layout.ts'
import { isHeld } from './leaving.ts'
import { loginKeyOf } from './login-key.ts'
import { isReleased } from './masters.ts'
import { groupStackName, isStackOf, stackName } from './names.ts'
import type { RosterNode } from './roster.ts'
import { groupOf, type HeatDriverOptions, isMaster, ownStack, type Scene } from './scene.ts'
import { clusterStack, groupStack } from './stack.ts'
import type { StackBody } from './template.ts'

/** What is not as it shall be yet. */
export type Late = { readonly for: string } | { readonly failure: string }

/** Brings the stacks in line, as far as that goes now. @returns what is waited for; undefined when they are as they shall be */
export async function ensureStacks(scene: Scene): Promise<Late | undefined> {
  const { wish, stacks, cloud } = scene
  const first = await ensure(scene, stackName(wish.cluster), clusterBody(scene))
  const own = ownStack(stacks, wish.cluster)
  if (first !== undefined || own === undefined) return first
  const further = wish.nodeGroups.filter(({ spec }) => !spec.isDefault)
  const late: Late[] = []
  for (const group of further) {
    const found = await ensure(scene, groupStackName(wish.cluster, group), groupBody(scene, group, own))
    if (found !== undefined) late.push(found)
  }
  const names = new Set([stackName(wish.cluster), ...further.map((group) => groupStackName(wish.cluster, group))])
  for (const stack of stacks) {
    // A group that is not wished any more: its nodes are drained before.
    if (names.has(stack.name) || isNeeded(scene, stack)) continue
    if (stack.status !== 'DELETE_IN_PROGRESS') await cloud.remove(stack)
    late.push({ for: `the removal of stack ${stack.name}` })
  }
  return late.find((each) => 'failure' in each) ?? late[0]
}

const isNeeded = ({ roster, wish }: Scene, { name }: SeenStack): boolean =>
  roster.nodes.some((node) => isHeld(node) && groupOf(wish, node) === undefined && isStackOf(name, node.group))

async function ensure({ wish, stacks, cloud }: Scene, name: string, body: StackBody): Promise<Late | undefined> {
  const { cluster } = wish
  const digest = `body-${createHash('sha256')
    .update(JSON.stringify([body.template, body.files]))
    .digest('hex')
    .slice(0, 32)}`
  const wished = `wish-${cluster.spec.operation.id}`
  const tags = [clusterTag(cluster), wished, digest]
  const stack = stacks.find((each) => each.name === name)
  if (stack === undefined) {
    await cloud.create(name, body, tags)
    return { for: `stack ${name}: it was asked for` }
  }
  if (stack.status.endsWith('_IN_PROGRESS'))
    return { for: `stack ${name}: ${stack.status}${stack.reason === '' ? '' : `: ${stack.reason}`}` }
  const isSame = stack.tags.includes(digest)
  if (stack.status.endsWith('_COMPLETE') && isSame) return undefined
  if (stack.status.endsWith('_FAILED') && isSame && stack.tags.includes(wished))
    return { failure: `stack ${name}: ${stack.reason}` }
  await cloud.update(stack, body, tags)
  return { for: `stack ${name}: its update was asked for` }
}

function clusterBody(scene: Scene): StackBody {
  const { cluster, nodeGroups } = scene.wish
  const nodesOf = (isMaster: boolean) =>
    nodeGroups
      .filter(({ spec }) => spec.isDefault && (spec.role === 'master') === isMaster)
      .flatMap((group) => stackNodes(scene, group))
  return clusterStack({
    ...clusterLayout(cluster, scene.options.defaults),
    masters: nodesOf(true),
    workers: nodesOf(false),
  })
}

function groupBody(scene: Scene, group: NodeGroup, own: SeenStack): StackBody {
  const { cluster } = scene.wish
  const { externalNetworkId } = cluster.spec.template
  const output = (name: string): string => own.outputs[name] ?? ''
  const routerId = own.outputs['router_id']
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
