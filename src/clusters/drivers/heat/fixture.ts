/**
 * A pretended cloud for the driver `heat`: stacks take their time, servers come with them, and the programs on the servers do what the
 * ledger tells them. For tests; what it cannot show is shown on a real cloud (`test/e2e`).
 */
import type { SimulatedClock } from '../../clock/index.ts'
import { type Cluster, type ClusterSecret, ConflictError } from '../../model/index.ts'
import { type Ledger, nodeKey, openLedger } from '../../nodes/index.ts'
import type { ClusterCloud, SeenServer, SeenStack } from './cloud.ts'
import { PretendedMasters } from './masters-fixture.ts'
import type { StackBody, Template } from './template.ts'

interface Server {
  readonly key: string
  readonly role: 'masters' | 'workers'
  readonly index: string
  readonly address: string
  readonly readyAt: number
}

interface Stack {
  readonly id: string
  readonly name: string
  readonly body: StackBody
  readonly tags: readonly string[]
  readonly doing: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly doneAt: number
  readonly servers: readonly Server[]
}

/** Called before and after every call. */
export type Weather = (call: string, signal: AbortSignal) => Promise<void>

const stackTakes = 5000
const bootTakes = 8000

export class PretendedCloud {
  readonly #clock: SimulatedClock
  readonly #stacks = new Map<string, Stack>()
  readonly #secrets = new Map<string, ClusterSecret>()
  readonly #users = new Set<string>()
  #made = 0

  constructor(clock: SimulatedClock) {
    this.#clock = clock
  }

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

  readonly masters = new PretendedMasters()

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
        }),
      update: async ({ name }, body, tags) =>
        await call('stack update', () => {
          const stack = this.#stacks.get(keyOf(name))
          if (stack === undefined) throw new Error(`there is no stack ${name}`)
          if (this.#clock.elapsed() < stack.doneAt) throw new Error(`stack ${name} is busy`)
          const changed = this.#change(stack, 'UPDATE', body, tags)
          const lost = stack.servers.filter(({ key }) => !changed.servers.some((server) => server.key === key))
          for (const { key } of lost) this.masters.lose(cluster.uuid, key)
          this.#stacks.set(keyOf(name), changed)
        }),
      remove: async ({ name }) =>
        await call('stack delete', () => {
          const stack = this.#stacks.get(keyOf(name))
          this.masters.forgetCluster(cluster.uuid)
          if (stack !== undefined)
            this.#stacks.set(keyOf(name), { ...stack, doing: 'DELETE', doneAt: this.#later(stackTakes) })
        }),
      leave: async () => await call('user delete', () => void this.#users.delete(cluster.uuid)),
    }
  }

  /** What there is of a cluster: stacks as `<cluster>/<name>`, servers by group and index. Undefined when nothing is left, not even its user. */
  look(clusterId: string): { readonly stacks: readonly string[]; readonly servers: readonly string[] } | undefined {
    this.#sweep(clusterId)
    const stacks = [...this.#stacks].filter(([key]) => key.startsWith(`${clusterId}/`))
    if (stacks.length === 0 && !this.#users.has(clusterId)) return undefined
    const servers = stacks.flatMap(([, stack]) => stack.servers.map(({ key }) => key))
    return { stacks: stacks.map(([key]) => key), servers }
  }

  #later(ms: number): number {
    return this.#clock.elapsed() + ms
  }

  #change(
    stack: Pick<Stack, 'id' | 'name' | 'servers'>,
    doing: Stack['doing'],
    body: StackBody,
    tags: readonly string[],
  ): Stack {
    const doneAt = this.#later(stackTakes)
    const wanted = [...this.#serversOf(body, 'masters'), ...this.#serversOf(body, 'workers')]
    const servers = wanted.map((server) => stack.servers.find(({ key }) => key === server.key) ?? server)
    return { ...stack, body, tags, doing, doneAt, servers }
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
      }
    })
  }

  #sweep(clusterId: string): void {
    for (const [key, { doing, doneAt }] of this.#stacks)
      if (key.startsWith(`${clusterId}/`) && doing === 'DELETE' && this.#clock.elapsed() >= doneAt)
        this.#stacks.delete(key)
  }

  #seen(clusterId: string): readonly SeenStack[] {
    this.#sweep(clusterId)
    return [...this.#stacks]
      .filter(([key]) => key.startsWith(`${clusterId}/`))
      .map(([, { id, name, tags, doing, doneAt, servers }]) => {
        const status = `${doing}_${this.#clock.elapsed() < doneAt ? 'IN_PROGRESS' : 'COMPLETE'}`
        const byIndex = (role: Server['role']): Readonly<Record<string, SeenServer>> =>
          Object.fromEntries(
            servers
              .filter((server) => server.role === role)
              .map(({ index, key, address }) => [
                index,
                { id: `server-${key}`, address, status: 'CREATE_COMPLETE', reason: '' },
              ]),
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
          reason: '',
          tags,
          api,
          masters: byIndex('masters'),
          workers: byIndex('workers'),
          outputs,
        }
      })
  }

  /** What the programs on the servers did since somebody last looked. */
  async #nodesWork(cluster: Cluster): Promise<void> {
    const known = await this.ledger.read(cluster.uuid)
    if (known === undefined) return
    const servers = [...this.#stacks]
      .filter(([key]) => key.startsWith(`${cluster.uuid}/`))
      .flatMap(([, stack]) => stack.servers)
    const working = servers.filter(({ key, readyAt }) => {
      const entry = known.nodes[key]
      const isNew = entry !== undefined && entry.report?.revision !== entry.orders.revision
      return isNew && this.#clock.elapsed() >= readyAt && !this.masters.dead.has(key)
    })
    const told = working.filter(({ key }) => this.masters.obey(cluster.uuid, key, known))
    if (told.length === 0) return
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
