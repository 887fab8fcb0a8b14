/** Node groups of the null driver: from what is there to what is wished, one call a change. */
import type { NodeGroup } from '../../model/index.ts'
import type { ImaginaryGroup, ImaginaryNode } from './cloud.ts'
import { delayOf, Hopeless, type Motion } from './motion.ts'

export async function convergeGroups(motion: Motion): Promise<void> {
  const { nodeGroups } = motion.wish
  const wished = new Set(nodeGroups.map(({ uuid }) => uuid))
  for (const uuid of Object.keys(motion.cluster.groups)) {
    if (!wished.has(uuid))
      await motion.call('group delete', ({ groups: { [uuid]: _, ...groups }, ...rest }) => ({ ...rest, groups }))
  }
  for (const group of nodeGroups) {
    await removeWished(motion, group)
    await replaceOutdated(motion, group)
    await fillUp(motion, group)
  }
}

/**
 * Nodes that certain names were given for, by server or by index. What went is written down in the same breath: an index that was
 * honoured once must not take another node when the call comes again.
 */
async function removeWished(motion: Motion, { uuid, spec }: NodeGroup): Promise<void> {
  const operation = motion.wish.cluster.spec.operation.id
  const { nodes, removed } = groupOf(motion, uuid)
  const done = removed?.operation === operation ? removed.nodes : []
  const open = spec.nodesToRemove.filter((name) => !done.includes(name))
  if (open.length === 0) return
  const going = new Set(open.flatMap((name) => nodes[Number(name)]?.id ?? name))
  await change(motion, 'server delete', uuid, (group) => ({
    nodes: group.nodes.filter(({ id }) => !going.has(id)),
    removed: { operation, nodes: [...done, ...open] },
  }))
}

/** So many at once as the wish allows; the rest comes with the next calls, when these are ready. */
async function replaceOutdated(motion: Motion, { uuid, spec }: NodeGroup): Promise<void> {
  const { operation } = motion.wish.cluster.spec
  const now = motion.options.clock.now()
  const { nodes } = groupOf(motion, uuid)
  if (nodes.some(({ readyAt }) => readyAt > now)) return
  const outdated = nodes.filter(({ templateId }) => templateId !== spec.templateId)
  const batch = new Set(outdated.slice(0, operation.maxBatchSize ?? 1).map(({ id }) => id))
  if (batch.size > 0)
    await change(motion, 'server delete', uuid, (group) => ({
      ...group,
      nodes: group.nodes.filter(({ id }) => !batch.has(id)),
    }))
}

/** More than that would not go into one object, and take for ever. */
const mostNodes = 1000

async function fillUp(motion: Motion, { uuid, spec }: NodeGroup): Promise<void> {
  if (spec.nodeCount > mostNodes)
    throw new Hopeless(`imaginary server create: a node group has at most ${mostNodes} imaginary nodes`)
  // A group without nodes is a group all the same.
  if (motion.cluster.groups[uuid] === undefined) await change(motion, 'group create', uuid, (group) => group)
  while (groupOf(motion, uuid).nodes.length < spec.nodeCount) {
    await motion.call('server create', (cluster) => ({
      ...cluster,
      made: cluster.made + 1,
      groups: {
        ...cluster.groups,
        [uuid]: { ...groupOf(motion, uuid), nodes: [...groupOf(motion, uuid).nodes, newNode(motion, spec.templateId)] },
      },
    }))
  }
  const surplus = groupOf(motion, uuid).nodes.length - spec.nodeCount
  if (surplus > 0)
    await change(motion, 'server delete', uuid, (group) => ({ ...group, nodes: group.nodes.slice(0, spec.nodeCount) }))
}

const groupOf = ({ cluster }: Motion, uuid: string): ImaginaryGroup => cluster.groups[uuid] ?? { nodes: [] }

async function change(
  motion: Motion,
  call: 'server delete' | 'group create',
  uuid: string,
  changed: (group: ImaginaryGroup) => ImaginaryGroup,
): Promise<void> {
  await motion.call(call, (cluster) => ({
    ...cluster,
    groups: { ...cluster.groups, [uuid]: changed(groupOf(motion, uuid)) },
  }))
}

function newNode(motion: Motion, templateId: string): ImaginaryNode {
  const { cluster, options } = motion
  const readyAt = options.clock.now() + delayOf(motion, 'server')
  return { id: options.newId(), address: addressOf(cluster.made), templateId, readyAt }
}

/** From 192.0.2.0/24 (RFC 5737) as far as it goes, then from 2001:db8::/32 (RFC 3849): both are nobody's, for documentation. */
const addressOf = (made: number): string => (made < 254 ? `192.0.2.${made + 1}` : `2001:db8::${made.toString(16)}`)
