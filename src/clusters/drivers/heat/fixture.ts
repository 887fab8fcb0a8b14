/**
 * A pretended cloud for the driver `heat`: stacks take their time, servers come with them, and the programs on the servers do what the
 * ledger tells them. For tests; what it cannot show is shown on a real cloud (`test/e2e`).
 */
import type { SimulatedClock } from '../../clock/index.ts'
import { type Cluster, type ClusterSecret, ConflictError } from '../../model/index.ts'
import { type Ledger, type LedgerState, nodeKey, openLedger } from '../../nodes/index.ts'
import { type Ailment, type Server, seenServer, wordsOf } from './ailments-fixture.ts'
import type { ClusterCloud, SeenServer, SeenStack } from './cloud.ts'
import { credentialKeeper } from './credentials.ts'
import { PretendedCredentials } from './credentials-fixture.ts'
import { PretendedInside } from './inside/fixture.ts'
import { drainMs } from './leaving.ts'
import { PretendedMasters } from './masters-fixture.ts'
import type { Roster } from './roster.ts'
import { rostersIn } from './rosters.ts'
import type { HeatDriverOptions } from './scene.ts'
import type { StackBody, Template } from './template.ts'

interface Stack {
  readonly id: string
  readonly name: string
  readonly body: StackBody
  readonly tags: readonly string[]
  readonly doing: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly begunAt: number
  readonly doneAt: number
  /** What comes of it, when that is not what was asked for. */
  readonly ailment: Ailment | undefined
  readonly servers: readonly Server[]
}

/** Called before and after every call. */
export type Weather = (call: string, signal: AbortSignal) => Promise<void>

const stackTakes = 5000
const bootTakes = 8000
/** Before it is ready a node's program has been to the desk. */
const joinTakes = 4000

export class PretendedCloud {
  readonly #clock: SimulatedClock
  readonly #stacks = new Map<string, Stack>()
  readonly #secrets = new Map<string, ClusterSecret>()
  readonly #users = new Set<string>()
  /** Of the next changes of stacks. */
  readonly #ailments: Ailment[] = []
  #made = 0
  /** By index of a worker: how long budgets keep its Pod there, in milliseconds. */
  guards: readonly number[] = [0, 20_000, Number.POSITIVE_INFINITY]
  /** Types of services that it has beside those that every cluster needs. */
  services: readonly string[] = []
  readonly inside: PretendedInside

