/**
 * Conditional writes of one kind. A spec that is written carries a mark of its own (an annotation), so that a write whose answer was lost
 * and that was sent again is told from somebody else's: of two writers exactly one wins, and the one who won is told so.
 */
import { type Kube, KubeError, type KubeObject, type ObjectRef } from '../../kube/index.ts'
import { ConflictError, clusterLabel, group, projectLabel } from '../model/index.ts'
import { mergePatch } from './difference.ts'
import type { AnySpec, Item } from './item.ts'
import type { StoredKind } from './kinds.ts'
import type { Shelf, Sight } from './shelf.ts'

const markAnnotation = `${group}/write`

export interface Writes<Stored extends Item> {
  create(uuid: string, spec: Stored['spec']): Promise<Stored>
  replace(read: Stored, spec: Stored['spec']): Promise<Stored>
  setStatus(read: Stored, status: Stored['status']): Promise<Stored>
  delete(read: Stored): Promise<void>
  dropFinalizer(read: Stored, finalizer: string): Promise<void>
}

export interface WritesOptions<Stored extends Item> {
  readonly kube: Kube
  readonly namespace: string
  readonly kind: StoredKind
  readonly shelf: Shelf<Stored>
  readonly itemOf: (object: KubeObject) => Stored
  /** What a new object has beside its labels. */
  readonly metadata: (spec: Stored['spec']) => Partial<KubeObject['metadata']>
  /** Unique for every write of every process. */
  readonly mark: () => string
  /** Lets everybody know of a version; before that, a write is not acknowledged. */
  readonly note: (version: string) => Promise<void>
  /** Waits for what our own watch will bring. */
  readonly sighted: (sight: Sight<string>, what: string) => Promise<string>
}

export function createWrites<Stored extends Item>(options: WritesOptions<Stored>): Writes<Stored> {
  const { kube, namespace, kind, shelf, itemOf, mark, note } = options
  const ref = (uuid: string): ObjectRef => ({ apiVersion: kind.apiVersion, kind: kind.kind, name: uuid, namespace })
  const subject = (uuid: string): string => `${kind.kind} ${uuid}`

  const settle = async (object: KubeObject): Promise<Stored> => {
    const item = itemOf(object)
    shelf.wrote(item)
    await note(item.resourceVersion)
    return item
  }
  /** Somebody was quicker: what he left is taken into memory, for whoever decides anew. */
  const conflict = (there: KubeObject | undefined, uuid: string): never => {
    if (there === undefined) throw new ConflictError(`${subject(uuid)} is gone`)
    shelf.wrote(itemOf(there))
    throw new ConflictError(`${subject(uuid)} was written by somebody else`)
  }
  /** Looks whether a refused write of ours had been done before. */
  const resolved =
    (uuid: string, own: string, isRefused: (error: unknown) => boolean) =>
    async (error: unknown): Promise<KubeObject> => {
      if (!isRefused(error)) throw error
      const there = await kube.get(ref(uuid))
      return there?.metadata.annotations?.[markAnnotation] === own ? there : conflict(there, uuid)
    }
  /** Waits until our own watch has seen a deletion: only it knows the version of one. */
  const deleting = async (read: Stored, state: 'being' | 'gone', request: () => Promise<unknown>): Promise<void> => {
    const sight = shelf.deletion(read.uid, state)
    try {
      await request()
    } catch (error) {
      sight.forget()
      throw error
    }
    await note(await options.sighted(sight, `The end of ${subject(read.uuid)}`))
  }

  return {
    create: async (uuid, spec) => {
      const own = mark()
      const { metadata } = options
      const object = {
        apiVersion: kind.apiVersion,
        kind: kind.kind,
        metadata: {
          name: uuid,
          namespace,
          labels: labelsOf(spec),
          annotations: { [markAnnotation]: own },
          ...metadata(spec),
        },
        spec,
      }
      return await settle(await kube.create(object).catch(resolved(uuid, own, isTaken)))
    },
    replace: async (read, spec) => {
      const own = mark()
      const metadata = { resourceVersion: read.resourceVersion, annotations: { [markAnnotation]: own } }
      const patch = { metadata, spec: mergePatch(record(read.spec), record(spec)) }
      return await settle(await kube.patch(ref(read.uuid), patch).catch(resolved(read.uuid, own, isConflict)))
    },
    setStatus: async (read, status) => {
      const patch = {
        metadata: { resourceVersion: read.resourceVersion },
        status: mergePatch(record(read.status), record(status)),
      }
      const object = await kube
        .patch(ref(read.uuid), patch, { subresource: 'status' })
        .catch(async (error: unknown) => {
          if (!isConflict(error)) throw error
          return conflict(await kube.get(ref(read.uuid)), read.uuid)
        })
      return await settle(object)
    },
    delete: async (read) => {
      if (read.deletedAt !== undefined) return
      const { uid, resourceVersion } = read
      await deleting(read, 'being', async () => {
        const was = await kube.delete(ref(read.uuid), { uid, resourceVersion }).catch(async (error: unknown) => {
          if (!isConflict(error)) throw error
          return conflict(await kube.get(ref(read.uuid)), read.uuid)
        })
        if (!was) conflict(undefined, read.uuid)
      })
    },
    dropFinalizer: async (read, finalizer) => {
      const there = await kube.get(ref(read.uuid))
      if (there?.metadata.resourceVersion !== read.resourceVersion) return conflict(there, read.uuid)
      const finalizers = (there.metadata.finalizers ?? []).filter((name) => name !== finalizer)
      const patch = { metadata: { resourceVersion: read.resourceVersion, finalizers } }
      const write = async (): Promise<KubeObject | undefined> =>
        await kube.patch(ref(read.uuid), patch).catch(async (error: unknown) => {
          if (!isConflict(error)) throw error
          const now = await kube.get(ref(read.uuid))
          // Gone, as wished: by us or by who else wished it.
          return now === undefined && read.deletedAt !== undefined ? now : conflict(now, read.uuid)
        })
      if (read.deletedAt !== undefined && finalizers.length === 0) return await deleting(read, 'gone', write)
      const object = await write()
      if (object !== undefined) await settle(object)
    },
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof KubeError && error.alreadyExists
}

/** The version that was read is no more, or nothing is there. */
function isConflict(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 409 || error.status === 404)
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return { ...(value as object) }
}

/** Labels are for people and their selectors; what is no value of a label is left out, we read the spec. */
function labelsOf(spec: AnySpec & { readonly clusterId?: string }): Record<string, string> {
  const labels = [
    [projectLabel, spec.projectId],
    [clusterLabel, spec.clusterId],
  ].filter((label): label is [string, string] => /^[a-z0-9]([\w.-]{0,61}[a-z0-9])?$/i.test(label[1] ?? ''))
  return Object.fromEntries(labels)
}
