/**
 * Directed graphs of things that need other things. Knows no domain: a node is an id with a value, an edge leads from a
 * node to one it *needs*. Orders are stable: ties keep the order in which nodes were given.
 */
import { CroqueError } from '../errors/index.ts'

export interface GraphNode<T> {
  readonly id: string
  readonly value: T
  /** Ids of the nodes that must be finished before this one. */
  readonly needs: readonly string[]
}

export interface Graph<T> {
  readonly nodes: ReadonlyMap<string, GraphNode<T>>
}

/**
 * Checks and builds a graph. Repeated needs count once.
 * Throws `dependency-unknown` for two nodes of one id or a need without a node (all at once), and `dependency-cycle`, which names the cycle.
 */
export function createGraph<T>(nodes: Iterable<GraphNode<T>>): Graph<T> {
  const map = new Map<string, GraphNode<T>>()
  const problems: string[] = []
  for (const node of nodes) {
    if (map.has(node.id)) problems.push(`${node.id} exists twice`)
    map.set(node.id, { ...node, needs: [...new Set(node.needs)] })
  }
  for (const node of map.values()) {
    for (const need of node.needs) if (!map.has(need)) problems.push(`${node.id} needs ${need}, which does not exist`)
  }
  if (problems.length > 0) {
    throw new CroqueError('dependency-unknown', { what: 'The dependency graph has gaps', why: problems.join('\n') })
  }
  const graph = { nodes: map }
  const cycle = findCycle(graph)
  if (cycle !== undefined) {
    throw new CroqueError('dependency-cycle', { what: `Things need each other in a circle: ${cycle.join(' -> ')}` })
  }
  return graph
}

/** One cycle as ids, the first repeated at the end (`a -> b -> a`); undefined when there is none. Needs without a node are passed over. */
export function findCycle<T>(graph: Graph<T>): readonly string[] | undefined {
  const finished = new Set<string>()
  for (const start of graph.nodes.keys()) {
    const cycle = cycleFrom(graph, start, finished)
    if (cycle !== undefined) return cycle
  }
  return undefined
}

/** Depth first with a stack of its own, so that a long chain cannot exhaust the call stack. */
function cycleFrom<T>(graph: Graph<T>, start: string, finished: Set<string>): string[] | undefined {
  const path: string[] = []
  const onPath = new Set<string>()
  const stack: { id: string; leave: boolean }[] = [{ id: start, leave: false }]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top.leave) {
      path.pop()
      onPath.delete(top.id)
      finished.add(top.id)
      continue
    }
    if (onPath.has(top.id)) return [...path.slice(path.indexOf(top.id)), top.id]
    const node = graph.nodes.get(top.id)
    if (finished.has(top.id) || node === undefined) continue
    path.push(top.id)
    onPath.add(top.id)
    stack.push({ id: top.id, leave: true })
    for (const need of node.needs.toReversed()) stack.push({ id: need, leave: false })
  }
  return undefined
}

/** Every id after all that it needs. */
export function topologicalOrder<T>(graph: Graph<T>): readonly string[] {
  const missing = new Map([...graph.nodes.values()].map((node) => [node.id, node.needs.length]))
  const dependents = dependentsOf(graph)
  const order = [...missing].filter(([, count]) => count === 0).map(([id]) => id)
  for (let next = 0; next < order.length; next++) {
    for (const dependent of dependents.get(order[next] ?? '') ?? []) {
      const left = (missing.get(dependent) ?? 0) - 1
      missing.set(dependent, left)
      if (left === 0) order.push(dependent)
    }
  }
  return order
}

/** For every node the ids of those that need it directly. */
export function dependentsOf<T>(graph: Graph<T>): ReadonlyMap<string, readonly string[]> {
  const dependents = new Map<string, string[]>([...graph.nodes.keys()].map((id) => [id, []]))
  for (const node of graph.nodes.values()) for (const need of node.needs) dependents.get(need)?.push(node.id)
  return dependents
}
