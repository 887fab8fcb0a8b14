/** The store of clusters on a real API server, two replicas of it side by side. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ClusterStore, ConflictError } from '../../src/clusters/model/index.ts'
import {
  type ClusterStoreOptions,
  type OpenClusterStore,
  openClusterStore,
  storeRules,
} from '../../src/clusters/store/index.ts'
import { run } from '../../src/host/index.ts'
import { createKube, type Kube } from '../../src/kube/index.ts'
import { openTestCluster, type TestCluster } from './cluster.ts'
import { applyDefinitions, clusterSpec, moment, nodeGroupSpec, templateSpec } from './clusters.ts'
import { type Gate, gatedWatches, lateWatches, openWire, repeatingWrites } from './slow-kube.ts'

let cluster: TestCluster
let namespace = ''
let replicas = 0
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  cluster = await openTestCluster()
  await applyDefinitions(cluster.kube)
})
afterAll(async () => await cluster?.close())
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function freshNamespace(): Promise<string> {
  const name = `clusters-${randomUUID().slice(0, 8)}`
  await cluster.kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  return name
}

interface Replica {
  readonly store: OpenClusterStore
  readonly name: string
  readonly stop: () => Promise<void>
}

interface ReplicaOptions extends Partial<ClusterStoreOptions> {
  /** What it sees of its client. */
  readonly through?: (kube: Kube) => Kube
  readonly server?: string
}

/** Long enough that no watch is begun again and nobody gives up, however busy the machine is. */
const patient = { slowMs: 60_000, limitMs: 100_000 }

/** A replica of its own, with connections of its own. */
async function open({ through = (kube) => kube, server, ...rest }: ReplicaOptions = {}): Promise<Replica> {
  const ending = new AbortController()
  const access = { ...cluster.server.access, ...(server === undefined ? {} : { server }) }
  const kube = createKube(access, { retrySeconds: 30 })
  replicas += 1
  const name = `replica-${replicas}`
  const store = openClusterStore({
    kube: through(kube),
    namespace,
    replica: name,
    now: () => new Date(),
    signal: ending.signal,
    patience: patient,
    ...rest,
  })
  const stop = async (): Promise<void> => {
    ending.abort()
    await store.ended
    kube.close()
  }
  stops.push(stop)
  await store.synced
  return { store, name, stop }
}

