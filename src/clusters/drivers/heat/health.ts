/** How a Kubernetes cluster is: what its API server says of itself and of its nodes. */
import { createKube, type Kube, type KubeObject } from '../../../kube/index.ts'
import type { ClusterCertificates } from '../../certificates/index.ts'
import type { Health, Wish } from '../driver.ts'

/** A look is quick, or there is nothing to be seen. */
const limits = { retrySeconds: 0, timeoutSeconds: 10 }

/** As an administrator of the cluster, for so long as the work takes. */
async function withCluster<Result>(
  { cluster }: Pick<Wish, 'cluster'>,
  certificates: Pick<ClusterCertificates, 'admin'>,
  work: (kube: Kube) => Promise<Result>,
): Promise<Result> {
  const { apiAddress } = cluster.status
  if (apiAddress === undefined) throw new Error(`Cluster ${cluster.uuid} has no address yet`)
  const { cert, key, ca } = await certificates.admin(cluster, { hours: 1 })
  const kube = createKube({ server: apiAddress, ca, clientCert: cert, clientKey: key }, limits)
  try {
    return await work(kube)
  } finally {
    kube.close()
  }
}

interface Node extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

export const healthBy =
  (certificates: Pick<ClusterCertificates, 'admin'>) =>
  async (wish: Wish): Promise<Health> => {
    try {
      const nodes = await withCluster(
        wish,
        certificates,
        async (kube) => (await kube.list({ apiVersion: 'v1', kind: 'Node' })).items as readonly Node[],
      )
      const seen = nodes.map(({ metadata, status }) => {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown'
        return [`${metadata.name}.Ready`, ready] as const
      })
      const wished = wish.nodeGroups.reduce((sum, { spec }) => sum + spec.nodeCount, 0)
      const well = seen.length >= wished && seen.every(([, ready]) => ready === 'True')
      return { status: well ? 'HEALTHY' : 'UNHEALTHY', reason: { api: 'ok', ...Object.fromEntries(seen) } }
    } catch (error) {
      return { status: 'UNKNOWN', reason: { api: error instanceof Error ? error.message : String(error) } }
    }
  }
