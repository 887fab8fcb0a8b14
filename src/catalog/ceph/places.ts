/** How many OSDs there are, and what their components are called. */
import type { CatalogContext } from '../model.ts'

/** Names of the components, of which there is at least one. */
export const osdNames = ({ storage }: CatalogContext): readonly string[] => {
  const nodes = Object.keys(storage.osds)
  return nodes.length === 0 ? ['osd'] : nodes.map(nameOn)
}

/** How many there are in all. */
export const osdCount = (context: CatalogContext): number =>
  Object.keys(context.storage.osds).length || context.replicas('ceph', 'osd')

/** A Pod's name may have no dots. */
export const nameOn = (node: string): string => `osd-${node.replaceAll('.', '-')}`
