/** Who may talk to whom, derived from what each component says that it needs. */
import type { Component, Declarations, ServiceParts, Work } from '../catalog/index.ts'
import type { KubeObject } from '../kube/index.ts'
import { objectName, selectorOf, unitLabels } from './names.ts'

export interface BuiltService {
  readonly service: string
  readonly declarations: Declarations
  readonly parts: ServiceParts
}

interface Caller {
  readonly id: string
  readonly hostNetwork: boolean
}

/** Every component and task that needs `id`, also by way of a task: what needs the database's users talks to the database. */
function callers(id: string, services: readonly BuiltService[]): readonly Caller[] {
  const works = new Map<string, Work>(
    services.flatMap(({ service, parts }) =>
      [...parts.components, ...(parts.tasks ?? [])].map((work) => [`${service}/${work.name}`, work] as const),
    ),
  )
  const reaches = (work: Work): boolean =>
    work.needs.some((need) => {
      if ('component' in need) return need.component === id
      const before = works.get(need.task)
      return before !== undefined && reaches(before)
    })
  return [...works]
    .filter(([, work]) => reaches(work))
    .map(([caller, work]) => ({ id: caller, hostNetwork: work.hostNetwork === true }))
}

const works = (services: readonly BuiltService[]): readonly Component[] =>
  services.flatMap(({ parts }) => parts.components)

/**
 * Ingress of one component. Services with a route are for everybody in the namespace (any service may call an API); a port that a
 * host-network Pod calls is open, since such a Pod has the node's address and no selector finds it.
 */
export function networkPolicy(
  cloudName: string,
  namespace: string,
  id: string,
  work: Component,
  services: readonly BuiltService[],
): readonly KubeObject[] {
  if (work.ports === undefined || work.hostNetwork === true) return []
  const exposed = work.exposure !== undefined
  const routed = services.some(({ declarations }) =>
    (declarations.routes ?? []).some((route) => route.component === id),
  )
  const from = callers(id, services)
  // What hands requests to a routed service may have the address of a node itself.
  const byNode = routed && works(services).some((other) => other.exposure?.kind === 'HostNetwork')
  const open = exposed || byNode || from.some(({ hostNetwork }) => hostNetwork)
  const peers = routed
    ? [{ podSelector: {} }]
    : from.map((caller) => ({ podSelector: { matchLabels: selectorOf(caller.id) } }))
  const ports = work.ports.map(({ port }) => ({ port, protocol: 'TCP' }))
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: objectName(id), namespace, labels: unitLabels(cloudName, id) },
      spec: {
        podSelector: { matchLabels: selectorOf(id) },
        policyTypes: ['Ingress'],
        ingress: [open ? { ports } : { ports, from: peers }],
      },
    },
  ]
}
