/** Sessions of clusters' users: one a cluster in each process that asks for it, for as long as the cluster is there, whoever removes it. */
import type { Cluster, ClusterStore } from '../../model/index.ts'

interface Closable {
  readonly cloud: { readonly close: () => void }
}

export interface ClusterSessions<Session> {
  /** The one that is open, or a new one. One that could not be opened is not remembered. */
  of(cluster: Cluster): Promise<Session>
  /** Closes it: the next one that is asked for is another one. */
  end(clusterId: string): void
}

export interface ClusterSessionsOptions<Session> {
  readonly open: (cluster: Cluster) => Promise<Session>
  readonly store: {
    readonly clusters: Pick<ClusterStore['clusters'], 'get'>
    readonly onClusterChange: ClusterStore['onClusterChange']
  }
}

export function clusterSessions<Session extends Closable>({
  open,
  store,
}: ClusterSessionsOptions<Session>): ClusterSessions<Session> {
  const opened = new Map<string, Promise<Session>>()
  const end = (clusterId: string): void => {
    const session = opened.get(clusterId)
    opened.delete(clusterId)
    session?.then(
      ({ cloud }) => cloud.close(),
      () => undefined,
    )
  }
  const endIfGone = (clusterId: string): void => {
    if (store.clusters.get(clusterId) === undefined) end(clusterId)
  }
  store.onClusterChange(endIfGone)
  return {
    of: (cluster) => {
      const { uuid } = cluster
      const known = opened.get(uuid)
      if (known !== undefined) return known
      const session = open(cluster)
      opened.set(uuid, session)
      session.then(
        // It may have gone meanwhile, and then nobody tells of it any more.
        () => endIfGone(uuid),
        () => void (opened.get(uuid) === session && opened.delete(uuid)),
      )
      return session
    },
    end,
  }
}