describe('one replica', () => {
  test('what was written is there at once, in every list', async () => {
    namespace = await freshNamespace()
    const { store } = await open()
    const [uuid, other] = [randomUUID(), randomUUID()]
    const later = await store.clusters.create(other, clusterSpec({ name: 'b', createdAt: moment(2) }))
    const made = await store.clusters.create(uuid, clusterSpec({ name: 'a', createdAt: moment(1) }))
    expect(store.clusters.get(uuid)).toEqual(made)
    expect(store.clusters.all()).toEqual([made, later])
    expect(store.clusters.ofProject(made.spec.projectId)).toEqual([made, later])
    expect(store.clusters.ofProject('another')).toEqual([])
    expect(store.clusters.named('b')).toEqual([later])

    const { keypair: _, ...rest } = made.spec
    const renamed = await store.clusters.replace(made, { ...rest, name: 'c', labels: { constructor: 'x' } })
    expect(renamed.spec).toEqual({ ...rest, name: 'c', labels: { constructor: 'x' } })
    expect(store.clusters.named('a')).toEqual([])
    expect(store.clusters.named('c')).toEqual([renamed])

    const status = await store.clusters.setStatus(renamed, { status: 'CREATE_COMPLETE', faults: { default: 'why' } })
    const cleared = await store.clusters.setStatus(status, { status: 'CREATE_COMPLETE' })
    expect(cleared.status).toEqual({ status: 'CREATE_COMPLETE' })
    expect(cleared.spec).toEqual(renamed.spec)

    const { store: second } = await open()
    expect(second.clusters.all()).toEqual(store.clusters.all())
  })

  test('of two who change the same version one wins', async () => {
    namespace = await freshNamespace()
    const { store } = await open()
    const uuid = randomUUID()
    const made = await store.quotas.create(uuid, { ...quota, hardLimit: 1 })
    await expect(store.quotas.create(uuid, quota)).rejects.toThrow(ConflictError)
    const won = await store.quotas.replace(made, { ...quota, hardLimit: 2 })
    await expect(store.quotas.replace(made, { ...quota, hardLimit: 2 })).rejects.toThrow(ConflictError)
    await expect(store.quotas.delete(made)).rejects.toThrow(ConflictError)
    expect(store.quotas.all()).toEqual([won])
    await store.quotas.delete(won)
    expect(store.quotas.all()).toEqual([])
    await expect(store.quotas.replace(won, quota)).rejects.toThrow(ConflictError)
    await expect(store.quotas.delete(won)).rejects.toThrow(ConflictError)
  })

  test('a cluster stays until it is let go', async () => {
    namespace = await freshNamespace()
    const { store } = await open()
    const uuid = randomUUID()
    const made = await store.clusters.create(uuid, clusterSpec())
    await store.clusters.delete(made)
    const deleted = store.clusters.get(uuid)
    expect(deleted?.deletedAt).toBeDefined()
    if (deleted === undefined) return
    await expect(store.clusters.letGo(made)).rejects.toThrow(ConflictError)
    await store.clusters.delete(deleted)
    await store.clusters.letGo(deleted)
    expect(store.clusters.get(uuid)).toBeUndefined()
    await expect(store.clusters.letGo(deleted)).rejects.toThrow(ConflictError)
    expect((await open()).store.clusters.all()).toEqual([])
  })

  test('what the schema has not is refused or dropped by the API server', async () => {
    namespace = await freshNamespace()
    const { store } = await open()
    const strange = { ...quota, resource: 'Bay' } as unknown as typeof quota
    await expect(store.quotas.create(randomUUID(), strange)).rejects.toMatchObject({ code: 'kube-invalid' })
    expect(store.quotas.all()).toEqual([])
  })

  test('node groups come masters first, and are owned by their cluster', async () => {
    namespace = await freshNamespace()
    const { store } = await open()
    const uuid = randomUUID()
    const made = await store.clusters.create(uuid, clusterSpec())
    const group = async (role: string, at: number) =>
      await store.nodeGroups.create(randomUUID(), nodeGroupSpec({ clusterId: uuid, role, createdAt: moment(at) }))
    const [second, master, first] = [await group('worker', 2), await group('master', 3), await group('gpu', 1)]
    await store.nodeGroups.create(randomUUID(), nodeGroupSpec())
    expect(store.nodeGroups.ofCluster(uuid)).toEqual([master, first, second])
    const object = await cluster.kube.get({
      apiVersion: 'croque.dev/v1alpha1',
      kind: 'NodeGroup',
      name: master.uuid,
      namespace,
    })
    expect(object?.metadata).toMatchObject({
      labels: { 'croque.dev/cluster': uuid, 'croque.dev/project': made.spec.projectId },
      ownerReferences: [{ kind: 'Cluster', name: uuid, uid: made.uid }],
    })
  })

  test('Secrets are of their cluster, and written by one', async () => {
    namespace = await freshNamespace()
    const { store } = await open()
    const made = await store.clusters.create(randomUUID(), clusterSpec())
    expect(await store.readSecret(made.uuid, 'ca')).toBeUndefined()
    const written = await store.writeSecret(made, 'ca', { cert: 'C', key: 'schlüssel' })
    expect(await store.readSecret(made.uuid, 'ca')).toEqual(written)
    await expect(store.writeSecret(made, 'ca', { cert: 'other', key: 'k' })).rejects.toThrow(ConflictError)
    const rotated = await store.writeSecret(made, 'ca', { cert: 'D' }, written)
    expect(rotated.data).toEqual({ cert: 'D' })
    await expect(store.writeSecret(made, 'ca', { cert: 'E' }, written)).rejects.toThrow(ConflictError)
    const object = await cluster.kube.get({
      apiVersion: 'v1',
      kind: 'Secret',
      name: `cluster-${made.uuid}-ca`,
      namespace,
    })
    expect(object?.metadata).toMatchObject({
      labels: { 'croque.dev/cluster': made.uuid },
      ownerReferences: [{ apiVersion: 'croque.dev/v1alpha1', kind: 'Cluster', uid: made.uid }],
    })
  })
})

const quota: Parameters<ClusterStore['quotas']['create']>[1] = {
  id: 1,
  projectId: 'p',
  resource: 'Cluster',
  createdAt: moment(0),
  claims: {},
}

