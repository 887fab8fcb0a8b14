/**
 * The roster: which nodes a cluster shall have, by name, and which of them shall go. A node is never changed into another one; what is
 * outdated is replaced. An index is given once: whoever asked for node 0 to go and asks again does not lose the node that came after it.
 */
import type { Retry } from './retries.ts'

export interface RosterNode {
  /** UUID of its node group. */
  readonly group: string
  /** Within its group, from 0. */
  readonly index: number
  readonly templateId: string
  readonly imageId: string
  readonly flavorId: string
  /** Its number in the cluster: which part of the Pods' addresses it has. Nobody else's until it is gone. */
  readonly slot: number
  /** It was decided that it goes; that is never taken back. */
  readonly leaves: boolean
  /** When that was decided, milliseconds since 1970. */
  readonly leftAt?: number
  /** It leaves and is drained, or that took too long: its server may go. */
  readonly released?: true
  /** Id of the operation in which it was seen to fail. */
  readonly failedIn?: string
}

export interface Roster {
  readonly nodes: readonly RosterNode[]
  /** The next index of a group that had nodes, by its UUID. */
  readonly next: Readonly<Record<string, number>>
  /** The API is behind a load balancer of the cloud. Decided before anything is made, and never taken back. */
  readonly balanced?: true
  /** By name: stacks that failed, and when they are asked for again. */
  readonly retries?: Readonly<Record<string, Retry>>
  /** By name: stacks that were asked for and not seen by a removal, and when they were, milliseconds since 1970. */
  readonly begun?: Readonly<Record<string, number>>
}

export const emptyRoster: Roster = { nodes: [], next: {} }

/** What is wished of a node group. */
export interface WishedGroup {
  readonly uuid: string
  readonly role: 'master' | 'worker'
  readonly templateId: string
  readonly imageId: string
  readonly flavorId: string
  readonly nodeCount: number
  /** By UUID of the server or by index. */
  readonly nodesToRemove: readonly string[]
}

/** What is seen of a node. */
export interface Sighting {
  /** UUID of its server, once it has one. */
  readonly serverId?: string
  /** It serves: the cluster has it as a ready node. */
  readonly ready: boolean
  /** It will not come by waiting, or is dead. */
  readonly failed: boolean
}

/** Decides that they go. */
export function leave(roster: Roster, goes: (node: RosterNode) => boolean): Roster {
  if (!roster.nodes.some((node) => !node.leaves && goes(node))) return roster
  return {
    ...roster,
    nodes: roster.nodes.map((node) => (!node.leaves && goes(node) ? { ...node, leaves: true } : node)),
  }
}

/** Decides on new ones. */
export function add(roster: Roster, { uuid, templateId, imageId, flavorId }: WishedGroup, count: number): Roster {
  if (count <= 0) return roster
  const first = roster.next[uuid] ?? 0
  const slots = freeSlots(roster, count)
  const made = slots.map((slot, at): RosterNode => {
    return { group: uuid, index: first + at, templateId, imageId, flavorId, slot, leaves: false }
  })
  return { ...roster, nodes: [...roster.nodes, ...made], next: { ...roster.next, [uuid]: first + count } }
}

function freeSlots({ nodes }: Roster, count: number): readonly number[] {
  const taken = new Set(nodes.map(({ slot }) => slot))
  const all = Array.from({ length: taken.size + count }, (_, slot) => slot)
  return all.filter((slot) => !taken.has(slot)).slice(0, count)
}

/** Notes nodes that failed while an operation was under way: the next one replaces them, but for those that came all the same. */
export function markFailed(roster: Roster, operation: string, hasFailed: (node: RosterNode) => boolean): Roster {
  const marked = (node: RosterNode): RosterNode => {
    const { failedIn, ...well } = node
    if (failedIn === undefined) return node.leaves || !hasFailed(node) ? node : { ...node, failedIn: operation }
    return failedIn === operation && !hasFailed(node) ? well : node
  }
  const nodes = roster.nodes.map(marked)
  return nodes.every((node, at) => node === roster.nodes[at]) ? roster : { ...roster, nodes }
}

/** Strikes out nodes that are gone. */
export function strike(roster: Roster, isGone: (node: RosterNode) => boolean): Roster {
  if (!roster.nodes.some(isGone)) return roster
  return { ...roster, nodes: roster.nodes.filter((node) => !isGone(node)) }
}

/** Of what a group was asked to remove, what is not there (any more). */
export function removedOf(
  roster: Roster,
  { uuid, nodesToRemove }: Pick<WishedGroup, 'uuid' | 'nodesToRemove'>,
  sightingOf: (node: RosterNode) => Sighting,
): readonly string[] {
  const there = new Set(
    roster.nodes
      .filter((node) => node.group === uuid)
      .flatMap((node) => [String(node.index), sightingOf(node).serverId ?? '']),
  )
  return nodesToRemove.filter((name) => !there.has(name))
}
