/** Walks a graph with everything ready at once in flight. */
import { dependentsOf, type Graph, type GraphNode } from './graph.ts'

export interface WalkOptions<T> {
  /** Does the node's work; a rejection fails the node. Nodes that need a failed one are never visited. */
  readonly visit: (node: GraphNode<T>, signal: AbortSignal) => Promise<void>
  /** Called once for every node that is skipped, with the failed node that it hangs from, as soon as that is known. */
  readonly onSkip?: (node: GraphNode<T>, cause: string) => void
  /** Most visits at the same time. Default: no limit. */
  readonly limit?: number
  /** When it aborts no further visit starts; those in flight get the same signal and are awaited. */
  readonly signal?: AbortSignal
}

export type Outcome =
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly error: unknown }
  /** `cause` is the id of the failed node at the root of it. */
  | { readonly state: 'skipped'; readonly cause: string }
  /** The walk was aborted before it was visited. */
  | { readonly state: 'not-started' }

/**
 * Visits every node after all that it needs. Never rejects because of a visit: failures are in the outcomes, one for every node.
 * Order among ready nodes is the order of the graph.
 */
export async function walk<T>(graph: Graph<T>, options: WalkOptions<T>): Promise<ReadonlyMap<string, Outcome>> {
  const { visit, onSkip, limit = Number.POSITIVE_INFINITY } = options
  const signal = options.signal ?? new AbortController().signal
  const dependents = dependentsOf(graph)
  const missing = new Map([...graph.nodes.values()].map((node) => [node.id, node.needs.length]))
  const ready = [...graph.nodes.values()].filter((node) => node.needs.length === 0)
  const outcomes = new Map<string, Outcome>()
  const inFlight = new Set<Promise<void>>()

  const skipFrom = (id: string, cause: string): void => {
    const queue = [...(dependents.get(id) ?? [])]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const node = graph.nodes.get(next)
      if (node === undefined || outcomes.has(next)) continue
      outcomes.set(next, { state: 'skipped', cause })
      onSkip?.(node, cause)
      queue.push(...(dependents.get(next) ?? []))
    }
  }
  const release = (id: string): void => {
    for (const dependent of dependents.get(id) ?? []) {
      const left = (missing.get(dependent) ?? 0) - 1
      missing.set(dependent, left)
      const node = graph.nodes.get(dependent)
      if (left === 0 && node !== undefined && !outcomes.has(dependent)) ready.push(node)
    }
  }
  const start = async (node: GraphNode<T>): Promise<void> => {
    try {
      await visit(node, signal)
      outcomes.set(node.id, { state: 'done' })
      release(node.id)
    } catch (error) {
      outcomes.set(node.id, { state: 'failed', error })
      skipFrom(node.id, node.id)
    }
  }

  for (;;) {
    while (ready.length > 0 && inFlight.size < limit && !signal.aborted) {
      const node = ready.shift()
      if (node === undefined) break
      const flight = start(node).finally(() => inFlight.delete(flight))
      inFlight.add(flight)
    }
    if (inFlight.size === 0) break
    await Promise.race(inFlight)
  }
  return new Map([...graph.nodes.keys()].map((id) => [id, outcomes.get(id) ?? { state: 'not-started' }]))
}
