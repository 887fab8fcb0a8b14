/** Pretended masters: what their programs do with etcd, and what must never happen to it. For tests. */
import type { LedgerState } from '../../nodes/index.ts'

export class PretendedMasters {
  /** Keys of nodes whose server is there, and nothing on it works. */
  readonly dead = new Set<string>()
  /** What must never happen to what a cluster knows. */
  readonly wrongs: string[] = []
  /** By cluster. */
  readonly #members = new Map<string, readonly string[]>()

  membersOf(clusterId: string): readonly string[] {
    return this.#members.get(clusterId) ?? []
  }

  /** Its server went. */
  lose(clusterId: string, key: string): void {
    if (this.membersOf(clusterId).includes(key)) this.wrongs.push(`${key} went as a member of etcd`)
  }

  forgetCluster(clusterId: string): void {
    this.#members.delete(clusterId)
  }

  /** Does what a node is told. @returns whether it could do all of it */
  obey(clusterId: string, key: string, { nodes }: LedgerState): boolean {
    const entry = nodes[key]
    if (entry === undefined) return false
    const { orders, joined = false } = entry
    if (orders.role !== 'master') return this.#hasQuorum(clusterId)
    const members = this.membersOf(clusterId)
    if (!joined && orders.founds && members.length > 0) this.wrongs.push(`${key} made a second cluster`)
    if (!joined && !orders.founds && !this.#hasQuorum(clusterId)) return false
    const addresses = new Set(orders.later.flatMap(([, act, address]) => (act === 'forget' ? [address] : [])))
    const isForgotten = (member: string): boolean => addresses.has(nodes[member]?.orders.address)
    const grown = joined || members.includes(key) ? members : [...members, key]
    const left = grown.filter((member) => !isForgotten(member))
    if (left.length < grown.length && !this.#hasQuorum(clusterId)) return false
    this.#members.set(clusterId, left)
    return true
  }

  #hasQuorum(clusterId: string): boolean {
    const members = this.membersOf(clusterId)
    return members.filter((key) => !this.dead.has(key)).length > members.length / 2
  }
}
