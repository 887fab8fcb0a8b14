/** The store on a Kubernetes API server: four collections, the fence, Secrets. */
import type { Kube } from '../../kube/index.ts'
import {
  apiVersion,
  type Cluster,
  type ClusterQuota,
  type ClusterStore,
  type ClusterTemplate,
  finalizer,
  type NodeGroup,
} from '../model/index.ts'
import { createChanges } from './changes.ts'
import { openCollection, type Surroundings } from './collection.ts'
import { createFence } from './fence.ts'
import { createIntern } from './intern.ts'
import { oldestFirst } from './item.ts'
import { clusterKind, nodeGroupKind, quotaKind, templateKind } from './kinds.ts'
import { type Patience, stale } from './patience.ts'
import { createSecrets } from './secrets.ts'
import { createIndex } from './sorted-index.ts'

export interface ClusterStoreOptions {
  readonly kube: Kube
  readonly namespace: string
  /** Unique for every process that ever ran: a Pod's name and something random. Letters, digits, `-`, `_` and `.`. */
  readonly replica: string
  readonly now: () => Date
  /** Ends the watches. What is being written then may end unacknowledged: let requests end first. */
  readonly signal: AbortSignal
  /** Told that the watch of a kind ended, and why; it begins again by itself. */
  readonly onFault?: (kind: string, error: unknown) => void
  /** @default 3 s until a silent watch is begun again, 10 s until an error */
  readonly patience?: Patience
  /** How long a replica may write nothing before another, when it starts, drops its key of the fence, ms. @default 10 minutes */
  readonly silentMs?: number
}

export interface OpenClusterStore extends ClusterStore {
  /** Resolves when everything is in memory for the first time: before that, `fresh` waits and reads find nothing. */
  readonly synced: Promise<void>
  /** Resolves when the signal has aborted and nothing is read any more. */
  readonly ended: Promise<void>
}

/** Returns at once; what goes wrong goes to `onFault` and is tried again. */
export function openClusterStore(options: ClusterStoreOptions): OpenClusterStore {
  const { kube, namespace, replica, now, signal, onFault = () => undefined } = options
  const { patience = { slowMs: 3000, limitMs: 10_000 }, silentMs = 600_000 } = options
  const fence = createFence({ kube, namespace, replica, now, signal, silentMs, limitMs: patience.limitMs })
  const changes = createChanges()
  let marks = 0
  const mark = (): string => {
    marks += 1
    return `${replica}/${marks}`
  }
  const around: Surroundings = {
    ...{ kube, namespace, signal, fence, patience, onFault },
    intern: createIntern(),
    mark,
  }

  const byTemplate = createIndex<Cluster>({ keyOf: ({ spec }) => spec.templateId, compare: oldestFirst })
  const byCluster = createIndex<NodeGroup>({ keyOf: ({ spec }) => spec.clusterId, compare: mastersFirst })
  const touchAll = (ids: readonly (string | undefined)[]): void => {
    for (const id of new Set(ids)) if (id !== undefined) changes.touch(id)
  }
  const clusters = openCollection<Cluster>(around, {
    kind: clusterKind,
    indexes: [byTemplate],
    onChange: (before, after) => touchAll([before?.uuid, after?.uuid]),
    metadata: () => ({ finalizers: [finalizer] }),
  })
  const templates = openCollection<ClusterTemplate>(around, {
    kind: templateKind,
    onChange: (before, after) => touchAll(byTemplate.of((after ?? before)?.uuid ?? '').map(({ uuid }) => uuid)),
  })
  const nodeGroups = openCollection<NodeGroup>(around, {
    kind: nodeGroupKind,
    indexes: [byCluster],
    onChange: (before, after) => touchAll([before?.spec.clusterId, after?.spec.clusterId]),
    metadata: ({ clusterId }) => ownedBy(clusters.reads.get(clusterId)),
  })
  const quotas = openCollection<ClusterQuota>(around, { kind: quotaKind, onChange: () => undefined })
  const collections = [clusters, templates, nodeGroups, quotas] as const
  const secrets = createSecrets(kube, namespace)

  return {
    templates: { ...templates.reads, ...specWrites(templates.writes) },
    clusters: {
      ...clusters.reads,
      ...specWrites(clusters.writes),
      setStatus: clusters.writes.setStatus,
      letGo: async (read) => await clusters.writes.dropFinalizer(read, finalizer),
    },
    nodeGroups: {
      ...nodeGroups.reads,
      ...specWrites(nodeGroups.writes),
      setStatus: nodeGroups.writes.setStatus,
      ofCluster: (clusterId) => byCluster.of(clusterId),
    },
    quotas: { ...quotas.reads, ...specWrites(quotas.writes) },
    fresh: async () => {
      const noted = await fence.read().catch((error: unknown) => {
        throw stale('What others have written', patience, error)
      })
      await Promise.all(collections.map(({ plural, reach }) => reach(noted[plural] ?? '0')))
    },
    onClusterChange: (listener) => changes.listen(listener),
    readSecret: secrets.read,
    writeSecret: secrets.write,
    synced: Promise.all(collections.map(({ synced }) => synced)).then(() => undefined),
    ended: Promise.all(collections.map(({ ended }) => ended)).then(() => undefined),
  }
}

function specWrites<Create, Replace, Delete>({
  create,
  replace,
  delete: remove,
}: {
  readonly create: Create
  readonly replace: Replace
  readonly delete: Delete
}) {
  return { create, replace, delete: remove }
}

function mastersFirst(one: NodeGroup, other: NodeGroup): number {
  return rank(one) - rank(other) || oldestFirst(one, other)
}

function rank({ spec }: NodeGroup): number {
  return spec.role === 'master' ? 0 : 1
}

/** Goes with its cluster, should nobody else have removed it. */
function ownedBy(cluster: Cluster | undefined) {
  if (cluster === undefined) return {}
  return { ownerReferences: [{ apiVersion, kind: 'Cluster', name: cluster.uuid, uid: cluster.uid }] }
}
