/**
 * Pretended clusters from inside: Nodes that come with their servers, Pods on them that take their time to end, and budgets that forbid it,
 * for a while or for ever. For tests; what it cannot show is shown on a real API server (`test/integration/cluster-inside.test.ts`).
 */
import type { SimulatedClock } from '../../../clock/index.ts'
import type { Weather } from '../fixture.ts'
import type { Door, Inside, SeenNode } from './inside.ts'

interface Pod {
  readonly name: string
  /** Elapsed milliseconds; from then on budgets allow it to end. */
  readonly freeAt: number
  readonly endsAt?: number
}

interface Node {
  readonly name: string
  /** In the ledger. */
  readonly key: string
  readonly cordoned: boolean
  readonly pods: readonly Pod[]
  /** Its server runs, but its kubelet does not; wall clock. */
  readonly silentSince?: number
}

export interface Outside {
  /** Whether a server of that key runs. */
  readonly isAlive: (clusterId: string, key: string) => boolean
  /** Whether somebody answers. */
  readonly isServed: (clusterId: string) => boolean
}

const podsTake = 3000

export class PretendedInside {
  readonly #clock: SimulatedClock
  readonly #outside: Outside
  /** Whether no cluster can be reached. */
  isDown = false
  readonly #nodes = new Map<string, Map<string, Node>>()

  constructor(clock: SimulatedClock, outside: Outside) {
    this.#clock = clock
    this.#outside = outside
  }

  /** A kubelet comes. `guarded`: milliseconds until budgets let its Pod go. */
  join(
    clusterId: string,
    { name, key, guarded }: { readonly name: string; readonly key: string; readonly guarded: number },
  ): void {
    const nodes = this.#nodes.get(clusterId) ?? new Map<string, Node>()
    const pods = [{ name: `default/on-${name}`, freeAt: this.#clock.elapsed() + guarded }]
    nodes.set(name, { name, key, cordoned: false, pods })
    this.#nodes.set(clusterId, nodes)
  }

  /** A kubelet dies. */
  silence(clusterId: string, name: string): void {
    this.#change(clusterId, name, { silentSince: this.#clock.now() })
  }

  /** With its control plane all that a cluster knows is gone. */
  forget(clusterId: string): void {
    this.#nodes.delete(clusterId)
  }

  /** Whether Pods run on the node of a server. */
  hasPods(clusterId: string, key: string): boolean {
    const node = this.#of(clusterId).find((each) => each.key === key)
    return node !== undefined && this.#podsOf(node).length > 0
  }

  /** Keys of its Nodes. */
  keys(clusterId: string): readonly string[] {
    return this.#of(clusterId).map(({ key }) => key)
  }

  door(weather: Weather): Door {
    return async (cluster, signal, work) => {
      const call = async <Result>(name: string, answer: () => Result): Promise<Result> => {
        await weather(`${name} before`, signal)
        if (this.isDown || !this.#outside.isServed(cluster.uuid)) throw new Error('connect EHOSTUNREACH')
        const result = answer()
        await weather(`${name} after`, signal)
        return result
      }
      const inside: Inside = {
        nodes: async () =>
          await call('nodes', () => this.#of(cluster.uuid).map((node) => this.#seen(cluster.uuid, node))),
        cordon: async ({ name }) => await call('cordon', () => this.#change(cluster.uuid, name, { cordoned: true })),
        evict: async ({ name }) => await call('evict', () => this.#evict(cluster.uuid, name)),
        remove: async ({ name }) => await call('node delete', () => void this.#nodes.get(cluster.uuid)?.delete(name)),
      }
      return await work(inside)
    }
  }

  #of(clusterId: string): readonly Node[] {
    return [...(this.#nodes.get(clusterId)?.values() ?? [])]
  }

  #change(clusterId: string, name: string, changes: Partial<Node>): void {
    const nodes = this.#nodes.get(clusterId)
    const node = nodes?.get(name)
    if (node !== undefined) nodes?.set(name, { ...node, ...changes })
  }

  #podsOf({ pods }: Node): readonly Pod[] {
    return pods.filter(({ endsAt }) => endsAt === undefined || endsAt > this.#clock.elapsed())
  }

  #evict(clusterId: string, name: string): readonly string[] {
    const node = this.#nodes.get(clusterId)?.get(name)
    if (node === undefined) return []
    if (!node.cordoned) throw new Error(`new Pods come to ${name} all the time`)
    const now = this.#clock.elapsed()
    const pods = this.#podsOf(node).map((pod) =>
      pod.endsAt === undefined && pod.freeAt <= now ? { ...pod, endsAt: now + podsTake } : pod,
    )
    this.#change(clusterId, name, { pods })
    return pods.map(({ name: pod, endsAt }) =>
      endsAt === undefined ? `Pod ${pod} may not be evicted: budget web` : `Pod ${pod} to end`,
    )
  }

  #seen(clusterId: string, { name, key, cordoned, silentSince: since }: Node): SeenNode {
    const [group = ''] = key.split('/')
    const isWell = since === undefined && this.#outside.isAlive(clusterId, key)
    const ready = isWell ? 'True' : 'Unknown'
    return { name, uid: key, group, ready, cordoned, ...(since === undefined ? {} : { since }) }
  }
}
