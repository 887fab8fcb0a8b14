/**
 * How a node leaves. That it does is decided by the roster (`leaves`, since `leftAt`); then it is drained; then it is released, and its
 * server goes with the next change of the stack; when that is gone it is struck out, and its Node is taken from Kubernetes. Each step is
 * kept in the roster, and none is taken back.
 */
import type { Inside, SeenNode } from './inside/inside.ts'
import type { Roster, RosterNode } from './roster.ts'
import { entryOf, isMaster, ledgerNameOf, type Scene, troubleIn } from './scene.ts'

/** How long a node may take to be drained. Magnum has no such bound of its own; five minutes is what its upgrade gives `kubectl drain`. */
export const drainMs = 5 * 60_000

/** Whether its server shall (still) be there. */
export const isHeld = ({ leaves, released }: RosterNode): boolean => !leaves || released !== true

/** Notes since when nodes leave. A clock that was put back makes nobody wait for longer. */
export function stamped(roster: Roster, now: number): Roster {
  const isNew = ({ leaves, leftAt }: RosterNode): boolean => leaves && (leftAt === undefined || leftAt > now)
  if (!roster.nodes.some(isNew)) return roster
  return { ...roster, nodes: roster.nodes.map((node) => (isNew(node) ? { ...node, leftAt: now } : node)) }
}

/** Lets the servers of leaving nodes go. */
export function release(roster: Roster, mayGo: (node: RosterNode) => boolean): Roster {
  const goes = (node: RosterNode): boolean => node.leaves && isHeld(node) && mayGo(node)
  if (!roster.nodes.some(goes)) return roster
  return { ...roster, nodes: roster.nodes.map((node) => (goes(node) ? { ...node, released: true } : node)) }
}

/** Whether there is nothing (more) to be done for the Pods of a node, without having asked its cluster. */
export function isBeyondDraining(scene: Scene, node: RosterNode): boolean {
  const { roster, options, wish } = scene
  const joined = (each: RosterNode): boolean => entryOf(scene, each)?.joined === true
  const neverServed = !roster.nodes.some((each) => isMaster(wish, each) && joined(each))
  const isLate = options.now() - (node.leftAt ?? 0) >= drainMs
  return neverServed || isLate || !joined(node) || troubleIn(scene, node) !== undefined
}

export interface Drained {
  readonly roster: Roster
  /** What is waited for; undefined when no node has to be drained any more. */
  readonly for?: string
}

/** Drains the leaving nodes, as far as that goes now, and releases those that are empty. */
export async function drain(scene: Scene): Promise<Drained> {
  const { roster, wish, options } = scene
  const leaving = roster.nodes.filter((node) => node.leaves && isHeld(node))
  const [first] = leaving
  if (first === undefined) return { roster }
  const waitsFor = (node: RosterNode, why: string): string =>
    `node ${ledgerNameOf(scene, node)} to be drained, for ${drainMs / 60_000} minutes at most: ${why}`
  try {
    const waits = await options.door(wish.cluster, wish.signal, async (inside) => {
      const nodes = await inside.nodes()
      const named = leaving.map((node) => nodes.find(({ name }) => name === ledgerNameOf(scene, node)))
      return await Promise.all(named.map(async (node) => await empty(inside, node)))
    })
    const late = leaving.flatMap((node, at) => (waits[at] === undefined ? [] : [waitsFor(node, waits[at])]))
    const drained = release(roster, (node) => waits[leaving.indexOf(node)] === undefined)
    return late[0] === undefined ? { roster: drained } : { roster: drained, for: late[0] }
  } catch (error) {
    wish.signal.throwIfAborted()
    return { roster, for: waitsFor(first, whyOf(error)) }
  }
}

/** @returns what is waited for; undefined when it is empty */
async function empty(inside: Inside, node: SeenNode | undefined): Promise<string | undefined> {
  // The Pods of a node that is not there, or that nobody hears of, end with it: nobody could say that they have ended.
  if (node === undefined || node.ready !== 'True') return undefined
  if (!node.cordoned) await inside.cordon(node)
  const left = await inside.evict(node)
  // Those that may not go are the news.
  const told = left.find((each) => !each.endsWith(' to end')) ?? left[0]
  return told === undefined || left.length === 1 ? told : `${told}, and ${left.length - 1} more`
}

/** What an error says, with what it says of its cause. */
export function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'why' in error && typeof error.why === 'string' ? `${error.message}: ${error.why}` : error.message
}
