/** What things of a cluster are called in the cloud. */
import type { Cluster, NodeGroup } from '../../model/index.ts'

/** Names of nodes stand in certificates behind `system:node:`, where X.520 has room for 52 letters. */
const longestName = 20

/** Letters, digits and `-`, as host names and labels have them. */
function label(text: string, longest: number): string {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return plain.slice(0, longest).replaceAll(/^-+|-+$/g, '')
}

/** Of the cluster's stack: its name, which two clusters of a project may share, and a part of its UUID, as Magnum's stacks are called. */
export const stackName = ({ uuid, spec }: Pick<Cluster, 'uuid' | 'spec'>): string =>
  `${label(spec.name, longestName)}-${uuid.slice(0, 8)}`

/** Of the stack of a node group that is not one of the two first. */
export const groupStackName = (
  cluster: Pick<Cluster, 'uuid' | 'spec'>,
  group: Pick<NodeGroup, 'uuid' | 'spec'>,
): string => `${stackName(cluster)}-${label(group.spec.name, 20)}-${group.uuid.slice(0, 4)}`

/** Whether a stack is that of a node group of which only the UUID is known. */
export const isStackOf = (name: string, groupId: string): boolean => name.endsWith(`-${groupId.slice(0, 4)}`)

const defaultWords: Readonly<Record<string, string>> = { 'default-master': 'master', 'default-worker': 'node' }

/** Of a server, which is the name of its node in Kubernetes too: `demo-1f0e2d3c-node-0`. */
export function serverName(
  cluster: Pick<Cluster, 'uuid' | 'spec'>,
  group: { readonly uuid: string; readonly name: string },
  index: number,
): string {
  const word = defaultWords[group.name] ?? `${label(group.name, 12)}-${group.uuid.slice(0, 4)}`
  return `${stackName(cluster)}-${word}-${index}`
}
