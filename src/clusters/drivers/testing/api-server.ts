/** The API server of a trial: a store in memory, watched for what must never happen, that each replica sees through faults of its own. */
import { type Cluster, type ClusterStore, type StatusName, visibleStatus } from '../../model/index.ts'

const deletable = ['DELETE_IN_PROGRESS'] as const
const atRest: readonly StatusName[] = ['UPDATE_IN_PROGRESS', ...deletable]

/** What callers may see a status become. From every status of a delete a cluster may be gone as well. */
const transitions: Readonly<Record<StatusName, readonly StatusName[]>> = {
  CREATE_IN_PROGRESS: ['CREATE_COMPLETE', 'CREATE_FAILED', ...deletable],
  CREATE_COMPLETE: atRest,
  CREATE_FAILED: deletable,
  UPDATE_IN_PROGRESS: ['UPDATE_COMPLETE', 'UPDATE_FAILED', 'ROLLBACK_IN_PROGRESS', ...deletable],
  UPDATE_COMPLETE: atRest,
  UPDATE_FAILED: atRest,
  ROLLBACK_IN_PROGRESS: ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', ...deletable],
  ROLLBACK_COMPLETE: atRest,
  ROLLBACK_FAILED: atRest,
  DELETE_IN_PROGRESS: ['DELETE_FAILED'],
  DELETE_FAILED: ['DELETE_IN_PROGRESS'],
  DELETE_COMPLETE: [],
}

/** Lets a write through, does it otherwise, or lets it fail. */
export type Gate = <Result>(write: () => Promise<Result>) => Promise<Result>

/** The store as somebody sees it whose writes go through a gate. */
export function throughGate(store: ClusterStore, gate: Gate): ClusterStore {
  const { templates, clusters, nodeGroups, quotas } = store
  return {
    ...store,
    templates: gated(templates, gate),
    clusters: gated(clusters, gate),
    nodeGroups: gated(nodeGroups, gate),
    quotas: gated(quotas, gate),
    fresh: async () => await gate(async () => await store.fresh()),
    writeSecret: async (...args) => await gate(async () => await store.writeSecret(...args)),
  }
}

const writing = new Set<string | symbol>(['create', 'replace', 'delete', 'setStatus', 'letGo'])

function gated<Table extends object>(table: Table, gate: Gate): Table {
  return new Proxy(table, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args)
      return writing.has(name)
        ? (...args: unknown[]) => gate(async () => await (call(...args) as Promise<unknown>))
        : call
    },
  })
}

/** The store, and what was wrong with what was written into it. */
export function watched(store: ClusterStore): { readonly store: ClusterStore; readonly wrongs: readonly string[] } {
  const wrongs: string[] = []
  const seen = new Map<string, StatusName>()
  const look = (): void => {
    const clusters = new Map(store.clusters.all().map((cluster) => [cluster.uuid, cluster]))
    for (const [id, status] of seen) {
      const problem = problemOf(id, status, clusters.get(id))
      if (problem !== undefined) wrongs.push(problem)
      if (!clusters.has(id)) seen.delete(id)
    }
    for (const [id, cluster] of clusters) seen.set(id, visibleStatus(cluster))
  }
  return {
    wrongs,
    store: throughGate(store, async (write) => {
      const result = await write()
      look()
      return result
    }),
  }
}

function problemOf(id: string, before: StatusName, cluster: Cluster | undefined): string | undefined {
  if (cluster === undefined) return before.startsWith('DELETE') ? undefined : `Cluster ${id} is gone from ${before}`
  const after = visibleStatus(cluster)
  return after === before || transitions[before].includes(after)
    ? undefined
    : `Cluster ${id} went from ${before} to ${after}`
}
