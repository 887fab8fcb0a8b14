/** Which node does what: labels of nodes, the same on every kind of underlay. */

const prefix = 'croque.dev/role-'

export const roleLabel = (role: string): string => `${prefix}${role}`

/** Nova has one hypervisor a host, and its host is the node, by whose name the node's switch is known too. */
export const hasBothKinds = (roles: readonly string[]): boolean =>
  roles.includes('compute') && roles.includes('compute-lxc')

/** Roles that the labels of a node give it. */
export function rolesOf(labels: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.keys(labels)
    .filter((label) => label.startsWith(prefix))
    .map((label) => label.slice(prefix.length))
    .sort()
}