describe('two replicas', () => {
  test('changes are told once each, of clusters, their node groups and their templates', async () => {
    namespace = await freshNamespace()
    const [{ store: writer }, { store: reader }] = [await open(), await open()]
    const template = await writer.templates.create(randomUUID(), templateSpec())
    const made = await writer.clusters.create(randomUUID(), clusterSpec({ templateId: template.uuid }))
    const group = await writer.nodeGroups.create(randomUUID(), nodeGroupSpec({ clusterId: made.uuid }))
    await reader.fresh()
    await sleep(10)
    const told: string[] = []
    const stop = reader.onClusterChange((id) => told.push(id))
    const count = async (write: () => Promise<unknown>): Promise<number> => {
      told.length = 0
      await write()
      await reader.fresh()
      await sleep(10)
      expect(new Set(told)).toEqual(new Set(told.length === 0 ? [] : [made.uuid]))
      return told.length
    }
    expect(await count(async () => await writer.clusters.setStatus(made, { progress: 'x' }))).toBe(1)
    expect(await count(async () => await writer.nodeGroups.setStatus(group, { version: 'x' }))).toBe(1)
    expect(await count(async () => await writer.templates.replace(template, templateSpec({ name: 'x' })))).toBe(1)
    expect(await count(async () => await writer.templates.create(randomUUID(), templateSpec()))).toBe(0)
    stop()
    expect(await count(async () => await writer.nodeGroups.delete(writer.nodeGroups.all()[0] ?? group))).toBe(0)
  })
})

/** The keys of the fence, each with what it says. */
async function fence(): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
  const object = await cluster.kube.get({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: 'croque-clusters-fence',
    namespace,
  })
  const { data = {} } = (object ?? {}) as { data?: Readonly<Record<string, string>> }
  const versions = (text: string) => (JSON.parse(text) as { versions: Readonly<Record<string, string>> }).versions
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, versions(text)]))
}

