import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CroqueError } from '../errors/index.ts'
import { createGraph, criticalPath, findCycle, type Graph, topologicalOrder, walk } from './index.ts'

const graphOf = (needs: Record<string, string[]>): Graph<string> =>
  createGraph(Object.entries(needs).map(([id, list]) => ({ id, value: id, needs: list })))

const kit = { db: [], mq: [], keystone: ['db'], glance: ['keystone'], nova: ['keystone', 'mq', 'glance'] }

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return error instanceof CroqueError ? error.code : 'other'
  }
  return 'none'
}

/** Graphs without cycles: every node may need only earlier ones. */
const acyclic = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 25 }).map((rows) =>
  createGraph(
    rows.map((row, index) => ({
      id: `n${index}`,
      value: index,
      needs: index === 0 ? [] : row.map((number) => `n${number % index}`),
    })),
  ),
)

describe('createGraph', () => {
  test('names every gap at once', () => {
    expect(() => graphOf({ a: ['x'], b: ['y'] })).toThrow(
      expect.objectContaining({ why: expect.stringMatching(/a needs x.*\n.*b needs y/) }),
    )
    expect(codeOf(() => graphOf({ a: ['x'] }))).toBe('dependency-unknown')
  })

  test('refuses two nodes of one id', () => {
    const node = { id: 'a', value: 1, needs: [] }
    expect(codeOf(() => createGraph([node, node]))).toBe('dependency-unknown')
  })

  test('names the cycle, and only it', () => {
    const build = () => graphOf({ start: ['a'], a: ['b'], b: ['c'], c: ['a'] })
    expect(codeOf(build)).toBe('dependency-cycle')
    expect(build).toThrow('a -> b -> c -> a')
  })

  test('a node may not need itself', () => {
    expect(() => graphOf({ a: ['a'] })).toThrow('a -> a')
  })

  test('a chain of 50 000 nodes is no problem for the call stack', () => {
    const nodes = Array.from({ length: 50_000 }, (_, i) => ({
      id: `${i}`,
      value: i,
      needs: i === 0 ? [] : [`${i - 1}`],
    }))
    expect(topologicalOrder(createGraph(nodes))).toHaveLength(50_000)
  })

  test('whatever closes a path is found as a cycle whose steps are all edges', () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), fc.nat(), (graph, from, to) => {
        const ids = [...graph.nodes.keys()]
        const source = ids[from % ids.length] ?? ''
        const target = ids[to % ids.length] ?? ''
        const nodes = new Map(graph.nodes)
        const node = nodes.get(source)
        if (node === undefined) throw new Error('no such node')
        nodes.set(source, { ...node, needs: [...node.needs, target] })
        const cycle = findCycle({ nodes })
        const expected = reaches(graph, target, source)
        expect(cycle !== undefined).toBe(expected)
        cycle?.slice(1).forEach((id, index) => {
          expect(nodes.get(cycle[index] ?? '')?.needs).toContain(id)
        })
      }),
    )
  })
})

describe('topologicalOrder', () => {
  test('puts every node after its needs, once', () => {
    fc.assert(
      fc.property(acyclic, (graph) => {
        const order = topologicalOrder(graph)
        const place = new Map(order.map((id, index) => [id, index]))
        expect(order).toHaveLength(graph.nodes.size)
        for (const node of graph.nodes.values()) {
          for (const need of node.needs) expect(place.get(need)).toBeLessThan(place.get(node.id) ?? -1)
        }
      }),
    )
  })
})

