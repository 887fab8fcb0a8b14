/** A small Kubernetes client: what plan, apply, waits and logs need, and no more. See docs/decisions for why it is our own. */
import type { Duplex } from 'node:stream'
import { CroqueError } from '../errors/index.ts'
import { KubeError } from './answer.ts'
import type { KubeEndpoint, KubeOptions } from './endpoint.ts'
import { builtinKind, groupPath, type KindEntry } from './kinds.ts'
import { linesOf } from './lines.ts'
import type { KubeObject } from './object.ts'
import type { KindRef, ObjectRef } from './ref.ts'
import { type ExecResult, exec, type PodRef, portForward } from './streams.ts'
import { type Call, createTransport, type Transport } from './transport.ts'
import { listAndWatch, type WatchEvent } from './watch.ts'

export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /**
   * What is kept of each object, called as it is read: of ten thousand objects the whole is never in memory.
   * @default all of it
   */
  readonly keep?: (object: KubeObject) => KubeObject
  /** Objects in one answer of the server; fewer are less in memory at once. @default 500 */
  readonly pageSize?: number
  readonly signal?: AbortSignal
}

export interface KubeList {
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
}

export interface WriteOptions {
  /** Ask what would happen; nothing is stored. */
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}

export interface ApplyOptions extends WriteOptions {
  /** Take fields away from other managers. @default false: a conflict is an error. */
  readonly force?: boolean
}

export interface PatchOptions extends WriteOptions {
  readonly type?: 'merge' | 'json' | 'strategic'
  /** For example `status` or `scale`. */
  readonly subresource?: string
}

export interface DeleteOptions extends WriteOptions {
  /** Delete only this very object, not a successor of the same name. */
  readonly uid?: string
  /** Delete only this very version: throws a {@link KubeError} `kube-conflict` when there is another. */
  readonly resourceVersion?: string
  /** @default 'Background' */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
}

export interface LogOptions {
  readonly container?: string
  /** Only the last lines. */
  readonly tail?: number
  readonly follow?: boolean
  /** The container's run before the present one. */
  readonly previous?: boolean
  readonly signal?: AbortSignal
}