/** Whether a promise is settled by what has happened until now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  )
  return await Promise.race([settled, sleep(100).then(() => false)])
}

describe('the fence', () => {
  test('a reader waits until its watch has what was acknowledged', async () => {
    namespace = await freshNamespace()
    const gate = Promise.withResolvers<Gate>()
    const { store: writer } = await open()
    const { store: reader } = await open({
      through: (kube) => {
        const gated = gatedWatches(kube)
        gate.resolve(gated)
        return gated.kube
      },
    })
    const { close, open: release } = await gate.promise
    close('events')
    const made = await writer.clusters.create(randomUUID(), clusterSpec())
    const fresh = reader.fresh()
    expect(await isSettled(fresh)).toBe(false)
    expect(reader.clusters.get(made.uuid)).toBeUndefined()
    release()
    await fresh
    expect(reader.clusters.get(made.uuid)).toEqual(made)

    const group = await writer.nodeGroups.create(randomUUID(), nodeGroupSpec())
    await reader.fresh()
    close('events')
    await writer.nodeGroups.delete(group)
    const after = reader.fresh()
    expect(await isSettled(after)).toBe(false)
    expect(reader.nodeGroups.get(group.uuid)).toEqual(group)
    release()
    await after
    expect(reader.nodeGroups.get(group.uuid)).toBeUndefined()
  })

  test('a watch that has fallen silent is begun again', async () => {
    namespace = await freshNamespace()
    const { store: writer } = await open()
    const { store: reader } = await open({
      patience: { slowMs: 50, limitMs: 60_000 },
      through: (kube) => {
        const { kube: gated, close } = gatedWatches(kube)
        close('events')
        return gated
      },
    })
    const made = await writer.clusters.create(randomUUID(), clusterSpec())
    await reader.fresh()
    expect(reader.clusters.all()).toEqual([made])
    await writer.clusters.delete(made)
    await reader.fresh()
    expect(reader.clusters.get(made.uuid)?.deletedAt).toBeDefined()
    // Its own deletions come by lists only, too.
    const own = await reader.quotas.create(randomUUID(), quota)
    await reader.quotas.delete(own)
    expect(reader.quotas.all()).toEqual([])
  })

  test('who waits too long is told so', async () => {
    namespace = await freshNamespace()
    const { store: writer } = await open()
    const gate = Promise.withResolvers<Gate>()
    const { store: reader } = await open({
      patience: { slowMs: 50, limitMs: 500 },
      through: (kube) => {
        const gated = gatedWatches(kube)
        gate.resolve(gated)
        return gated.kube
      },
    })
    const { close, open: release } = await gate.promise
    close('all')
    const made = await writer.clusters.create(randomUUID(), clusterSpec())
    await expect(reader.fresh()).rejects.toMatchObject({ code: 'clusters-stale' })
    release()
    await expect.poll(async () => await reader.fresh().then(() => true, String), { timeout: 60_000 }).toBe(true)
    expect(reader.clusters.all()).toEqual([made])
  })

  test('many share one request', async () => {
    namespace = await freshNamespace()
    const many = 50
    let [reads, notes, written] = [0, 0, 0]
    const allWritten = Promise.withResolvers<void>()
    /** The first note takes until everything is written. */
    const noted = async <T>(note: () => Promise<T>): Promise<T> => {
      notes += 1
      await allWritten.promise
      return await note()
    }
    const { store } = await open({
      through: (kube) => ({
        ...kube,
        get: async (ref, options) => {
          if (ref.kind === 'ConfigMap') reads += 1
          return await kube.get(ref, options)
        },
        patch: async (...asked) => await noted(async () => await kube.patch(...asked)),
        create: async (object, options) => {
          if (object.kind === 'ConfigMap') return await noted(async () => await kube.create(object, options))
          const made = await kube.create(object, options)
          written += 1
          if (written === many) allWritten.resolve()
          return made
        },
      }),
    })
    const times = Array.from({ length: many }, (_, index) => index)
    await Promise.all(times.map(async () => await store.fresh()))
    expect(reads).toBe(1)
    await Promise.all(times.map(async () => await store.quotas.create(randomUUID(), quota)))
    expect(notes).toBe(2)
  })

  test('the key of a silent replica is dropped, its versions are not', async () => {
    namespace = await freshNamespace()
    const gate = Promise.withResolvers<Gate>()
    const { store: reader } = await open({
      through: (kube) => {
        const gated = gatedWatches(kube)
        gate.resolve(gated)
        return gated.kube
      },
    })
    const { close, open: release } = await gate.promise
    close('events')
    const gone = await open()
    const made = await gone.store.clusters.create(randomUUID(), clusterSpec())
    expect(await fence()).toEqual({ [gone.name]: { clusters: made.resourceVersion } })

    const next = await open({ now: () => new Date(Date.now() + 3_600_000) })
    const owned = await next.store.quotas.create(randomUUID(), quota)
    const both = { clusters: made.resourceVersion, clusterquotas: owned.resourceVersion }
    expect(await fence()).toEqual({ [next.name]: both })
    const fresh = reader.fresh()
    expect(await isSettled(fresh)).toBe(false)
    release()
    await fresh
    expect(reader.clusters.all()).toEqual([made])

    // It was only silent.
    const again = await gone.store.clusters.replace(made, clusterSpec())
    expect(await fence()).toEqual({ [next.name]: both, [gone.name]: { clusters: again.resourceVersion } })
    await reader.fresh()
    expect(reader.clusters.all()).toEqual([again])
  })

  test('a write whose answer was lost is told from another', async () => {
    namespace = await freshNamespace()
    const { store } = await open({ through: repeatingWrites })
    const made = await store.clusters.create(randomUUID(), clusterSpec())
    const next = await store.clusters.replace(made, clusterSpec({ name: 'next' }))
    expect(store.clusters.all()).toEqual([next])
    await expect(store.clusters.replace(made, clusterSpec({ name: 'next' }))).rejects.toThrow(ConflictError)
    const secret = await store.writeSecret(next, 'ca', { key: 'a' })
    expect((await store.writeSecret(next, 'ca', { key: 'b' }, secret)).data).toEqual({ key: 'b' })
    const { store: other } = await open()
    await other.fresh()
    expect(other.clusters.all()).toEqual([next])
  })
})

type Step = 'create' | 'replace' | 'status' | 'delete' | 'let go'

/** One cluster's life, each step by whichever replica, and each looked at from the other at once. */
async function live(stores: readonly ClusterStore[], steps: readonly (readonly [Step, number])[]): Promise<void> {
  const uuid = randomUUID()
  let serial = 0
  for (const [step, by] of steps) {
    const writer = stores[by % stores.length]
    if (writer === undefined) throw new Error('no store')
    // As a request does.
    await writer.fresh()
    const read = writer.clusters.get(uuid)
    serial += 1
    const text = String(serial)
    if (read === undefined) await writer.clusters.create(uuid, clusterSpec({ name: text }))
    else if (step === 'replace') await writer.clusters.replace(read, clusterSpec({ name: text }))
    else if (step === 'status') await writer.clusters.setStatus(read, { progress: text })
    else if (step === 'delete') await writer.clusters.delete(read)
    else if (step === 'let go' && read.deletedAt !== undefined) await writer.clusters.letGo(read)
    const now = writer.clusters.get(uuid)
    for (const reader of stores) {
      await reader.fresh()
      expect(reader.clusters.get(uuid), `after ${step} ${serial}`).toEqual(now)
      expect(reader.clusters.all().some((item) => item.uuid === uuid)).toBe(now !== undefined)
    }
  }
}

