/**
 * A {@link ClusterStore} without an API server, for tests and for trying things out. It keeps what a Kubernetes API server would:
 * conditional writes, writes that change nothing and leave the version alone, finalizers, secrets that go with their cluster.
 */
import { isDeepStrictEqual } from 'node:util'
import type {
  ClusterSpec,
  ClusterStatus,
  ClusterTemplateSpec,
  NodeGroup,
  NodeGroupSpec,
  NodeGroupStatus,
  Stored,
} from './objects.ts'
import { type ClusterSecret, type ClusterStore, ConflictError } from './store.ts'

interface Named {
  readonly createdAt: string
  readonly projectId: string
  readonly name?: string
}

interface World {
  /** The next resource version; one row of numbers for everything. */
  version(): string
  now(): Date
}

/** `now` stamps `deletedAt`. @default the system's clock */
export function createMemoryStore({ now = () => new Date() }: { readonly now?: () => Date } = {}): ClusterStore {
  let versions = 0
  const world: World = { version: () => String(++versions), now }
  const listeners = new Set<(clusterId: string) => void>()
  const tell = (clusterId: string): void => {
    // As a watch does: after the writer went on, not within its call.
    queueMicrotask(() => {
      for (const listener of listeners) listener(clusterId)
    })
  }
  const secrets = new Map<string, ClusterSecret>()
  const clusters = new Table<ClusterSpec, ClusterStatus>(world, {
    finalized: true,
    changed: ({ uuid }) => tell(uuid),
    gone: ({ uuid }) => {
      for (const key of secrets.keys()) if (key.startsWith(`${uuid}/`)) secrets.delete(key)
    },
  })
  const templates = new Table<ClusterTemplateSpec, Record<string, never>>(world, {
    changed: ({ uuid }) => {
      for (const cluster of clusters.all()) if (cluster.spec.templateId === uuid) tell(cluster.uuid)
    },
  })
  const nodeGroups = new NodeGroups(world, { changed: ({ spec }) => tell(spec.clusterId) })

  return {
    templates,
    clusters,
    nodeGroups,
    quotas: new Table(world, {}),
    fresh: async () => await Promise.resolve(),
    onClusterChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    readSecret: async (clusterId, name) => await Promise.resolve(secrets.get(`${clusterId}/${name}`)),
    writeSecret: async (cluster, name, data, read) => {
      await Promise.resolve()
      const key = `${cluster.uuid}/${name}`
      if (secrets.get(key)?.resourceVersion !== read?.resourceVersion)
        throw new ConflictError(`Secret ${name} of cluster ${cluster.uuid} is not what was read`)
      const secret = { resourceVersion: world.version(), data: { ...data } }
      secrets.set(key, secret)
      return secret
    },
  }
}

interface Habits<Spec, Status> {
  /** Objects are created with a finalizer. */
  readonly finalized?: boolean
  readonly changed?: (item: Stored<Spec, Status>) => void
  readonly gone?: (item: Stored<Spec, Status>) => void
}

/** Every method that writes is asynchronous, and decides after its caller went on: concurrent writers meet here as they would there. */
class Table<Spec extends Named | { readonly createdAt: string; readonly projectId: string }, Status> {
  readonly #items = new Map<string, Stored<Spec, Status>>()
  readonly #finalized = new Set<string>()
  readonly #world: World
  readonly #habits: Habits<Spec, Status>
  #sorted: readonly Stored<Spec, Status>[] | undefined

  constructor(world: World, habits: Habits<Spec, Status>) {
    this.#world = world
    this.#habits = habits
  }

  get(uuid: string): Stored<Spec, Status> | undefined {
    return this.#items.get(uuid)
  }

  named(name: string): readonly Stored<Spec, Status>[] {
    return this.all().filter(({ spec }) => 'name' in spec && spec.name === name)
  }

  ofProject(projectId: string): readonly Stored<Spec, Status>[] {
    return this.all().filter(({ spec }) => spec.projectId === projectId)
  }

  all(): readonly Stored<Spec, Status>[] {
    this.#sorted ??= [...this.#items.values()].sort((one, other) => compare(one.spec.createdAt, other.spec.createdAt))
    return this.#sorted
  }

  async create(uuid: string, spec: Spec): Promise<Stored<Spec, Status>> {
    await Promise.resolve()
    if (this.#items.has(uuid)) throw new ConflictError(`${uuid} exists`)
    if (this.#habits.finalized) this.#finalized.add(uuid)
    const uid = crypto.randomUUID()
    return this.#put({ uuid, uid, resourceVersion: '', spec: structuredClone(spec), status: {} as Status })
  }

  async replace(read: Stored<Spec, Status>, spec: Spec): Promise<Stored<Spec, Status>> {
    await Promise.resolve()
    const current = this.#asRead(read)
    return isDeepStrictEqual(current.spec, spec) ? current : this.#put({ ...current, spec: structuredClone(spec) })
  }

  async setStatus(read: Stored<Spec, Status>, status: Status): Promise<Stored<Spec, Status>> {
    await Promise.resolve()
    const current = this.#asRead(read)
    return isDeepStrictEqual(current.status, status)
      ? current
      : this.#put({ ...current, status: structuredClone(status) })
  }

  async delete(read: Stored<Spec, Status>): Promise<void> {
    await Promise.resolve()
    const current = this.#asRead(read)
    if (!this.#finalized.has(read.uuid)) return this.#drop(current)
    if (current.deletedAt === undefined) this.#put({ ...current, deletedAt: this.#world.now().toISOString() })
  }

  async letGo(read: Stored<Spec, Status>): Promise<void> {
    await Promise.resolve()
    const current = this.#asRead(read)
    if (!this.#finalized.delete(read.uuid)) return
    if (current.deletedAt === undefined) this.#put(current)
    else this.#drop(current)
  }

  /** Checked and written without a pause between. */
  #asRead(read: Stored<Spec, Status>): Stored<Spec, Status> {
    const current = this.#items.get(read.uuid)
    if (current === undefined) throw new ConflictError(`${read.uuid} is gone`)
    if (current.uid !== read.uid || current.resourceVersion !== read.resourceVersion)
      throw new ConflictError(
        `${read.uuid} was changed: version ${read.resourceVersion} was read, ${current.resourceVersion} is there`,
      )
    return current
  }

  #put(item: Stored<Spec, Status>): Stored<Spec, Status> {
    const written = { ...item, resourceVersion: this.#world.version() }
    this.#items.set(item.uuid, written)
    this.#sorted = undefined
    this.#habits.changed?.(written)
    return written
  }

  #drop(item: Stored<Spec, Status>): void {
    this.#items.delete(item.uuid)
    this.#sorted = undefined
    this.#habits.gone?.(item)
    this.#habits.changed?.(item)
  }
}

class NodeGroups extends Table<NodeGroupSpec, NodeGroupStatus> {
  ofCluster(clusterId: string): readonly NodeGroup[] {
    const groups = this.all().filter(({ spec }) => spec.clusterId === clusterId)
    const masters = groups.filter(({ spec }) => spec.role === 'master')
    return [...masters, ...groups.filter(({ spec }) => spec.role !== 'master')]
  }
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
