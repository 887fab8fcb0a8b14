import { type Graph, topologicalOrder } from './graph.ts'

export interface CriticalPath {
  /** From the first to the last; empty for an empty graph. */
  readonly ids: readonly string[]
  /** Sum of their durations, in the unit that `durationOf` uses. */
  readonly length: number
}

/** The chain of needs whose durations sum to the most: no schedule, however wide, can be faster. */
export function criticalPath<T>(graph: Graph<T>, durationOf: (id: string) => number): CriticalPath {
  const length = new Map<string, number>()
  const before = new Map<string, string>()
  let last: string | undefined
  for (const id of topologicalOrder(graph)) {
    let longest = 0
    for (const need of graph.nodes.get(id)?.needs ?? []) {
      const reach = length.get(need) ?? 0
      if (before.has(id) && reach <= longest) continue
      longest = reach
      before.set(id, need)
    }
    length.set(id, longest + durationOf(id))
    if (last === undefined || (length.get(id) ?? 0) > (length.get(last) ?? 0)) last = id
  }
  const ids: string[] = []
  for (let id = last; id !== undefined; id = before.get(id)) ids.unshift(id)
  return { ids, length: last === undefined ? 0 : (length.get(last) ?? 0) }
}
