/** `node`: which node does what. */
import { CroqueError } from '../../errors/index.ts'
import type { Kube } from '../../kube/index.ts'
import { listNodes, type NodeFacts, type Placement, parseRoles, place, propose } from '../../underlay/index.ts'
import type { CommandContext, CommandOutcome, Run } from '../command.ts'
import { drain, uncordon } from '../drain.ts'
import { openKube, openPresent } from '../installation.ts'

export const run: Run = async (context) => {
  const installation = await openPresent(context)
  const kube = await openKube(installation)
  try {
    const [action, ...rest] = context.args
    if (action === 'drain') return await drain({ context, installation, kube }, rest[0])
    if (action === 'uncordon') return await uncordon({ context, installation, kube }, rest[0])
    return action === 'label' ? await label(context, kube, rest) : await list(context, kube, rest)
  } finally {
    kube.close()
  }
}

async function list(context: CommandContext, kube: Kube, rest: readonly string[]): Promise<CommandOutcome> {
  if (rest.length > 0) throw new CroqueError('argument-invalid', { what: '`node list` takes no arguments' })
  show(context, await listNodes(kube))
  return {}
}

async function label(context: CommandContext, kube: Kube, [node, roles]: readonly string[]): Promise<CommandOutcome> {
  if (node === undefined) return await proposal(context, kube)
  if (roles === undefined)
    throw new CroqueError('argument-invalid', {
      what: `Which roles shall ${node} have?`,
      next: `For example \`./croque node label ${node} control,network\`; none takes all away.`,
    })
  await place({ node, roles: parseRoles(roles) }, kube)
  show(context, await listNodes(kube))
  return { summary: `The node ${node} has the roles: ${roles}`, next: ['./croque node list', './croque up'] }
}

async function proposal(context: CommandContext, kube: Kube): Promise<CommandOutcome> {
  const nodes = await listNodes(kube)
  const wanted = propose(nodes)
  if (wanted.length === 0 || !context.options.flag('yes')) {
    show(context, nodes, wanted)
    return {
      summary: wanted.length === 0 ? 'There is nothing to propose' : 'This is proposed; nothing was changed',
      next: [
        ...wanted.map(({ node, roles }) => `./croque node label ${node} ${roles.join(',')}`),
        ...(wanted.length === 0 ? [] : ['./croque node label --yes']),
      ],
    }
  }
  for (const each of wanted) await place(each, kube)
  show(context, await listNodes(kube))
  return { summary: `${wanted.length} nodes have their roles`, next: ['./croque up'] }
}

/** A table for people; roles that are only proposed stand in brackets. */
function show(context: CommandContext, nodes: readonly NodeFacts[], wanted: readonly Placement[] = []): void {
  const proposed = new Map(wanted.map(({ node, roles }) => [node, roles]))
  if (context.output === 'json') {
    const data = nodes.map((node) => ({ ...node, annotations: undefined, proposed: proposed.get(node.name) ?? [] }))
    context.emit({ type: 'data', data: { nodes: data } })
    return
  }
  const rows = nodes.map((node) => [
    node.name,
    node.roles.join(',') || (proposed.has(node.name) ? `[${proposed.get(node.name)?.join(',')}]` : '-'),
    node.cordoned ? 'cordoned' : node.ready ? 'ready' : 'not ready',
    String(node.processors),
    `${(node.memory / 1024).toFixed(1)}Gi`,
    node.taints.join(' ') || '-',
  ])
  const table = [['NODE', 'ROLES', 'STATE', 'CPU', 'MEMORY', 'TAINTS'], ...rows]
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  for (const row of table)
    context.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
}