  constructor(clock: SimulatedClock) {
    this.#clock = clock
    const alive = (id: string): readonly Server[] =>
      this.#serversIn(id).filter(
        ({ key, dead, disturbed }) => dead !== true && disturbed === undefined && !this.masters.dead.has(key),
      )
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
      kubernetesVersion: async () => 'v1.35.4',
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
    const keyOf = (name: string): string => `${cluster.uuid}/${name}`
    return {
      stacks: async () => {
        await this.#nodesWork(cluster)
        return await call('stacks', () => this.#seen(cluster.uuid))
      },
      create: async (name, body, tags) =>
        await call('stack create', () => {
          this.#users.add(cluster.uuid)
          if (this.#stacks.has(keyOf(name))) throw new Error(`there is a stack ${name}`)
          const id = `stack-${++this.#made}`
          this.#stacks.set(keyOf(name), this.#change({ id, name, servers: [] }, 'CREATE', body, tags))
          this.asked.push(this.#clock.elapsed())
        }),
      update: async ({ name }, body, tags) =>
        await call('stack update', () => {
          const stack = this.#stacks.get(keyOf(name))
          if (stack === undefined) throw new Error(`there is no stack ${name}`)
          if (this.#isBusy(stack)) throw new Error(`stack ${name} is busy`)
          this.asked.push(this.#clock.elapsed())
          const changed = this.#change(stack, 'UPDATE', body, tags)
          const kept = new Set(changed.servers.map(({ key }) => key))
          const lost = stack.servers.filter(({ key }) => !kept.has(key))
          for (const { key } of lost) this.masters.lose(cluster.uuid, key)
          this.#notice(cluster, lost)
          this.#stacks.set(keyOf(name), changed)
        }),
      remove: async ({ name }) =>
        await call('stack delete', () => {
          const stack = this.#stacks.get(keyOf(name))
          if (stack === undefined) return
          const goesWhole = cluster.deletedAt !== undefined || cluster.spec.operation.kind === 'delete'
          if (goesWhole) this.masters.forgetCluster(cluster.uuid)
          else this.#notice(cluster, stack.servers)
          this.asked.push(this.#clock.elapsed())
          this.#stacks.set(keyOf(name), { ...stack, ...this.#begin('DELETE') })
        }),
      offers: async (service) => await call('catalog', () => this.services.includes(service)),
      leave: async () =>
        await call('user delete', () => {
          this.#users.delete(cluster.uuid)
          this.credentials.forget(cluster.uuid)
        }),
    }
  }

  /** What there is of a cluster: stacks as `<cluster>/<name>`, servers by group and index. Undefined when nothing is left, not even its user. */
  look(clusterId: string): { readonly stacks: readonly string[]; readonly servers: readonly string[] } | undefined {
    this.#sweep(clusterId)
    const stacks = [...this.#stacks].filter(([key]) => key.startsWith(`${clusterId}/`))
    if (stacks.length === 0 && !this.#users.has(clusterId)) return undefined
    const alive = this.#serversIn(clusterId).filter(({ dead }) => dead !== true)
    const servers = alive.map(({ key }) => key)
    return { stacks: stacks.map(([key]) => key), servers }
  }

  /** When stacks were asked for, changed, and asked to go, in milliseconds. */
  readonly asked: number[] = []

  /** What the next changes of stacks will come to. */
  ail(ailments: readonly Ailment[]): void {
    this.#ailments.push(...ailments)
  }

  /** All is well from now on, but for what has failed already. */
  recover(): void {
    this.#ailments.length = 0
  }

  #later(ms: number): number {
    return this.#clock.elapsed() + ms
  }

  /** An engine of today takes over what is under way; an older one lets nobody in, except after one that died. */
  #isBusy({ doneAt, ailment }: Stack): boolean {
    return this.#clock.elapsed() < doneAt && ailment !== 'engine-unnoticed'
  }

  #begin(doing: Stack['doing']): Pick<Stack, 'doing' | 'begunAt' | 'doneAt' | 'ailment'> {
    const ailment = this.#ailments.shift()
    const doneAt = ailment === 'engine-unnoticed' ? Number.POSITIVE_INFINITY : this.#later(stackTakes)
    return { doing, begunAt: this.#clock.elapsed(), doneAt, ailment }
  }

  #change(
    stack: Pick<Stack, 'id' | 'name' | 'servers'>,
    doing: Stack['doing'],
    body: StackBody,
    tags: readonly string[],
  ): Stack {
    const begun = this.#begin(doing)
    const wanted = [...this.#serversOf(body, 'masters'), ...this.#serversOf(body, 'workers')]
    const servers = wanted.map((server, at) => {
      const found = stack.servers.find(({ key }) => key === server.key)
      if (found !== undefined && found.fails === undefined) return found
      if (found?.fails === 'unseen') return { ...found, fails: undefined }
      const before = found === undefined ? 0 : found.before + 1
      const fails = begun.ailment === undefined ? undefined : (['late', 'unseen', 'early'] as const)[at % 3]
      return { ...server, before, fails }
    })
    return { id: stack.id, name: stack.name, body, tags, ...begun, servers }
  }

  #serversOf({ files, parameters }: StackBody, role: Server['role']): readonly Server[] {
    const word = role === 'masters' ? 'kubemasters' : 'kubeminions'
    const template = JSON.parse(files[`${word}.yaml`] ?? '{"resources":{}}') as Template
    const userData = parameters[`kube_${word.slice(4)}_user_data`] ?? {}
    return Object.keys(template.resources).map((index) => {
      const [, , group = ''] = /"token\\":\\"([^.]+)\.([^.]+)\./.exec(userData[index] ?? '') ?? []
      const key = nodeKey({ group, index: Number(index) })
      const number = ++this.#made
      const address = `10.1.${number >> 8}.${number & 255}`
      return {
        key,
        role,
        index,
        address,
        readyAt: this.#later(stackTakes + bootTakes),
        before: 0,
        fails: undefined,
      }
    })
  }

  #sweep(clusterId: string): void {
    for (const [key, { doing, doneAt, ailment }] of this.#stacks) {
      const hasGone = doing === 'DELETE' && this.#clock.elapsed() >= doneAt && ailment === undefined
      if (key.startsWith(`${clusterId}/`) && hasGone) this.#stacks.delete(key)
    }
    if (this.#serversIn(clusterId).length === 0) this.inside.forget(clusterId)
  }

  /** One of its workers is deleted by hand. */
  kill(clusterId: string, nth: number): void {
    const workers = this.#serversIn(clusterId).filter(({ role, dead }) => role === 'workers' && dead !== true)
    const victim = workers[nth % Math.max(1, workers.length)]
    if (victim !== undefined) this.#hurt(clusterId, victim.key, { dead: true })
  }

  /** Something else is seen of a server than what the driver did to it; its node is not heard of any more. */
  disturb(clusterId: string, key: string, disturbed: Partial<SeenServer>): void {
    this.#hurt(clusterId, key, { disturbed })
  }

  #hurt(clusterId: string, key: string, changes: Partial<Server>): void {
    for (const [name, stack] of this.#stacks)
      if (name.startsWith(`${clusterId}/`)) {
        const servers = stack.servers.map((server) => (server.key === key ? { ...server, ...changes } : server))
        this.#stacks.set(name, { ...stack, servers })
      }
  }

  #serversIn(clusterId: string): readonly Server[] {
    return [...this.#stacks].filter(([key]) => key.startsWith(`${clusterId}/`)).flatMap(([, { servers }]) => servers)
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

  #seen(clusterId: string): readonly SeenStack[] {
    this.#sweep(clusterId)
    return [...this.#stacks]
      .filter(([key]) => key.startsWith(`${clusterId}/`))
      .map(([, { id, name, tags, doing, begunAt, doneAt, servers, ailment }]) => {
        const isDone = this.#clock.elapsed() >= doneAt
        const status = `${doing}_${isDone ? (ailment === undefined ? 'COMPLETE' : 'FAILED') : 'IN_PROGRESS'}`
        const movedAt = this.#clock.now() - (this.#clock.elapsed() - (isDone ? doneAt : begunAt))
        const byIndex = (role: Server['role']): Readonly<Record<string, SeenServer>> =>
          Object.fromEntries(
            servers.filter((server) => server.role === role).map((server) => [server.index, seenServer(server)]),
          )
        const outputs = {
          network_id: 'net',
          subnet_id: 'subnet',
          router_id: 'router',
          worker_security_group_id: 'group',
        }
        const api = { address: '10.0.0.2' }
        return {
          id,
          name,
          status,
          reason: status.endsWith('_FAILED') && ailment !== undefined ? wordsOf[ailment] : '',
          movedAt,
          tags,
          api,
          masters: byIndex('masters'),
          workers: byIndex('workers'),
          outputs,
        }
      })
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
    const servers = this.#serversIn(cluster.uuid).filter(({ fails }) => fails !== 'early')
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
