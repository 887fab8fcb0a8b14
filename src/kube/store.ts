/** An in-memory copy of some kinds of a namespace, fed by one watch a kind: waits look here and ask the server nothing. */
import type { Kube } from './client.ts'
import type { KubeObject } from './object.ts'
import { mountReason, type Surroundings, waitReason } from './ready/index.ts'
import { groupOf, type KindRef, keyOf, type ObjectRef, refOf } from './ref.ts'

export interface StoreOptions {
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface Store {
  /** Begins to follow a kind in a namespace (undefined: cluster-wide kinds); resolves when its content is known. Repeated calls are free. */
  follow(kind: KindRef, namespace: string | undefined): Promise<void>
  get(ref: ObjectRef): KubeObject | undefined
  /** Calls back after every change of anything followed, and when a watch ended for good. Returns how to stop. */
  onChange(listener: () => void): () => void
  /** Throws why a watch ended for good, if one did. */
  check(): void
  surroundings(): Surroundings
}

const pods: KindRef = { apiVersion: 'v1', kind: 'Pod' }
const events: KindRef = { apiVersion: 'v1', kind: 'Event' }

interface PodEvent extends KubeObject {
  readonly involvedObject?: { readonly uid?: string }
  readonly message?: string
}

/** Of all that is told of Pods; a field selector takes one reason. */
const eventReasons = [waitReason, mountReason]

export function createStore(kube: Kube, { signal, now }: StoreOptions): Store {
  const objects = new Map<string, Map<string, KubeObject>>()
  const followed = new Map<string, Promise<void>>()
  const listeners = new Set<() => void>()
  let broken: unknown

  const shelfKey = (kind: KindRef, namespace: string | undefined, reason = ''): string =>
    `${groupOf(kind)}/${kind.kind}/${namespace ?? ''}/${reason}`
  const changed = (): void => {
    for (const listener of [...listeners]) listener()
  }

  interface Feed {
    readonly kind: KindRef
    readonly namespace: string | undefined
    readonly reason?: string
  }

  const feed = async ({ kind, namespace, reason }: Feed, known: () => void): Promise<void> => {
    const shelf = new Map<string, KubeObject>()
    objects.set(shelfKey(kind, namespace, reason), shelf)
    for await (const event of kube.watch(kind, {
      signal,
      ...(reason === undefined ? {} : { fieldSelector: `reason=${reason}` }),
      ...(namespace === undefined ? {} : { namespace }),
    })) {
      if (event.type === 'SYNC') {
        shelf.clear()
        for (const object of event.objects) shelf.set(keyOf(refOf(object)), object)
        known()
      } else if (event.type === 'DELETED') shelf.delete(keyOf(refOf(event.object)))
      else shelf.set(keyOf(refOf(event.object)), event.object)
      changed()
    }
  }

  const follow = (source: Feed): Promise<void> => {
    const key = shelfKey(source.kind, source.namespace, source.reason)
    const known = followed.get(key)
    if (known !== undefined) return known
    const synced = new Promise<void>((resolve, reject) => {
      feed(source, resolve).then(resolve, (error: unknown) => {
        if (!signal.aborted) broken ??= error
        reject(error instanceof Error ? error : new Error(String(error)))
        changed()
      })
    })
    followed.set(key, synced)
    return synced
  }
  const eventsOf = (pod: KubeObject, reason: string): readonly PodEvent[] => {
    const all = objects.get(shelfKey(events, pod.metadata.namespace, reason))?.values() ?? []
    return ([...all] as readonly PodEvent[]).filter((event) => event.involvedObject?.uid === pod.metadata.uid)
  }

  return {
    follow: async (kind, namespace) => {
      if (kind.kind !== events.kind) return await follow({ kind, namespace })
      await Promise.all(eventReasons.map((reason) => follow({ kind, namespace, reason })))
    },
    get: (ref) => objects.get(shelfKey(ref, ref.namespace))?.get(keyOf(ref)),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    check: () => {
      if (broken !== undefined) throw broken instanceof Error ? broken : new Error(String(broken))
    },
    surroundings: () => ({
      now: now(),
      pods: (namespace, labels) => {
        const all = objects.get(shelfKey(pods, namespace))?.values() ?? []
        return [...all].filter((pod) =>
          Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value),
        )
      },
      waitNote: (pod) => eventsOf(pod, waitReason).at(-1)?.message,
      mountNote: (pod) => eventsOf(pod, mountReason).at(-1)?.message,
    }),
  }
}