export interface Kube {
  readonly server: string
  /** Undefined when it is not there. */
  get(ref: ObjectRef, options?: { readonly signal?: AbortSignal }): Promise<KubeObject | undefined>
  /** All of a kind in a namespace, or everywhere; read in chunks. */
  list(kind: KindRef, options?: ListOptions): Promise<KubeList>
  /** Server-side apply. `created` says whether it was not there before. Throws a {@link KubeError} with `conflicts` unless forced. */
  apply(object: KubeObject, options?: ApplyOptions): Promise<{ readonly object: KubeObject; readonly created: boolean }>
  /** Throws a {@link KubeError} with `alreadyExists` when the name is taken. */
  create(object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  patch(ref: ObjectRef, patch: unknown, options?: PatchOptions): Promise<KubeObject>
  /** False when it was gone already (or, with `uid`, another one has its name now). Does not wait for finalizers. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>
  /** Ends a Pod if disruption budgets allow it; throws a {@link KubeError} `kube-busy` while they do not. False when it was gone already. */
  evict(pod: PodRef, options?: { readonly signal?: AbortSignal }): Promise<boolean>
  /** First a `SYNC` with everything, then every change until the signal is aborted. */
  watch(kind: KindRef, options?: ListOptions): AsyncIterable<WatchEvent>
  /** A Pod's log, line by line; ends with the container unless followed and still running. */
  logs(pod: { readonly namespace: string; readonly name: string }, options?: LogOptions): AsyncIterable<string>
  /** Runs a command in a Pod to its end, through the API server. */
  exec(
    pod: PodRef,
    run: { readonly command: readonly string[]; readonly container?: string },
    options?: { readonly signal?: AbortSignal },
  ): Promise<ExecResult>
  /** A connection to a port of a Pod, through the API server. */
  connect(pod: PodRef, port: number, options?: { readonly signal?: AbortSignal }): Promise<Duplex>
  /** GET of any path, for `/version`, `/readyz`, metrics. JSON is parsed. */
  rawGet(path: string, options?: { readonly signal?: AbortSignal }): Promise<unknown>
  /** Where a kind lives; asks the server for kinds outside the built-in table, once. */
  kindEntry(kind: KindRef): Promise<KindEntry>
  /** Requests so far that could change something; `0` after a run that found nothing to do. */
  writes(): number
  close(): void
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const

export function createKube(endpoint: KubeEndpoint, options: KubeOptions = {}): Kube {
  const transport = createTransport(endpoint, options)
  const fieldManager = options.fieldManager ?? 'croque'
  const kindEntry = createDiscovery(transport)

  const pathOf = async (kind: KindRef, namespace?: string, name?: string, subresource?: string): Promise<string> => {
    const entry = await kindEntry(kind)
    const scope = entry.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
    const tail = [name, subresource].filter((part) => part !== undefined).map((part) => `/${encodeURIComponent(part)}`)
    return `${groupPath(kind)}${scope}/${entry.plural}${tail.join('')}`
  }
  const objectPath = (ref: ObjectRef, subresource?: string): Promise<string> =>
    pathOf(ref, ref.namespace, ref.name, subresource)
  const object = async (call: Call): Promise<KubeObject> => (await transport.call(call)).body as KubeObject

  const list = async (kind: KindRef, listed: ListOptions = {}): Promise<KubeList> => {
    const path = await pathOf(kind, listed.namespace)
    const { labelSelector, fieldSelector, signal, keep = (item) => item, pageSize = 500 } = listed
    const items: KubeObject[] = []
    let next: string | undefined
    let limit: string | undefined = String(pageSize)
    for (;;) {
      try {
        const query = { labelSelector, fieldSelector, limit, continue: next }
        const { body } = await transport.call({ method: 'GET', path, query, ...withSignal(signal) })
        const page = body as { items?: KubeObject[]; metadata: { continue?: string; resourceVersion: string } }
        for (const item of page.items ?? []) items.push(keep({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }))
        if (!page.metadata.continue) return { items, resourceVersion: page.metadata.resourceVersion }
        next = page.metadata.continue
      } catch (error) {
        // The snapshot behind `continue` is gone: read everything in one piece instead.
        if (!(error instanceof KubeError) || error.status !== 410 || next === undefined) throw error
        items.length = 0
        next = undefined
        limit = undefined
      }
    }
  }

  return {
    server: endpoint.server,
    kindEntry,
    list,
    get: async (ref, { signal } = {}) => {
      const path = await objectPath(ref)
      return object({ method: 'GET', path, ...withSignal(signal) }).catch((error: unknown) => {
        if (error instanceof KubeError && error.status === 404) return undefined
        throw error
      })
    },
    apply: async (desired, { dryRun, force, signal } = {}) => {
      const path = await objectPath({ ...desired.metadata, apiVersion: desired.apiVersion, kind: desired.kind })
      const query = { fieldManager, force: force ? 'true' : undefined, dryRun: dryRun ? 'All' : undefined }
      const answer = await transport.call({
        method: 'PATCH',
        path,
        query,
        body: desired,
        contentType: 'application/apply-patch+yaml',
        ...withSignal(signal),
      })
      return { object: answer.body as KubeObject, created: answer.status === 201 }
    },
    create: async (desired, { dryRun, signal } = {}) => {
      const path = await pathOf(desired, desired.metadata.namespace)
      return object({
        method: 'POST',
        path,
        query: { fieldManager, dryRun: dryRun ? 'All' : undefined },
        body: desired,
        ...withSignal(signal),
      })
    },
    patch: async (ref, patch, { type = 'merge', subresource, dryRun, signal } = {}) => {
      const path = await objectPath(ref, subresource)
      const query = { fieldManager, dryRun: dryRun ? 'All' : undefined }
      return object({ method: 'PATCH', path, query, body: patch, contentType: patchTypes[type], ...withSignal(signal) })
    },
    delete: async (ref, { uid, resourceVersion, propagation, dryRun, signal } = {}) => {
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: propagation ?? 'Background',
        // What is undefined is not sent.
        preconditions: { uid, resourceVersion },
      }
      const path = await objectPath(ref)
      return transport
        .call({ method: 'DELETE', path, query: { dryRun: dryRun ? 'All' : undefined }, body, ...withSignal(signal) })
        .then(
          () => true,
          (error: unknown) => {
            const gone =
              error instanceof KubeError &&
              (error.status === 404 || (error.status === 409 && uid !== undefined && resourceVersion === undefined))
            if (gone) return false
            throw error
          },
        )
    },
    evict: async ({ namespace, name }, { signal } = {}) => {
      const path = await objectPath({ apiVersion: 'v1', kind: 'Pod', namespace, name }, 'eviction')
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }
      return transport.call({ method: 'POST', path, body, ...withSignal(signal) }).then(
        () => true,
        (error: unknown) => {
          if (error instanceof KubeError && error.status === 404) return false
          throw error
        },
      )
    },
    watch: (kind, watched = {}) => {
      const { namespace, labelSelector, fieldSelector, keep, signal } = watched
      return listAndWatch({
        signal,
        keep,
        list: () => list(kind, watched),
        open: async (resourceVersion) => {
          const query = {
            watch: 'true',
            allowWatchBookmarks: 'true',
            resourceVersion,
            labelSelector,
            fieldSelector,
            timeoutSeconds: '290',
          }
          return transport.stream({ method: 'GET', path: await pathOf(kind, namespace), query, ...withSignal(signal) })
        },
      })
    },
    logs: async function* (pod, { container, tail, follow, previous, signal } = {}) {
      const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`
      const query = {
        container,
        tailLines: tail?.toString(),
        follow: follow ? 'true' : undefined,
        previous: previous ? 'true' : undefined,
      }
      const stream = await transport.stream({ method: 'GET', path, query, ...withSignal(signal) })
      yield* linesOf(stream)
    },
    exec: async (pod, run, { signal } = {}) => await exec(endpoint, pod, run, signal),
    connect: async (pod, port, { signal } = {}) => await portForward(endpoint, pod, port, signal),
    rawGet: async (path, { signal } = {}) =>
      (await transport.call({ method: 'GET', path, ...withSignal(signal) })).body,
    writes: () => transport.writes(),
    close: () => transport.close(),
  }
}

function withSignal(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function createDiscovery(transport: Transport): (kind: KindRef) => Promise<KindEntry> {
  const known = new Map<string, Promise<readonly KindEntry[]>>()
  const discover = async (kind: KindRef): Promise<readonly KindEntry[]> => {
    const { body } = await transport.call({ method: 'GET', path: groupPath(kind) })
    const { resources } = body as { resources: { name: string; kind: string; namespaced: boolean }[] }
    return resources
      .filter((resource) => !resource.name.includes('/'))
      .map((resource) => ({
        apiVersion: kind.apiVersion,
        kind: resource.kind,
        plural: resource.name,
        namespaced: resource.namespaced,
      }))
  }
  return async (kind) => {
    const builtin = builtinKind(kind)
    if (builtin !== undefined) return builtin
    const asked = known.get(kind.apiVersion) ?? discover(kind)
    known.set(kind.apiVersion, asked)
    const entries = await asked.catch((error: unknown) => {
      // A custom resource may be defined later in the same run: do not remember that it was missing.
      known.delete(kind.apiVersion)
      if (error instanceof KubeError && error.status === 404) return []
      throw error
    })
    const entry = entries.find((candidate) => candidate.kind === kind.kind)
    if (entry !== undefined) return entry
    known.delete(kind.apiVersion)
    throw new CroqueError('kube-unknown-kind', {
      what: `The API server knows no kind ${kind.kind} in ${kind.apiVersion}`,
    })
  }
}
