/** Objects of the kinds that a cloud defines: they go with it, and a definition stays while others have objects of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type KindRef, type Kube, KubeError, type KubeObject, refOf } from '../kube/index.ts'

interface DefinitionSpec {
  readonly group: string
  readonly names: { readonly kind: string }
  readonly versions: readonly { readonly name: string; readonly storage: boolean }[]
}

/** The kind that a CustomResourceDefinition defines, in the version in which its objects are kept. */
function kindOf(definition: KubeObject): KindRef {
  const { group, names, versions } = definition['spec'] as DefinitionSpec
  const { name = '' } = versions.find(({ storage }) => storage) ?? {}
  return { apiVersion: `${group}/${name}`, kind: names.kind }
}

/**
 * Deletes all objects of a kind in a namespace, finalizers or not: what would work on them goes at the same time, and so does the
 * cloud in which they stand for something. Resolves when there are none, whoever makes new ones meanwhile.
 */
export async function clear(definition: KubeObject, kube: Kube, namespace: string, signal: AbortSignal): Promise<void> {
  const kind = kindOf(definition)
  for (;;) {
    const items = await listed(kube, kind, { namespace, signal })
    if (items.length === 0) return
    await Promise.all(items.map((item) => removed(item, kube, signal)))
    await sleep(100, undefined, { signal })
  }
}

async function removed(item: KubeObject, kube: Kube, signal: AbortSignal): Promise<void> {
  const { uid, deletionTimestamp } = item.metadata
  const { finalizers = [] } = item.metadata as { readonly finalizers?: readonly string[] }
  try {
    if (deletionTimestamp === undefined)
      await kube.delete(refOf(item), { signal, ...(uid === undefined ? {} : { uid }) })
    // Only once it is being deleted: nobody may take it for one that nobody has to clean up after.
    if (finalizers.length > 0) await kube.patch(refOf(item), { metadata: { uid, finalizers: null } }, { signal })
  } catch (error) {
    // It is gone, or another has its name.
    if (!(error instanceof KubeError) || (error.status !== 404 && error.status !== 409)) throw error
  }
}

/** Namespaces that have objects of the kind. */
export async function users(definition: KubeObject, kube: Kube, signal: AbortSignal): Promise<readonly string[]> {
  const items = await listed(kube, kindOf(definition), { signal })
  return [...new Set(items.map(({ metadata }) => metadata.namespace ?? ''))].sort()
}

async function listed(
  kube: Kube,
  kind: KindRef,
  options: { readonly namespace?: string; readonly signal: AbortSignal },
): Promise<readonly KubeObject[]> {
  try {
    return (await kube.list(kind, options)).items
  } catch (error) {
    // The definition itself is gone, or was never served.
    if (error instanceof KubeError && error.status === 404) return []
    if (error instanceof Error && 'code' in error && error.code === 'kube-unknown-kind') return []
    throw error
  }
}
