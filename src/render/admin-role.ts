/** What whoever runs croque must be allowed to do on a cluster of somebody else: no more than these objects ask for. Pure. */
import type { PolicyRule } from '../catalog/index.ts'
import { builtinKind, builtinKinds, groupOf, type KindRef, type KubeObject } from '../kube/index.ts'
import type { Rendering } from './model.ts'
import { managedBy } from './names.ts'

export interface AdminRules {
  /** For the whole cluster. */
  readonly cluster: readonly PolicyRule[]
  /** For the namespace of the cloud. */
  readonly namespaced: readonly PolicyRule[]
}

const look = ['get', 'list', 'watch'] as const
const write = [...look, 'create', 'patch', 'delete'] as const

export function adminRules(rendering: Rendering): AdminRules {
  const objects = rendering.units.flatMap((unit) => unit.objects)
  const [cluster, namespaced] = [objects.filter(isClusterWide), objects.filter((object) => !isClusterWide(object))]
  const written = new Map([...namespaced, ...unrendered].map((kind) => [resourceOf(kind).resource, resourceOf(kind)]))
  const seen = builtinKinds.map((kind) => (kind.namespaced ? resourceOf(kind) : undefined))
  return {
    cluster: [
      ...grouped(cluster.map(resourceOf)).map((rule) => ({ ...rule, verbs: ['list', 'watch', 'create'] })),
      ...named(cluster),
      ...instances(objects).map((rule) => ({ ...rule, verbs: ['list'] })),
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] },
      { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get', 'list'] },
    ],
    namespaced: [
      ...grouped([...written.values()]).map((rule) => ({ ...rule, verbs: [...write] })),
      ...grouped(seen.filter((each) => each !== undefined && !written.has(each.resource))).map((rule) => ({
        ...rule,
        verbs: [...look],
      })),
      { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
      // Since Kubernetes 1.35 the WebSocket, opened by a GET, asks for `create` as well.
      { apiGroups: [''], resources: ['pods/exec', 'pods/portforward'], verbs: ['get', 'create'] },
      // What holds them, and them, when the cloud goes.
      ...instances(objects).map((rule) => ({ ...rule, verbs: ['list', 'patch', 'delete'] })),
      ...granted(objects),
    ],
  }
}

/** Roles that nodes must have, in the words of `croque node label`: those that Pods of the rendering are bound to. */
export function nodeRoles(rendering: Rendering): readonly string[] {
  const text = JSON.stringify(rendering.units.flatMap((unit) => unit.objects))
  const bound = text.matchAll(/"key":"croque\.dev\/role-([a-z-]+)","operator":"Exists"/g)
  return [...new Set([...bound].map(([, role = '']) => role))].sort()
}

/** The rules as objects for the administrator of the cluster, who binds them to a user. */
export function adminObjects(rendering: Rendering, cloud: string): readonly KubeObject[] {
  const { cluster, namespaced } = adminRules(rendering)
  const { namespace } = rendering
  const name = `croque-${cloud}`
  const own = rendering.units
    .flatMap((unit) => unit.objects)
    .filter((object) => object.kind === 'Namespace' && object.metadata.name === namespace)
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  return [
    ...own,
    { apiVersion, kind: 'ClusterRole', metadata: { name, labels: managedBy }, rules: cluster },
    { apiVersion, kind: 'Role', metadata: { name, namespace, labels: managedBy }, rules: namespaced },
  ]
}

/** Kinds that croque itself writes beside those that are rendered: generated Secrets, the lock, what preflight asks the nodes by. */
const unrendered: readonly KindRef[] = [
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
]

/** A kind that is not in the table is a custom one, and those that are rendered lie in the namespace. */
const isClusterWide = (object: KubeObject): boolean => builtinKind(object)?.namespaced === false

interface Resource {
  readonly group: string
  readonly resource: string
}

const resourceOf = (kind: KindRef): Resource => ({
  group: groupOf(kind),
  resource: builtinKind(kind)?.plural ?? `${kind.kind.toLowerCase()}s`,
})

function grouped(resources: readonly (Resource | undefined)[]): readonly Omit<PolicyRule, 'verbs'>[] {
  const groups = new Map<string, Set<string>>()
  for (const each of resources) {
    if (each === undefined) continue
    groups.set(each.group, (groups.get(each.group) ?? new Set()).add(each.resource))
  }
  return [...groups].sort(byText).map(([group, names]) => ({ apiGroups: [group], resources: [...names].sort() }))
}

/** One object of a cluster-wide kind can be named, once it is there. */
function named(objects: readonly KubeObject[]): readonly PolicyRule[] {
  const kinds = new Map<string, KubeObject[]>()
  for (const object of objects) kinds.set(object.kind, [...(kinds.get(object.kind) ?? []), object])
  return [...kinds.values()].map((all) => ({
    ...(grouped(all.map(resourceOf))[0] ?? { apiGroups: [], resources: [] }),
    resourceNames: all.map(({ metadata }) => metadata.name).sort(),
    verbs: ['get', 'patch', 'delete'],
  }))
}

interface DefinitionSpec {
  readonly group: string
  readonly names: { readonly plural: string }
}

/** Objects of the kinds that are defined: looked for everywhere before their definition goes, for they would go with it. */
function instances(objects: readonly KubeObject[]): readonly Omit<PolicyRule, 'verbs'>[] {
  const specs = objects
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .map((definition) => definition['spec'] as DefinitionSpec)
  return grouped(specs.map(({ group, names }) => ({ group, resource: names.plural })))
}

/** Nobody may make a Role that allows more than he may do himself. */
function granted(objects: readonly KubeObject[]): readonly PolicyRule[] {
  const rules = objects.filter(({ kind }) => kind === 'Role').flatMap((role) => role['rules'] as readonly PolicyRule[])
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()]
}

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)
