/** Which nodes shall do what: proposed from what they are, and written to them as labels. */
import { CroqueError } from '../errors/index.ts'
import type { Kube } from '../kube/index.ts'
import { type NodeFacts, takesPods } from './nodes.ts'
import { hasBothKinds, roleLabel, rolesOf } from './roles.ts'

/** What a cloud needs nodes for; proposed. */
const proposedRoles = ['control', 'network', 'compute', 'storage'] as const
/** Container guests are nobody's need: such nodes are chosen by hand. */
const nodeRoles = [...proposedRoles, 'compute-lxc'] as const
type NodeRole = (typeof nodeRoles)[number]

export interface Placement {
  readonly node: string
  readonly roles: readonly NodeRole[]
}

const isRole = (text: string): text is NodeRole => nodeRoles.some((role) => role === text)

/**
 * Roles for nodes that have none, as long as a role has no node: what Kubernetes' own control planes can spare is taken last, small
 * nodes control, large ones compute. Pure.
 */
export function propose(nodes: readonly NodeFacts[]): readonly Placement[] {
  const served = new Set(nodes.flatMap(({ roles }) => roles))
  const missing = proposedRoles.filter((role) => !served.has(role))
  const free = nodes
    .filter((node) => node.roles.length === 0 && node.platform === 'linux/amd64' && takesPods(node))
    .toSorted((a, b) => Number(b.controlPlane) - Number(a.controlPlane) || a.memory - b.memory)
  if (missing.length === 0 || free.length === 0) return []
  return free
    .map(({ name }, index) => ({ node: name, roles: share(index, free.length, missing) }))
    .filter(({ roles }) => roles.length > 0)
}

/** Of so many nodes, the smallest first: from six on three control and two network nodes, so that one may fail. */
function share(index: number, count: number, roles: readonly NodeRole[]): readonly NodeRole[] {
  const [control, network] = count >= 6 ? [3, 2] : [1, 1]
  const own: readonly NodeRole[] =
    count === 1
      ? proposedRoles
      : count === 2
        ? index === 0
          ? ['control', 'network']
          : ['compute', 'storage']
        : index < control
          ? ['control']
          : index < control + network
            ? ['network']
            : ['compute', 'storage']
  return own.filter((role) => roles.includes(role))
}

/** `control,network`; `none` is no role. Throws `argument-invalid`. */
export function parseRoles(text: string): readonly NodeRole[] {
  const names = text === 'none' ? [] : text.split(',').map((name) => name.trim())
  const roles = names.filter(isRole)
  if (roles.length === names.length) {
    if (hasBothKinds(roles))
      throw new CroqueError('argument-invalid', {
        what: 'A node has compute or compute-lxc, not both: Nova has one kind of guest a node',
      })
    return roles
  }
  throw new CroqueError('argument-invalid', {
    what: `${JSON.stringify(text)} is not a list of roles`,
    next: `Roles: ${nodeRoles.join(', ')}, joined by commas; or none.`,
  })
}

/** Gives a node these roles and no others. Throws `argument-invalid` when there is no such node. */
export async function place({ node, roles }: Placement, kube: Kube): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Node', name: node }
  const found = await kube.get(ref)
  if (found === undefined)
    throw new CroqueError('argument-invalid', { what: `There is no node ${JSON.stringify(node)}` })
  const labels = Object.fromEntries(roles.map((role) => [roleLabel(role), 'true']))
  await kube.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels } }, { force: true })
  // What another manager has written (the kubelet, kubectl) an apply does not take away.
  const others = rolesOf(found.metadata.labels).filter((role) => roles.every((own) => own !== role))
  if (others.length === 0) return
  await kube.patch(ref, { metadata: { labels: Object.fromEntries(others.map((role) => [roleLabel(role), null])) } })
}
