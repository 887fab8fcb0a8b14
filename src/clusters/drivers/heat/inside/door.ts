/**
 * The way into tenants' clusters. The cluster's CA signs a certificate of an hour for a user who may do no more than `rights.ts` says. A
 * cluster that does not know these rights, or lost them, is given them by one of `system:masters`, which does nothing else.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createKube, isEvictable, type Kube, KubeError, type KubeObject } from '../../../../kube/index.ts'
import type { AdminCertificate, ClusterCertificates } from '../../../certificates/index.ts'
import type { Cluster } from '../../../model/index.ts'
import type { Door, Inside, SeenNode } from './inside.ts'
import { driverName, driverRights, heartbeats } from './rights.ts'

/** A look is quick, or there is nothing to be seen. */
const limits = { retrySeconds: 0, timeoutSeconds: 5 }
const hours = 1
/** What a tenant's cluster says ends up in ours. */
const longestReason = 300
/** A role counts a moment after it was written. */
const attempts = 10

export const doorBy =
  (certificates: Pick<ClusterCertificates, 'admin'>): Door =>
  async (cluster, signal, work) => {
    const own = await certificates.admin(cluster, { hours, commonName: driverName, organizations: [] })
    return await withKube(cluster, own, async (kube) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await work(insideOf(kube, signal))
        } catch (error) {
          if (!(error instanceof KubeError) || error.status !== 403 || attempt > attempts) throw error
          if (attempt === 1) await giveRights(cluster, await certificates.admin(cluster, { hours }), signal)
          await sleep(200, undefined, { signal })
        }
      }
    })
  }

async function withKube<Result>(
  { uuid, status: { apiAddress } }: Cluster,
  { cert, key, ca }: AdminCertificate,
  work: (kube: Kube) => Promise<Result>,
): Promise<Result> {
  if (apiAddress === undefined) throw new Error(`Cluster ${uuid} has no address yet`)
  const kube = createKube({ server: apiAddress, ca, clientCert: cert, clientKey: key }, limits)
  try {
    return await work(kube)
  } finally {
    kube.close()
  }
}

async function giveRights(cluster: Cluster, admin: AdminCertificate, signal: AbortSignal): Promise<void> {
  await withKube(cluster, admin, async (kube) => {
    for (const object of driverRights) await kube.apply(object, { force: true, signal })
  })
}

const [node, pod, lease] = [
  { apiVersion: 'v1', kind: 'Node' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
]

function insideOf(kube: Kube, signal: AbortSignal): Inside {
  return {
    nodes: async () => {
      const [nodes, leases] = await Promise.all([
        kube.list(node, { signal }),
        kube.list(lease, { namespace: heartbeats, signal }),
      ])
      const heard = new Map(leases.items.map((item) => [item.metadata.name, momentOf((item as Lease).spec?.renewTime)]))
      return nodes.items.map((item) => seen(item, heard.get(item.metadata.name)))
    },
    cordon: async ({ name }) =>
      void (await kube.patch({ ...node, name }, { spec: { unschedulable: true } }, { signal })),
    evict: async ({ name }) => {
      const { items } = await kube.list(pod, { fieldSelector: `spec.nodeName=${name}`, signal })
      return await Promise.all(items.filter(isEvictable).map(async (each) => await end(kube, each, signal)))
    },
    remove: async ({ name, uid }) => void (await kube.delete({ ...node, name }, { uid, signal })),
  }
}

/** @returns what is waited for now */
async function end(kube: Kube, { metadata }: KubeObject, signal: AbortSignal): Promise<string> {
  const { name, namespace = '', deletionTimestamp } = metadata
  const waited = `Pod ${namespace}/${name} to end`
  if (deletionTimestamp !== undefined) return waited
  try {
    await kube.evict({ namespace, name }, { signal })
    return waited
  } catch (error) {
    if (!(error instanceof KubeError) || error.status === 403) throw error
    // The budget is named among the causes; the message alone says only that there is one.
    const causes = (error.answer.details?.causes ?? []).flatMap(({ message }) => message ?? [])
    return `Pod ${namespace}/${name} may not be evicted: ${([...causes, error.why][0] ?? error.message).slice(0, longestReason)}`
  }
}

interface Lease extends KubeObject {
  readonly spec?: { readonly renewTime?: string }
}

interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly { readonly key: string }[] }
  readonly status?: { readonly conditions?: readonly Condition[] }
}

interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

/** Kubelets with `--cloud-provider=external` put it there; a cloud controller takes it away. */
const awaitsCloud = 'node.cloudprovider.kubernetes.io/uninitialized'

const momentOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text))

function seen(object: KubeObject, heard: number | undefined): SeenNode {
  const { metadata, spec, status } = object as Node
  const condition = status?.conditions?.find(({ type }) => type === 'Ready')
  const since = momentOf(condition?.lastTransitionTime)
  const group = metadata.labels?.['magnum.openstack.org/nodegroup']
  const why = [condition?.reason, condition?.message].filter((text) => text !== undefined && text !== '')
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    ready: condition?.status ?? 'Unknown',
    cordoned: spec?.unschedulable === true,
    ...(spec?.taints?.some(({ key }) => key === awaitsCloud) === true ? { awaitsCloud: true } : {}),
    ...(group === undefined ? {} : { group }),
    ...(since === undefined ? {} : { since }),
    ...(heard === undefined ? {} : { heard }),
    ...(condition?.status === 'True' || why.length === 0 ? {} : { reason: why.join(': ').slice(0, longestReason) }),
  }
}