const lives = fc.array(
  fc.array(fc.tuple(fc.constantFrom<Step>('create', 'replace', 'status', 'delete', 'let go'), fc.nat(1)), {
    minLength: 3,
    maxLength: 12,
  }),
  { minLength: 2, maxLength: 12 },
)

describe('under load', () => {
  test('whatever one replica acknowledged, the other reads at once', async () => {
    namespace = await freshNamespace()
    const late = (kube: Kube) => lateWatches(kube, () => Math.random() * 60)
    const stores = [(await open({ through: late })).store, (await open({ through: late })).store]
    const property = fc.asyncProperty(lives, async (all) => {
      await Promise.all(all.map(async (steps) => await live(stores, steps)))
    })
    await fc.assert(property, { numRuns: 6, endOnFailure: true })
    const { store: third } = await open()
    expect(third.clusters.all()).toEqual(stores[0]?.clusters.all())
  })

  test('of many who change one version, by any replica, exactly one wins', async () => {
    namespace = await freshNamespace()
    const stores = [(await open()).store, (await open({ through: (kube) => lateWatches(kube, () => 20) })).store]
    const [first] = stores
    let read = await first?.quotas.create(randomUUID(), quota)
    for (let round = 0; round < 10; round += 1) {
      const before = read
      if (before === undefined) throw new Error('no quota')
      const tries = await Promise.allSettled(
        Array.from({ length: 10 }, async (_, who) => {
          // Every second one wishes the same.
          const hardLimit = who % 2 === 0 ? round + 100 : who
          return await stores[who % stores.length]?.quotas.replace(before, { ...quota, hardLimit })
        }),
      )
      const won = tries.filter((one) => one.status === 'fulfilled')
      const lost = tries.filter((one) => one.status === 'rejected')
      expect(won).toHaveLength(1)
      expect(lost.every(({ reason }) => reason instanceof ConflictError)).toBe(true)
      read = won[0]?.value
      for (const store of stores) {
        await store.fresh()
        expect(store.quotas.all()).toEqual([read])
      }
    }
  })

  test('an API server that is killed takes nothing acknowledged with it', async () => {
    namespace = await freshNamespace()
    const stores = [(await open()).store, (await open()).store] as const
    let restarted = false
    const acknowledged = new Map<string, string>()
    const write = async (store: ClusterStore): Promise<void> => {
      for (let count = 0; !restarted || count < 20; count += 1) {
        const made = await store.quotas.create(randomUUID(), quota)
        const next = await store.quotas.replace(made, { ...quota, hardLimit: count })
        acknowledged.set(next.uuid, next.resourceVersion)
      }
    }
    const writing = Promise.all(stores.map(write))
    await sleep(200)
    await cluster.server.restart()
    restarted = true
    await writing
    for (const store of stores) {
      await store.fresh()
      expect(new Map(store.quotas.all().map(({ uuid, resourceVersion }) => [uuid, resourceVersion]))).toEqual(
        acknowledged,
      )
    }
  })

  test('a version that the API server no longer knows is survived', async () => {
    namespace = await freshNamespace()
    const wire = await openWire(cluster.server.access.server)
    const { store: writer } = await open()
    let syncs = 0
    const { store: reader } = await open({
      server: wire.server,
      through: (kube) => ({
        ...kube,
        watch: async function* (kind, options) {
          for await (const event of kube.watch(kind, options)) {
            if (event.type === 'SYNC' && kind.kind === 'ClusterQuota') syncs += 1
            yield event
          }
        },
      }),
    })
    try {
      const kept = await writer.quotas.create(randomUUID(), { ...quota, createdAt: moment(1) })
      const dropped = await writer.quotas.create(randomUUID(), quota)
      await reader.fresh()
      expect([reader.quotas.all(), syncs]).toEqual([[dropped, kept], 1])
      wire.cut()
      await writer.quotas.delete(dropped)
      const changed = await writer.quotas.replace(kept, { ...quota, createdAt: moment(1), hardLimit: 5 })
      const made = await writer.quotas.create(randomUUID(), { ...quota, createdAt: moment(2) })
      // What it remembers of before is lost with it.
      await cluster.server.restart()
      wire.mend()
      await reader.fresh()
      expect(reader.quotas.all()).toEqual([changed, made])
      expect(syncs).toBe(2)
    } finally {
      await Promise.all(stops.splice(0).map(async (stop) => await stop()))
      await wire.close()
    }
  })
})

