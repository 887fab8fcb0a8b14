/** `cluster list` and `cluster show`. */
import type { ContainerCluster } from '../../openstack/index.ts'
import { answer } from '../answer.ts'
import type { CommandContext, CommandOutcome } from '../command.ts'
import { table } from '../table.ts'
import { findCluster, withScene } from './scene.ts'
import { nodesOf, type Seen } from './told.ts'
import { oneName, wrong } from './words.ts'

export async function list(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  if (given.length > 0) throw wrong('`./croque cluster list` takes no cluster', '`./croque cluster show NAME` does.')
  return await withScene(context, async ({ infra }) => {
    const data = await infra.clusters.list()
    answer(context, { text: listText(data), data })
    return {}
  })
}

export async function show(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  const name = oneName('show', given)
  return await withScene(context, async (scene) => {
    const cluster = await findCluster(scene, name)
    const nodeGroups = await scene.infra.clusters.nodeGroups(cluster.id)
    answer(context, { text: showText({ cluster, nodeGroups }), data: { ...cluster, nodeGroups } })
    return {}
  })
}

export function listText(clusters: readonly ContainerCluster[]): string {
  const rows = clusters.map(({ name, status, health, masterCount, nodeCount, apiAddress, id }) => [
    name,
    status,
    health ?? '-',
    String(masterCount),
    String(nodeCount),
    apiAddress ?? '-',
    id,
  ])
  return table([['NAME', 'STATUS', 'HEALTH', 'MASTERS', 'NODES', 'API', 'ID'], ...rows])
}

export function showText({ cluster, nodeGroups }: Seen): string {
  const { name, id, status, reason, health, apiAddress, templateId, keypair, labels, createdAt } = cluster
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['name', name],
    ['id', id],
    ['status', reason === undefined ? status : `${status}: ${reason}`],
    ['health', health],
    ['API', apiAddress],
    ['template', templateId],
    ['keypair', keypair],
    [
      'labels',
      Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ') || undefined,
    ],
    ['created', createdAt],
  ]
  const groups = nodeGroups.map((group) => [
    group.name,
    group.role,
    String(group.nodeCount),
    group.reason === undefined || reason?.includes(group.reason) ? group.status : `${group.status}: ${group.reason}`,
    group.addresses.join(', ') || '-',
  ])
  const nodes = nodesOf(cluster).map(({ node, ready }) => [node, ready === 'True' ? 'Ready' : `Ready is ${ready}`])
  return [
    table(facts.flatMap(([what, value]) => (value === undefined ? [] : [[what, value]]))),
    table([['NODE GROUP', 'ROLE', 'NODES', 'STATUS', 'ADDRESSES'], ...groups]),
    ...(nodes.length === 0 ? [] : [table([['NODE', 'STATE'], ...nodes])]),
  ].join('\n')
}