describe('walk', () => {
  test('has everything ready in flight at once', async () => {
    let running = 0
    let most = 0
    await walk(graphOf(kit), {
      visit: async () => {
        running++
        most = Math.max(most, running)
        await Promise.resolve()
        running--
      },
    })
    expect(most).toBe(2)
  })

  test('keeps the limit and the order of needs', async () => {
    await fc.assert(
      fc.asyncProperty(acyclic, fc.integer({ min: 1, max: 4 }), fc.scheduler(), async (graph, limit, scheduler) => {
        const finished = new Set<string>()
        let running = 0
        const walking = walk(graph, {
          limit,
          visit: async (node) => {
            expect(node.needs.every((need) => finished.has(need))).toBe(true)
            running++
            expect(running).toBeLessThanOrEqual(limit)
            await scheduler.schedule(Promise.resolve(), node.id)
            running--
            finished.add(node.id)
          },
        })
        await scheduler.waitFor(walking)
        expect([...(await walking).values()].every((outcome) => outcome.state === 'done')).toBe(true)
        expect(finished.size).toBe(graph.nodes.size)
      }),
    )
  })

  test('a failure skips all that hang from it, once each, and nothing else', async () => {
    const skipped: string[] = []
    const boom = new Error('boom')
    const outcomes = await walk(graphOf({ ...kit, other: ['mq'] }), {
      visit: async (node) => {
        if (node.id === 'keystone') throw boom
      },
      onSkip: (node, cause) => skipped.push(`${node.id} because of ${cause}`),
    })
    expect(skipped).toEqual(['glance because of keystone', 'nova because of keystone'])
    expect(outcomes.get('keystone')).toEqual({ state: 'failed', error: boom })
    expect(outcomes.get('nova')).toEqual({ state: 'skipped', cause: 'keystone' })
    expect(outcomes.get('other')).toEqual({ state: 'done' })
  })

  test('after an abort nothing more starts and those in flight are awaited', async () => {
    const controller = new AbortController()
    let ended = false
    const outcomes = await walk(graphOf(kit), {
      signal: controller.signal,
      visit: async (node, signal) => {
        if (node.id === 'mq') return controller.abort()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        await Promise.resolve()
        ended = true
      },
    })
    expect(ended).toBe(true)
    expect(outcomes.get('db')).toEqual({ state: 'done' })
    expect(outcomes.get('keystone')).toEqual({ state: 'not-started' })
  })
})

describe('criticalPath', () => {
  test('is the chain of needs with the largest sum', () => {
    const seconds: Record<string, number> = { db: 5, mq: 30, keystone: 4, glance: 3, nova: 1 }
    expect(criticalPath(graphOf(kit), (id) => seconds[id] ?? 0)).toEqual({ ids: ['mq', 'nova'], length: 31 })
    expect(criticalPath(graphOf(kit), (id) => (id === 'mq' ? 1 : (seconds[id] ?? 0))).ids).toEqual([
      'db',
      'keystone',
      'glance',
      'nova',
    ])
  })

  test('of nothing is nothing', () => {
    expect(criticalPath(createGraph([]), () => 1)).toEqual({ ids: [], length: 0 })
  })

  test('is a chain of edges and at least as long as every single need chain found by walking', () => {
    fc.assert(
      fc.property(acyclic, fc.array(fc.nat(100), { minLength: 25, maxLength: 25 }), (graph, durations) => {
        const durationOf = (id: string): number => durations[graph.nodes.get(id)?.value ?? 0] ?? 0
        const path = criticalPath(graph, durationOf)
        path.ids.slice(1).forEach((id, index) => {
          expect(graph.nodes.get(id)?.needs).toContain(path.ids[index])
        })
        expect(path.length).toBe(path.ids.reduce((sum, id) => sum + durationOf(id), 0))
        expect(path.length).toBe(Math.max(...[...graph.nodes.keys()].map((id) => longestTo(graph, id, durationOf))))
      }),
    )
  })
})

function reaches<T>(graph: Graph<T>, from: string, to: string): boolean {
  if (from === to) return true
  return (graph.nodes.get(from)?.needs ?? []).some((need) => reaches(graph, need, to))
}

function longestTo<T>(
  graph: Graph<T>,
  id: string,
  durationOf: (id: string) => number,
  seen = new Map<string, number>(),
): number {
  const known = seen.get(id)
  if (known !== undefined) return known
  const needs = graph.nodes.get(id)?.needs ?? []
  const longest = durationOf(id) + Math.max(0, ...needs.map((need) => longestTo(graph, need, durationOf, seen)))
  seen.set(id, longest)
  return longest
}
