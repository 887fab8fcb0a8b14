/** What the API server of somebody else's cluster tells about it; nothing is changed. */
import { groupOf, type KindRef, type Kube, KubeError, type KubeObject, type ObjectRef } from '../../kube/index.ts'
import { listNodes, type NodeFacts } from '../nodes.ts'
import type { CloudNeeds, Permission } from '../underlay.ts'

/** What may not be looked at is undefined. */
export interface ClusterFacts {
  /** `v1.35.4` */
  readonly version: string
  readonly denied: readonly Permission[]
  readonly nodes: readonly NodeFacts[] | undefined
  readonly storageClasses: readonly { readonly name: string; readonly isDefault: boolean }[] | undefined
  readonly namespace: NamespaceFacts | undefined
  /** Names outside the namespace that the cloud needs and that somebody else has. */
  readonly taken: readonly { readonly ref: ObjectRef; readonly owner: string | undefined }[]
  readonly missingKinds: readonly string[]
  /** API groups that the server knows. */
  readonly groups: readonly string[]
}

export interface NamespaceFacts {
  readonly ours: boolean
  readonly empty: boolean
  readonly terminating: boolean
  /** Label `pod-security.kubernetes.io/enforce`. */
  readonly podSecurity: string | undefined
}

export async function observeCluster(kube: Kube, needs: CloudNeeds, signal: AbortSignal): Promise<ClusterFacts> {
  const [version, denied, nodes, classes, namespace, taken, groups] = await Promise.all([
    kube.rawGet('/version', { signal }) as Promise<{ gitVersion: string }>,
    deniedOf(kube, needs.permissions, signal),
    ifAllowed(listNodes(kube, signal)),
    ifAllowed(kube.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, { signal })),
    ifAllowed(observeNamespace(kube, needs, signal)),
    takenNames(kube, needs, signal),
    kube.rawGet('/apis', { signal }) as Promise<{ groups: readonly { name: string }[] }>,
  ])
  return {
    version: version.gitVersion,
    denied,
    nodes,
    storageClasses: classes?.items.map(({ metadata }) => ({
      name: metadata.name,
      isDefault: metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
    })),
    namespace,
    taken,
    missingKinds: await missingKinds(kube, needs),
    groups: groups.groups.map(({ name }) => name),
  }
}

async function deniedOf(
  kube: Kube,
  permissions: readonly Permission[],
  signal: AbortSignal,
): Promise<readonly Permission[]> {
  const answers = await Promise.all(permissions.map(async (each) => await isAllowed(kube, each, signal)))
  return permissions.filter((_, index) => answers[index] === false)
}

async function isAllowed(kube: Kube, permission: Permission, signal: AbortSignal): Promise<boolean> {
  const { verb, group, name, namespace } = permission
  const [resource, subresource] = permission.resource.split('/')
  const review = await kube.create(
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      // The kind has no names; nothing is stored.
      metadata: { name: '' },
      spec: {
        resourceAttributes: {
          verb,
          group,
          resource,
          ...(subresource === undefined ? {} : { subresource }),
          ...(name === undefined ? {} : { name }),
          ...(namespace === undefined ? {} : { namespace }),
        },
      },
    },
    { signal },
  )
  return (review as KubeObject & { status?: { allowed?: boolean } }).status?.allowed === true
}

async function observeNamespace(
  kube: Kube,
  { namespace, ownLabels }: CloudNeeds,
  signal: AbortSignal,
): Promise<NamespaceFacts | undefined> {
  const found = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, { signal })
  if (found === undefined) return undefined
  const pods = await ifAllowed(kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, signal }))
  return {
    ours: carries(found, ownLabels),
    empty: pods?.items.length === 0,
    terminating: found.metadata.deletionTimestamp !== undefined,
    podSecurity: found.metadata.labels?.['pod-security.kubernetes.io/enforce'],
  }
}

const carries = ({ metadata }: KubeObject, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)

async function takenNames(
  kube: Kube,
  { clusterWide, ownLabels }: CloudNeeds,
  signal: AbortSignal,
): Promise<ClusterFacts['taken']> {
  const others = clusterWide.filter(({ kind }) => kind !== 'Namespace')
  const found = await Promise.all(others.map(async (ref) => await ifAllowed(kube.get(ref, { signal }))))
  return others.flatMap((ref, index) => {
    const object = found[index]
    if (object === undefined || carries(object, ownLabels)) return []
    return [{ ref, owner: object.metadata.labels?.['croque.dev/cloud'] }]
  })
}

async function missingKinds(kube: Kube, { kinds }: CloudNeeds): Promise<readonly string[]> {
  const known = await Promise.all(kinds.map(async (kind) => await knowsKind(kube, kind)))
  return kinds.filter((_, index) => known[index] === false).map((kind) => `${kind.kind} of ${groupOf(kind)}`)
}

export const knowsKind = async (kube: Kube, kind: KindRef): Promise<boolean> =>
  await kube.kindEntry(kind).then(() => true, isUnknownKind)

function isUnknownKind(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'kube-unknown-kind') return false
  throw error
}

async function ifAllowed<T>(asked: Promise<T>): Promise<T | undefined> {
  return await asked.catch((error: unknown) => {
    if (error instanceof KubeError && error.status === 403) return undefined
    throw error
  })
}