test('the rules of the Role are enough, and let nobody list Secrets', async () => {
  namespace = await freshNamespace()
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace } }
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'api', namespace } }
  await cluster.kube.create(account)
  await cluster.kube.create({ ...role, rules: storeRules() })
  await cluster.kube.create({
    ...role,
    kind: 'RoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'api' },
    subjects: [{ kind: 'ServiceAccount', name: 'api', namespace }],
  })
  const { kubeconfigFile, server, ca } = cluster.server.access
  const tokenArgs = ['create', 'token', 'api', `--namespace=${namespace}`]
  const { stdout: token } = await run(cluster.server.kubectl, [`--kubeconfig=${kubeconfigFile}`, ...tokenArgs])
  const kube = createKube({ server, ...(ca === undefined ? {} : { ca }), token: async () => token.trim() })
  try {
    const { store } = await open({ through: () => kube })
    const made = await store.clusters.create(randomUUID(), clusterSpec())
    const group = await store.nodeGroups.create(randomUUID(), nodeGroupSpec({ clusterId: made.uuid }))
    const template = await store.templates.create(randomUUID(), templateSpec())
    const limit = await store.quotas.create(randomUUID(), quota)
    const secret = await store.writeSecret(made, 'ca', { key: 'a' })
    await store.writeSecret(made, 'ca', { key: 'b' }, secret)
    expect((await store.readSecret(made.uuid, 'ca'))?.data).toEqual({ key: 'b' })
    await store.nodeGroups.delete(await store.nodeGroups.setStatus(group, { version: 'x' }))
    await store.templates.delete(await store.templates.replace(template, templateSpec({ name: 'x' })))
    await store.quotas.delete(limit)
    await store.clusters.delete(await store.clusters.setStatus(made, { progress: 'x' }))
    await store.clusters.letGo(store.clusters.get(made.uuid) ?? made)
    await store.fresh()
    expect([store.clusters.all(), store.nodeGroups.all(), store.templates.all(), store.quotas.all()]).toEqual([
      [],
      [],
      [],
      [],
    ])
    await expect(kube.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace })).rejects.toMatchObject({
      code: 'kube-forbidden',
    })
    await Promise.all(stops.splice(0).map(async (stop) => await stop()))
  } finally {
    kube.close()
  }
})

test('kubectl shows them readably, by their short names and by what they are', async () => {
  namespace = await freshNamespace()
  const { store } = await open()
  const made = await store.clusters.create(randomUUID(), clusterSpec({ name: 'demo' }))
  await store.clusters.setStatus(made, { status: 'CREATE_COMPLETE', healthStatus: 'HEALTHY' })
  await store.nodeGroups.create(randomUUID(), nodeGroupSpec({ clusterId: made.uuid, nodeCount: 7 }))
  await store.templates.create(randomUUID(), templateSpec())
  await store.quotas.create(randomUUID(), { ...quota, hardLimit: 20 })
  const kubectl = async (...args: readonly string[]): Promise<readonly (readonly string[])[]> => {
    const { kubeconfigFile } = cluster.server.access
    const all = [`--kubeconfig=${kubeconfigFile}`, `--namespace=${namespace}`, 'get', ...args]
    const { stdout } = await run(cluster.server.kubectl, all)
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
  }
  const { projectId } = made.spec
  const [header, row] = await kubectl('cl', '--field-selector', `spec.projectId=${projectId}`)
  expect(header).toEqual(['NAME', 'CLUSTER', 'PROJECT', 'WISH', 'ENDED', 'HEALTH', 'WAITS FOR', 'AGE'])
  expect(row?.slice(0, 6)).toEqual([made.uuid, 'demo', projectId, 'create', 'CREATE_COMPLETE', 'HEALTHY'])
  expect((await kubectl('ng', '--field-selector', `spec.clusterId=${made.uuid}`))[1]?.slice(1, 5)).toEqual([
    'default-worker',
    made.uuid,
    'worker',
    '7',
  ])
  expect((await kubectl('clt'))[1]?.slice(1, 4)).toEqual(['kubernetes-1-35', projectId, 'kubernetes'])
  expect((await kubectl('clq'))[1]?.slice(1, 4)).toEqual(['p', 'Cluster', '20'])
  expect((await kubectl('croque', '--no-headers', '--output=name')).flat().sort()).toHaveLength(4)
})
