/** What the null driver says of what it pretends. */
import type { Facts, Health, Progress, Wish } from '../driver.ts'
import type { ImaginaryCluster, ImaginaryNode } from './cloud.ts'
import type { Motion } from './motion.ts'

/** RFC 2606 keeps `.invalid` for names that are none. */
export function factsOf({ wish, cluster, options }: Motion): Facts {
  const ready = cluster.networkReadyAt > 0 && options.clock.now() >= cluster.networkReadyAt
  // Heat's stacks have UUIDs; this one is the cluster's own, since there is no stack.
  const stackId = wish.cluster.uuid
  const groups = wish.nodeGroups.map(({ uuid, spec }) => {
    const { nodes = [], removed } = cluster.groups[uuid] ?? {}
    const mine = removed?.operation === wish.cluster.spec.operation.id ? removed.nodes : []
    const version = `imaginary-${spec.templateId.slice(0, 8)}`
    return [uuid, { stackId, nodeAddresses: nodes.map(({ address }) => address), version, removed: mine }] as const
  })
  return {
    stackId,
    ...(ready ? { apiAddress: `https://${wish.cluster.uuid}.invalid:6443` } : {}),
    coeVersion: 'imaginary',
    containerVersion: 'imaginary',
    nodeGroups: Object.fromEntries(groups),
  }
}

export function waiting(motion: Motion, what: string, until: number): Progress {
  const afterMs = Math.max(100, Math.min(10_000, until - motion.options.clock.now()))
  return { state: 'waiting', for: what, afterMs, facts: factsOf(motion) }
}

export const nodesOf = ({ groups }: ImaginaryCluster): readonly ImaginaryNode[] =>
  Object.values(groups).flatMap(({ nodes }) => nodes)

export function healthOf(wish: Wish, cluster: ImaginaryCluster | undefined, now: number): Health {
  const nodes = wish.nodeGroups.flatMap(({ uuid, spec }) =>
    (cluster?.groups[uuid]?.nodes ?? []).map(
      ({ readyAt }, at) => [`${spec.name}-${at}.Ready`, readyAt <= now] as const,
    ),
  )
  const well = cluster !== undefined && nodes.every(([, ready]) => ready)
  const reason = Object.fromEntries(nodes.map(([name, ready]) => [name, ready ? 'True' : 'False']))
  return { status: well ? 'HEALTHY' : 'UNHEALTHY', reason: { api: well ? 'ok' : 'imaginary', ...reason } }
}
