/** Nodes that Kubernetes still knows when nobody else does any more. */
import type { Cluster } from '../../../model/index.ts'
import type { Ledger } from '../../../nodes/index.ts'
import { stackName } from '../names.ts'
import type { Inside, SeenNode } from './inside.ts'

/**
 * Takes away the Nodes whose servers are gone for good. Only those that were made here: they have the label of a node group and the
 * cluster's name. `nodes` have to be read before this is called: whoever is not in the ledger afterwards has left it.
 * @returns the others
 */
export async function sweep(
  cluster: Cluster,
  ledger: Pick<Ledger, 'read'>,
  { nodes, inside }: { readonly nodes: readonly SeenNode[]; readonly inside: Pick<Inside, 'remove'> },
): Promise<readonly SeenNode[]> {
  const known = await ledger.read(cluster.uuid)
  if (known === undefined) return nodes
  const names = new Set(Object.values(known.nodes).map(({ orders }) => orders.name))
  const isStray = ({ name, group }: SeenNode): boolean =>
    group !== undefined && name.startsWith(`${stackName(cluster)}-`) && !names.has(name)
  for (const stray of nodes.filter(isStray)) await inside.remove(stray)
  return nodes.filter((node) => !isStray(node))
}
