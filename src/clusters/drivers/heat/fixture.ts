/**
 * A pretended cloud for the driver `heat`: stacks take their time, servers come with them, and the programs on the servers do what the
 * ledger tells them. For tests; what it cannot show is shown on a real cloud (`test/e2e`).
 */
import type { SimulatedClock } from '../../clock/index.ts'
import { type Cluster, type ClusterSecret, ConflictError } from '../../model/index.ts'
import { type Ledger, type LedgerState, nodeKey, openLedger } from '../../nodes/index.ts'
import type { Server } from './ailments-fixture.ts'
import type { Rotation } from './authorities.ts'
import type { ClusterCloud, SeenServer } from './cloud.ts'
import { credentialKeeper } from './credentials.ts'
import { PretendedCredentials } from './credentials-fixture.ts'
import { PretendedInside } from './inside/fixture.ts'
import { drainMs } from './leaving.ts'
import { PretendedMasters } from './masters-fixture.ts'
import type { Roster } from './roster.ts'
import { rostersIn } from './rosters.ts'
import type { HeatDriverOptions } from './scene.ts'
import { PretendedStacks } from './stacks-fixture.ts'

/** Called before and after every call. */
export type Weather = (call: string, signal: AbortSignal) => Promise<void>

/** Before it is ready a node's program has been to the desk. */
const joinTakes = 4000

export class PretendedCloud {
  readonly #clock: SimulatedClock
  readonly stacks: PretendedStacks
  readonly #secrets = new Map<string, ClusterSecret>()
  readonly #users = new Set<string>()
  #made = 0
  /** By index of a worker: how long budgets keep its Pod there, in milliseconds. */
  guards: readonly number[] = [0, 20_000, Number.POSITIVE_INFINITY]
  /** Types of services that it has beside those that every cluster needs. */
  services: readonly string[] = []
  /** The phase that its cluster's rotation is in. */
  rotation: Rotation | undefined
  readonly inside: PretendedInside

  constructor(clock: SimulatedClock) {
    this.#clock = clock
    this.stacks = new PretendedStacks(clock)
    const alive = (id: string): readonly Server[] =>
      this.stacks
        .serversIn(id)
        .filter(({ key, dead, disturbed }) => dead !== true && disturbed === undefined && !this.masters.dead.has(key))
    this.inside = new PretendedInside(clock, {
      isAlive: (id, key) => alive(id).some((server) => server.key === key),
      isServed: (id) => alive(id).some(({ key }) => this.masters.membersOf(id).includes(key)),
    })
  }

  readonly now = (): number => this.#clock.now()

