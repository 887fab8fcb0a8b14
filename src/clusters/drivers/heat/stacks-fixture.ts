/** The stacks of a pretended cloud: they take their time, come to what was asked for or to what {@link Ailment} says, and bring servers. For tests. */
import type { SimulatedClock } from '../../clock/index.ts'
import { nodeKey } from '../../nodes/index.ts'
import { type Ailment, isUnnoticed, type Server, seenServer, wordsOf } from './ailments-fixture.ts'
import type { SeenServer, SeenStack } from './cloud.ts'
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

interface Asked extends Pick<Stack, 'name' | 'body' | 'tags'> {
  /** Of the cluster. */
  readonly uuid: string
}

const stackTakes = 5000
const bootTakes = 8000

export class PretendedStacks {
  readonly #clock: SimulatedClock
  readonly #stacks = new Map<string, Stack>()
  /** Of the next changes. */
  readonly #ailments: Ailment[] = []
  #made = 0
  /** Servers that an engine had made when it died, by cluster: no stack knows them. */
  readonly #orphans = new Map<string, string[]>()

  /** When stacks were asked for, changed, and asked to go, in milliseconds. */
  readonly asked: number[] = []

  /** The next stack comes so many milliseconds after nobody waits for an answer any more. */
  lateMs: number | undefined
  /** When stacks that are late come, by key. */
  readonly #comeAt = new Map<string, number>()

  constructor(clock: SimulatedClock) {
    this.#clock = clock
  }

  /** What the next changes of stacks will come to. */
  ail(ailments: readonly Ailment[]): void {
    this.#ailments.push(...ailments)
  }

  /** All is well from now on, but for what has failed already. */
  recover(): void {
    this.#ailments.length = 0
  }

  create({ uuid, name, body, tags }: Asked): void {
    const key = keyOf(uuid, name)
    if (this.#stacks.has(key)) throw new Error(`there is a stack ${name}`)
    const id = `stack-${++this.#made}`
    this.#stacks.set(key, this.#change({ id, name, servers: [] }, 'CREATE', body, tags))
    this.#bereave(uuid, name)
    this.asked.push(this.#clock.elapsed())
    if (this.lateMs === undefined) return
    this.#comeAt.set(key, this.#later(this.lateMs))
    this.lateMs = undefined
    throw new Error('The time is over')
  }

  /** @returns the servers that go with it */
  update({ uuid, name, body, tags }: Asked): readonly Server[] {
    const stack = this.#stacks.get(keyOf(uuid, name))
    if (stack === undefined) throw new Error(`there is no stack ${name}`)
    if (this.#isBusy(stack)) throw new Error(`stack ${name} is busy`)
    this.asked.push(this.#clock.elapsed())
    const changed = this.#change(stack, 'UPDATE', body, tags)
    this.#stacks.set(keyOf(uuid, name), changed)
    this.#bereave(uuid, name)
    const kept = new Set(changed.servers.map(({ key }) => key))
    return stack.servers.filter(({ key }) => !kept.has(key))
  }

  /** @returns the servers that go with it; undefined when there is none */
  remove(uuid: string, name: string): readonly Server[] | undefined {
    const stack = this.#stacks.get(keyOf(uuid, name))
    if (stack === undefined) return undefined
    this.asked.push(this.#clock.elapsed())
    this.#stacks.set(keyOf(uuid, name), { ...stack, ...this.#begin('DELETE') })
    return stack.servers
  }

  /** As `<cluster>/<name>`. */
  namesIn(clusterId: string): readonly string[] {
    return [...this.#stacks.keys()].filter((key) => key.startsWith(`${clusterId}/`))
  }

  serversIn(clusterId: string): readonly Server[] {
    return [...this.#stacks].filter(([key]) => key.startsWith(`${clusterId}/`)).flatMap(([, { servers }]) => servers)
  }

  orphansIn(clusterId: string): readonly string[] {
    return this.#orphans.get(clusterId) ?? []
  }

  /** Asks those of a cluster to go that no stack has; none, while one is under way. @returns who was there */
  sweepOrphans(clusterId: string): readonly string[] {
    const stacks = [...this.#stacks].filter(([key]) => key.startsWith(`${clusterId}/`))
    if (stacks.some(([, { doneAt }]) => this.#clock.elapsed() < doneAt)) return []
    const found = this.orphansIn(clusterId)
    this.#orphans.delete(clusterId)
    return found
  }

  #bereave(uuid: string, name: string): void {
    const { ailment } = this.#stacks.get(keyOf(uuid, name)) ?? {}
    if (ailment === 'engine' || isUnnoticed(ailment))
      this.#orphans.set(uuid, [...this.orphansIn(uuid), `server ${name}-${++this.#made}`])
  }

  /** A server becomes another one, behind everybody's back. */
  hurt(clusterId: string, key: string, changes: Partial<Server>): void {
    for (const [name, stack] of this.#stacks)
      if (name.startsWith(`${clusterId}/`)) {
        const servers = stack.servers.map((server) => (server.key === key ? { ...server, ...changes } : server))
        this.#stacks.set(name, { ...stack, servers })
      }
  }

  /** Forgets those of a cluster that are gone by now. */
  sweep(clusterId: string): void {
    for (const [key, { doing, doneAt, ailment }] of this.#stacks) {
      const hasGone = doing === 'DELETE' && this.#clock.elapsed() >= doneAt && ailment === undefined
      if (key.startsWith(`${clusterId}/`) && hasGone) this.#stacks.delete(key)
    }
  }

  /** As Heat tells of them. */
  seen(clusterId: string): readonly SeenStack[] {
    return [...this.#stacks]
      .filter(([key]) => key.startsWith(`${clusterId}/`) && this.#clock.elapsed() >= (this.#comeAt.get(key) ?? 0))
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
          isBuilt: !isDone && ailment === 'engine-unnoticed-building',
          parts: [],
        }
      })
  }

  #later(ms: number): number {
    return this.#clock.elapsed() + ms
  }

  /** An engine of today takes over what is under way; an older one lets nobody in, except after one that died. */
  #isBusy({ doneAt, ailment }: Stack): boolean {
    return this.#clock.elapsed() < doneAt && !isUnnoticed(ailment)
  }

  #begin(doing: Stack['doing']): Pick<Stack, 'doing' | 'begunAt' | 'doneAt' | 'ailment'> {
    const ailment = this.#ailments.shift()
    const doneAt = isUnnoticed(ailment) ? Number.POSITIVE_INFINITY : this.#later(stackTakes)
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
}

const keyOf = (uuid: string, name: string): string => `${uuid}/${name}`
