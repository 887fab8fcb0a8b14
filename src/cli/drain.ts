/** `node drain` and `node uncordon`: a node is emptied for work on it, and taken back. Both can be interrupted and run again. */
import { stepReporter } from '../engine/index.ts'
import { CroqueError } from '../errors/index.ts'
import type { Kube } from '../kube/index.ts'
import { cordon, evict, listNodes, type NodeFacts, onlyHere } from '../underlay/index.ts'
import { stepContexts } from './admin.ts'
import type { CommandContext, CommandOutcome } from './command.ts'
import type { Installation } from './installation.ts'

export interface NodeWork {
  readonly context: CommandContext
  readonly installation: Installation
  readonly kube: Kube
}

/** Throws `node-not-drained` before anything is changed when no other node can do its part, and later when something stays; with --yes neither stops it. */
export async function drain(work: NodeWork, name: string | undefined): Promise<CommandOutcome> {
  const { context, installation, kube } = work
  const { signal } = context
  const { node, nodes } = await find(kube, name)
  const report = stepReporter({ emit: context.emit, group: 'node' })
  const insist = context.options.flag('yes')
  const alone = onlyHere(node, nodes)
  if (alone.length > 0 && !insist)
    throw new CroqueError('node-not-drained', {
      what: `No other node that takes Pods has the role: ${alone.join(', ')}. Nothing was changed`,
      next: `Give the role to another node by \`./croque node label\`, or say --yes: what is on ${node.name} then waits for \`./croque node uncordon ${node.name}\`.`,
    })
  const stays = await report.step('work', async (say) => await duties(work, node, { what: 'drain', say }))
  for (const message of stays)
    context.emit({ type: 'notice', level: 'warning', message: `On ${node.name} stays ${message}` })
  if (stays.length > 0 && !insist)
    throw new CroqueError('node-not-drained', {
      what: `${stays.length} of what runs on ${node.name} could not go elsewhere; no Pod was touched, and nothing new begins there`,
      next: 'See to what is named above and run the same command again, or say --yes: the Pods go, and it stays as it is.',
    })
  await report.step('cordon', async () => await cordon(kube, node.name, true))
  const { namespace } = installation.rendering
  const left = await report.step('pods', async (say) => await evict(kube, { node: node.name, namespace, say, signal }))
  if (left.length > 0)
    throw new CroqueError('node-not-drained', { what: `These Pods are still on ${node.name}: ${left.join(', ')}` })
  return {
    summary: `The node ${node.name} is drained; what runs once on every node is still there`,
    next: [`./croque node uncordon ${node.name}`],
  }
}

export async function uncordon(work: NodeWork, name: string | undefined): Promise<CommandOutcome> {
  const { context, kube } = work
  const { node } = await find(kube, name)
  const report = stepReporter({ emit: context.emit, group: 'node' })
  await report.step('cordon', async () => await cordon(kube, node.name, false))
  const wrong = await report.step('work', async (say) => await duties(work, node, { what: 'resume', say }))
  for (const message of wrong) context.emit({ type: 'notice', level: 'warning', message: `${node.name}: ${message}` })
  return { summary: `The node ${node.name} takes Pods and servers again`, next: ['./croque status'] }
}

async function find(
  kube: Kube,
  name: string | undefined,
): Promise<{ readonly node: NodeFacts; readonly nodes: readonly NodeFacts[] }> {
  const nodes = await listNodes(kube)
  const node = nodes.find((each) => each.name === name)
  if (node !== undefined) return { node, nodes }
  throw new CroqueError('argument-invalid', {
    what: name === undefined ? 'Which node?' : `There is no node ${JSON.stringify(name)}`,
    next: `Nodes: ${nodes.map((each) => each.name).join(', ')}.`,
  })
}

/** What services of the catalog do with a node of its roles. Nobody is asked where there is nothing to do. */
async function duties(
  { context, installation, kube }: NodeWork,
  node: NodeFacts,
  { what, say }: { readonly what: 'drain' | 'resume'; readonly say: (message: string) => void },
): Promise<readonly string[]> {
  const told: string[] = []
  const own = installation.nodeDuties.filter(({ role }) => node.roles.includes(role))
  const { make, close } = stepContexts(context, installation, kube)
  try {
    for (const duty of own) told.push(...(await duty[what](node.name, await make(say))))
  } finally {
    close()
  }
  return told
}