  /** Secrets of clusters, as the API server keeps them; with {@link PretendedCloud.forget} they go with their cluster. */
  readonly secrets = {
    readSecret: async (id: string, name: string): Promise<ClusterSecret | undefined> =>
      this.#secrets.get(`${id}/${name}`),
    writeSecret: async (
      { uuid }: Cluster,
      name: string,
      data: Readonly<Record<string, string>>,
      read?: ClusterSecret,
    ): Promise<ClusterSecret> => {
      const key = `${uuid}/${name}`
      if (this.#secrets.get(key)?.resourceVersion !== read?.resourceVersion)
        throw new ConflictError('somebody was quicker')
      const secret = { resourceVersion: String(++this.#made), data: { ...data } }
      this.#secrets.set(key, secret)
      return secret
    },
  }

  readonly ledger: Ledger = openLedger(this.secrets)

  /** What a driver needs that works here. */
  options(weather: Weather): HeatDriverOptions {
    return {
      cloudOf: (cluster, signal) => this.of(cluster, signal, weather),
      ledger: this.ledger,
      rosters: rostersIn(this.secrets),
      desk: { url: 'https://cloud.test/nodes/v1' },
      defaults: { bootVolumeSize: 0 },
      credentials: (signal) =>
        credentialKeeper({
          sessionOf: async (cluster) =>
            this.credentials.sessionOf(cluster, async (call) => await weather(call, signal)),
          store: this.secrets,
          role: 'member',
        }),
      rotation: async () => this.rotation,
      engineVersion: async () => 'v1.35.4',
      door: this.inside.door(weather),
      now: this.now,
    }
  }

  readonly masters = new PretendedMasters()
  readonly credentials = new PretendedCredentials((clusterId) => void this.#users.add(clusterId))
  /** Servers that were taken though their Pods could have gone elsewhere. */
  readonly #hasty: string[] = []

  /** What must never happen. */
  get wrongs(): readonly string[] {
    return [...this.masters.wrongs, ...this.#hasty]
  }

  of(cluster: Cluster, signal: AbortSignal, weather: Weather): ClusterCloud {
    const call = async <Result>(name: string, work: () => Result): Promise<Result> => {
      await weather(`${name} before`, signal)
      const result = work()
      await weather(`${name} after`, signal)
      return result
    }
    const { uuid } = cluster
    return {
      stacks: async () => {
        await this.#nodesWork(cluster)
        return await call('stacks', () => {
          this.#sweep(uuid)
          return this.stacks.seen(uuid)
        })
      },
      create: async (name, body, tags) =>
        await call('stack create', () => {
          this.#users.add(uuid)
          this.stacks.create({ uuid, name, body, tags })
        }),
      update: async ({ name }, body, tags) =>
        await call('stack update', () => {
          const lost = this.stacks.update({ uuid, name, body, tags })
          for (const { key } of lost) this.masters.lose(uuid, key)
          this.#notice(cluster, lost)
        }),
      remove: async ({ name }) =>
        await call('stack delete', () => {
          const going = this.stacks.remove(uuid, name)
          if (going === undefined) return
          const goesWhole = cluster.deletedAt !== undefined || cluster.spec.operation.kind === 'delete'
          if (goesWhole) this.masters.forgetCluster(uuid)
          else this.#notice(cluster, going)
        }),
      sweep: async () => await call('sweep', () => this.stacks.sweepOrphans(uuid)),
      offers: async (service) => await call('catalog', () => this.services.includes(service)),
      leave: async () =>
        await call('user delete', () => {
          this.#users.delete(uuid)
          this.credentials.forget(uuid)
        }),
    }
  }

  /** What there is of a cluster: stacks as `<cluster>/<name>`, servers by group and index, and what no stack knows. Undefined when nothing is left, not even its user. */
  look(clusterId: string): Record<'stacks' | 'servers' | 'orphans', readonly string[]> | undefined {
    this.#sweep(clusterId)
    const stacks = this.stacks.namesIn(clusterId)
    const orphans = this.stacks.orphansIn(clusterId)
    if (stacks.length === 0 && orphans.length === 0 && !this.#users.has(clusterId)) return undefined
    const alive = this.stacks.serversIn(clusterId).filter(({ dead }) => dead !== true)
    return { stacks, servers: alive.map(({ key }) => key), orphans }
  }

  #sweep(clusterId: string): void {
    this.stacks.sweep(clusterId)
    if (this.stacks.serversIn(clusterId).length === 0) this.inside.forget(clusterId)
  }

  /** One of its workers is deleted by hand. */
  kill(clusterId: string, nth: number): void {
    const workers = this.stacks.serversIn(clusterId).filter(({ role, dead }) => role === 'workers' && dead !== true)
    const victim = workers[nth % Math.max(1, workers.length)]
    if (victim !== undefined) this.stacks.hurt(clusterId, victim.key, { dead: true })
  }

  /** Something else is seen of a server than what the driver did to it; its node is not heard of any more. */
  disturb(clusterId: string, key: string, disturbed: Partial<SeenServer>): void {
    this.stacks.hurt(clusterId, key, { disturbed })
  }

  #notice({ uuid }: Cluster, going: readonly Server[]): void {
    const roster = JSON.parse(this.#secrets.get(`${uuid}/roster`)?.data['roster'] ?? '{"nodes":[]}') as Roster
    for (const { key, dead } of going) {
      const node = roster.nodes.find((each) => nodeKey(each) === key)
      const isLate = this.#clock.now() - (node?.leftAt ?? 0) >= drainMs
      const couldEnd = dead !== true && !this.masters.dead.has(key)
      if (couldEnd && !isLate && this.inside.hasPods(uuid, key)) this.#hasty.push(`${key} went with Pods on it`)
    }
  }

  /** They ask for their certificates: a token is good for those who come first. */
  async #nodesCome(cluster: Cluster, servers: readonly Server[], known: LedgerState): Promise<void> {
    const come = servers.filter(({ key, readyAt, dead }) => {
      const isThere = this.#clock.elapsed() >= readyAt - joinTakes && dead !== true
      return isThere && known.nodes[key] !== undefined && known.nodes[key].keys === undefined
    })
    if (come.length === 0) return
    await this.ledger.change(cluster, (state) => {
      const admitted = come.flatMap(({ key, before }) => {
        const entry = state.nodes[key]
        return entry === undefined || entry.keys !== undefined
          ? []
          : [[key, { ...entry, keys: String(before) }] as const]
      })
      return admitted.length === 0 ? state : { ...state, nodes: { ...state.nodes, ...Object.fromEntries(admitted) } }
    })
  }

  /** What the programs on the servers did since somebody last looked. */
  async #nodesWork(cluster: Cluster): Promise<void> {
    const known = await this.ledger.read(cluster.uuid)
    if (known === undefined) return
    const servers = this.stacks.serversIn(cluster.uuid).filter(({ fails }) => fails !== 'early')
    await this.#nodesCome(cluster, servers, known)
    const working = servers.filter(({ key, before, readyAt, dead, fails }) => {
      const entry = known.nodes[key]
      const isNew = entry !== undefined && entry.report?.revision !== entry.orders.revision
      const isRefused = entry?.keys !== undefined && entry.keys !== String(before)
      const isAlive = dead !== true && fails !== 'late' && !this.masters.dead.has(key)
      return isNew && this.#clock.elapsed() >= readyAt && isAlive && !isRefused
    })
    const told = working.filter(({ key }) => this.masters.obey(cluster.uuid, key, known))
    if (told.length === 0) return
    for (const { key, index, role } of told) {
      const { orders, joined } = known.nodes[key] ?? {}
      const guarded = role === 'masters' ? 0 : (this.guards[Number(index) % this.guards.length] ?? 0)
      if (orders !== undefined && joined !== true) this.inside.join(cluster.uuid, { name: orders.name, key, guarded })
    }
    await this.ledger.change(cluster, (state) => {
      const reports = told.flatMap(({ key }) => {
        const [entry, orders] = [state.nodes[key], known.nodes[key]?.orders]
        if (entry === undefined || orders === undefined) return []
        const report = { phase: 'ready', message: '', revision: orders.revision, at: this.#clock.now() }
        return [[key, { ...entry, report, joined: true }] as const]
      })
      return { ...state, nodes: { ...state.nodes, ...Object.fromEntries(reports) } }
    })
  }
}
