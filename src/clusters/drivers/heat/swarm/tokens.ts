/**
 * What lets a node into a swarm: a token that the swarm makes itself, and that its managers say. The desk asks them for it when a node
 * comes, by the API and with a certificate of the cluster's CA; it is kept nowhere here.
 */
import type { Cluster } from '../../../model/index.ts'
import type { NodeOrders, SecretSource } from '../../../nodes/index.ts'

export interface JoinTokens {
  readonly Manager: string
  readonly Worker: string
}

const names = { master: 'swarm-manager', worker: 'swarm-worker' } as const
/** A node gets it once, when it comes. */
const only = '1'

export const tokenOf = (role: NodeOrders['role']): NodeOrders['secrets'] => ({ [names[role]]: only })

/** For the desk. */
export const swarmTokenSecrets = (
  ask: (cluster: Cluster) => Promise<JoinTokens>,
): Readonly<Record<string, SecretSource>> => ({
  [names.master]: async (cluster) => fileOf((await ask(cluster)).Manager),
  [names.worker]: async (cluster) => fileOf((await ask(cluster)).Worker),
})

const fileOf = (token: string): Readonly<Record<string, string>> => ({ '/etc/croque/swarm-token': token })
