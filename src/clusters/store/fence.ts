/**
 * The fence (docs/decisions/2026-11-28-clusters-state.md): one ConfigMap, in which every replica notes under its own key the versions of
 * what it has written, before it acknowledges them. Whoever reads it knows how far its own watches have to be.
 *
 * A note is never lost and never goes back: a replica changes its key only from the value that it knows to be there (so a request that
 * comes late, after it was given up, changes nothing), and the key of a replica that is silent is dropped only together with taking its
 * versions over. Time decides when keys are dropped, never whether the promise holds.
 */
import { type Kube, KubeError, type KubeObject, type ObjectRef } from '../../kube/index.ts'
import { isSame, type Note, type Noted, noteText, parseNote, union } from './note.ts'
import { sharing } from './sharing.ts'
import { later } from './versions.ts'

export interface Fence {
  /** Resolves when everybody can know that this version was written. */
  note(plural: string, version: string): Promise<void>
  /** By plural name, the latest versions that other replicas have noted. */
  read(): Promise<Noted>
}

export interface FenceOptions {
  readonly kube: Kube
  readonly namespace: string
  /** Unique for every process that ever ran: letters, digits, `-`, `_` and `.`. */
  readonly replica: string
  readonly now: () => Date
  readonly signal: AbortSignal
  /** How long a key may be silent, ms. */
  readonly silentMs: number
  /** How long one reading may take, ms. */
  readonly limitMs: number
}

export const fenceName = 'croque-clusters-fence'

export function createFence(options: FenceOptions): Fence {
  const { kube, namespace, replica, now, signal } = options
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'ConfigMap', name: fenceName, namespace }
  /** What we have written. */
  let ours: Noted = {}
  /** What those had written whose keys we dropped. */
  let takenOver: Noted = {}
  /** What it says. Undefined until it is there. */
  let standing: string | undefined

  const all = (): Noted => union([ours, takenOver])
  const own = (): string => noteText({ at: now().toISOString(), versions: all() })

  /** False when our key is not as we left it. */
  const swap = async (from: string, to: string): Promise<boolean> => {
    const path = `/data/${replica}`
    const patch = [
      { op: 'test', path, value: from },
      { op: 'replace', path, value: to },
    ]
    return await kube.patch(ref, patch, { type: 'json', signal }).then(() => true, unless([404, 409, 422], false))
  }
  /** Undefined when somebody else changed the object in between. */
  const join = async (): Promise<string | undefined> => {
    const there = await kube.get(ref, { signal })
    if (there === undefined) {
      const text = own()
      const { name, ...kind } = ref
      const fresh = { ...kind, metadata: { name, namespace }, data: { [replica]: text } }
      return await kube.create(fresh, { signal }).then(() => text, unless([409], undefined))
    }
    const notes = notesOf(there)
    const dropped = [...notes].filter(([key, note]) => key === replica || isSilent(note))
    takenOver = union([takenOver, ...dropped.map(([, { versions }]) => versions)])
    // A note whose answer was lost may be there, and say all.
    if (isSame(notes.get(replica)?.versions ?? {}, all())) return dataOf(there)[replica]
    const text = own()
    const data = { ...Object.fromEntries(dropped.map(([key]) => [key, null])), [replica]: text }
    const patch = { metadata: { resourceVersion: there.metadata.resourceVersion }, data }
    return await kube.patch(ref, patch, { signal }).then(() => text, unless([404, 409], undefined))
  }
  const isSilent = ({ at }: Note): boolean => now().getTime() - Date.parse(at) > options.silentMs

  const write = sharing(async () => {
    const text = own()
    if (standing !== undefined && (await swap(standing, text))) {
      standing = text
      return
    }
    standing = undefined
    // Others may be joining or noting: each of these rounds is one request, and one of those who try gets through.
    while (standing === undefined) {
      signal.throwIfAborted()
      standing = await join()
    }
  })
  const read = sharing(async () => {
    const there = await kube.get(ref, { signal: AbortSignal.any([signal, AbortSignal.timeout(options.limitMs)]) })
    // What we wrote ourselves is in memory.
    const others = [...(there === undefined ? [] : notesOf(there))].filter(([key]) => key !== replica)
    return union([takenOver, ...others.map(([, { versions }]) => versions)])
  })

  return {
    note: async (plural, version) => {
      ours = { ...ours, [plural]: later(ours[plural], version) }
      await write()
    },
    read,
  }
}

function dataOf(object: KubeObject): Readonly<Record<string, string>> {
  return (object as { data?: Readonly<Record<string, string>> }).data ?? {}
}

function notesOf(object: KubeObject): ReadonlyMap<string, Note> {
  return new Map(
    Object.entries(dataOf(object)).flatMap(([key, text]) => {
      const note = parseNote(text)
      return note === undefined ? [] : [[key, note] as const]
    }),
  )
}

/** Handles refusals of these statuses by giving `value`. */
function unless<T>(statuses: readonly number[], value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof KubeError && statuses.includes(error.status)) return value
    throw error
  }
}
