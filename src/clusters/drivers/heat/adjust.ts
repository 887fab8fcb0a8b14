/** From a roster and what is wished to the next roster: who comes and who goes, workers by batches, masters one by one. */
import { add, leave, type Roster, type RosterNode, type Sighting, type WishedGroup } from './roster.ts'

export interface AdjustOptions {
  readonly sightingOf: (node: RosterNode) => Sighting
  /** How many nodes of a group are replaced at once, and exist beyond its count meanwhile. At least 1. */
  readonly batch: number
}

/**
 * The next step from what is decided to what is wished; the same roster when nothing is to be decided now. Called again whenever
 * something changed, it comes to rest at the wish. It never takes more serving nodes away than must go: what is outdated leaves when
 * another one serves in its place, unless it was asked to go, is dead, or is beyond the count. Masters come first, and one by one: each
 * of them holds a part of what the cluster knows. A worker is never newer than a master, so none is made while a master is outdated.
 */
export function adjust(roster: Roster, groups: readonly WishedGroup[], options: AdjustOptions): Roster {
  const wished = new Map(groups.map((group) => [group.uuid, group]))
  const orphansGone = leave(roster, (node) => !wished.has(node.group))
  const masters = groups.filter(({ role }) => role === 'master')
  const guided = masters.reduce((adjusted, group) => adjustMasters(adjusted, group, options), orphansGone)
  const isOutdated = ({ group, templateId }: RosterNode): boolean =>
    masters.some((each) => each.uuid === group && each.templateId !== templateId)
  const workers = groups.filter(({ role }) => role === 'worker')
  const step = guided.nodes.some(isOutdated) ? shrinkWorkers : adjustWorkers
  return workers.reduce((adjusted, group) => step(adjusted, group, options), guided)
}

function adjustWorkers(roster: Roster, group: WishedGroup, options: AdjustOptions): Roster {
  const kept = shrinkWorkers(roster, group, options)
  return replaceOutdated(kept, { group, batch: options.batch, isGoing: () => false }, options)
}

/** Only what leaves whatever comes: who is asked for, dead, or beyond the count. */
function shrinkWorkers(roster: Roster, group: WishedGroup, { sightingOf }: AdjustOptions): Roster {
  const isGoing = goingOf(group, sightingOf)
  const kept = leave(roster, (node) => isOf(group, node) && isGoing(node))
  const current = kept.nodes.filter((node) => isOf(group, node) && node.templateId === group.templateId)
  const surplus = new Set(surplusOf(current, group.nodeCount, sightingOf))
  return leave(kept, (node) => surplus.has(node))
}

/**
 * A master that never served goes as it is. One that did goes alone: at once when two others remain to decide, else when another one
 * serves in its place.
 */
function adjustMasters(roster: Roster, group: WishedGroup, options: AdjustOptions): Roster {
  const { sightingOf } = options
  const isGoing = goingOf(group, sightingOf)
  const serves = (node: RosterNode): boolean => sightingOf(node).ready
  const idleGone = leave(roster, (node) => isOf(group, node) && isGoing(node) && !serves(node))
  const serving = idleGone.nodes.filter((node) => isOf(group, node) && serves(node))
  const [first] = serving.length > 2 ? serving.filter(isGoing) : []
  const decided = leave(idleGone, (node) => node === first)
  const current = decided.nodes.filter(
    (node) => isOf(group, node) && node.templateId === group.templateId && !isGoing(node),
  )
  const surplus = new Set(surplusOf(current, group.nodeCount, sightingOf))
  const shrunk = leave(decided, (node) => surplus.has(node))
  const replaced = replaceOutdated(shrunk, { group, batch: 1, isGoing }, options)
  return oneByOne(roster, replaced, group, serves)
}

/** Of the masters that serve, one leaves at a time. */
function oneByOne(before: Roster, after: Roster, { uuid }: WishedGroup, serves: (node: RosterNode) => boolean): Roster {
  const leaving = (roster: Roster): readonly RosterNode[] =>
    roster.nodes.filter((node) => node.group === uuid && node.leaves && serves(node))
  const known = new Set(leaving(before).map(({ index }) => index))
  const fresh = leaving(after).filter(({ index }) => !known.has(index))
  const allowed = known.size > 0 ? undefined : fresh[0]?.index
  const held = new Set(fresh.map(({ index }) => index).filter((index) => index !== allowed))
  if (held.size === 0) return after
  const isHeld = (node: RosterNode): boolean => node.group === uuid && held.has(node.index)
  return { ...after, nodes: after.nodes.map((node) => (isHeld(node) ? { ...node, leaves: false } : node)) }
}

interface Replacement {
  readonly group: WishedGroup
  readonly batch: number
  /** Of those of today's template, who is to be replaced all the same. */
  readonly isGoing: (node: RosterNode) => boolean
}

function replaceOutdated(
  roster: Roster,
  { group, batch, isGoing }: Replacement,
  { sightingOf }: AdjustOptions,
): Roster {
  const alive = roster.nodes.filter((node) => isOf(group, node))
  const isCurrent = (node: RosterNode): boolean => node.templateId === group.templateId && !isGoing(node)
  const current = alive.filter(isCurrent)
  const outdated = alive.filter((node) => !isCurrent(node))
  const room = group.nodeCount + (outdated.length > 0 ? batch : 0) - alive.length
  const grown = add(roster, group, Math.min(group.nodeCount - current.length, room))

  const serving = alive.filter((node) => sightingOf(node).ready).length
  const idle = outdated.filter((node) => !sightingOf(node).ready && current.length >= group.nodeCount)
  const spare = Math.max(0, serving - group.nodeCount)
  const spared = newestFirst(outdated.filter((node) => sightingOf(node).ready)).slice(0, spare)
  const going = new Set([...idle, ...spared])
  return leave(grown, (node) => going.has(node))
}

const isOf = ({ uuid }: WishedGroup, node: RosterNode): boolean => node.group === uuid && !node.leaves

const goingOf =
  ({ nodesToRemove }: WishedGroup, sightingOf: AdjustOptions['sightingOf']) =>
  (node: RosterNode): boolean =>
    sightingOf(node).failed ||
    nodesToRemove.some((name) => name === String(node.index) || name === sightingOf(node).serverId)

/** Beyond the count, those that do not serve and the newest. */
const surplusOf = (
  current: readonly RosterNode[],
  count: number,
  sightingOf: AdjustOptions['sightingOf'],
): readonly RosterNode[] =>
  [...current]
    .sort((a, b) => Number(sightingOf(a).ready) - Number(sightingOf(b).ready) || b.index - a.index)
    .slice(0, Math.max(0, current.length - count))

const newestFirst = (nodes: readonly RosterNode[]): readonly RosterNode[] =>
  [...nodes].sort((a, b) => b.index - a.index)
