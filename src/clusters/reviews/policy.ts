/**
 * What roles of a project are in its clusters. `reader` sees what the ClusterRole `view` lets see, and the nodes; `member` does what
 * `edit` lets do, but not in the namespaces of Kubernetes itself; `admin` does everything. More is given by RBAC: a user's roles are
 * groups there.
 */
export interface AskedResource {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  /** Empty: of the cluster, or of all namespaces. */
  readonly namespace: string
}

export type Asked = AskedResource | { readonly path: string; readonly verb: string }

type May = (asked: AskedResource) => boolean

/** Of Kubernetes itself. What tenants define may hold anything. */
const groups = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'discovery.k8s.io',
  'events.k8s.io',
  'metrics.k8s.io',
  'networking.k8s.io',
  'policy',
])
const clusterWide = new Set([
  '/namespaces',
  '/nodes',
  '/persistentvolumes',
  'storage.k8s.io/storageclasses',
  'networking.k8s.io/ingressclasses',
  'scheduling.k8s.io/priorityclasses',
  'apiextensions.k8s.io/customresourcedefinitions',
  'metrics.k8s.io/nodes',
])
const readVerbs = new Set(['get', 'list', 'watch'])
/** All others do something, whatever their verb is called: `get pods/proxy`. */
const readSubresources = new Set(['', 'log', 'scale', 'status'])
const writeVerbs = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])
const secret = new Set(['/secrets'])
/** Limits are for the project's administrators, and endpoints can lead anywhere (CVE-2021-25740). */
const unwritten = new Set([
  '/namespaces',
  '/resourcequotas',
  '/limitranges',
  '/endpoints',
  'discovery.k8s.io/endpointslices',
])

const nameOf = ({ group, resource }: AskedResource): string => `${group}/${resource}`
const isKubernetesOwn = ({ namespace }: AskedResource): boolean => namespace === '' || namespace.startsWith('kube-')

const mayRead: May = (asked) =>
  readVerbs.has(asked.verb) &&
  readSubresources.has(asked.subresource) &&
  !secret.has(nameOf(asked)) &&
  (groups.has(asked.group) || clusterWide.has(nameOf(asked)))

const mayEdit: May = (asked) =>
  groups.has(asked.group) &&
  !isKubernetesOwn(asked) &&
  (readVerbs.has(asked.verb) || (writeVerbs.has(asked.verb) && !unwritten.has(nameOf(asked))))

const roles: Readonly<Record<string, May>> = {
  admin: () => true,
  member: (asked) => mayRead(asked) || mayEdit(asked),
  reader: mayRead,
}

/** The role by which it is allowed; undefined when none says so. Who only looks around is let by RBAC, as everybody is. */
export function grants(held: readonly string[], asked: Asked): string | undefined {
  return Object.keys(roles).find(
    (role) => held.includes(role) && ('path' in asked ? role === 'admin' : roles[role]?.(asked) === true),
  )
}
