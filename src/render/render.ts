/** Cloud x catalog -> units of Kubernetes objects. Pure: the same document gives the same bytes. */
import {
  type BuildContext,
  type Component,
  catalog,
  type NodeDuty,
  type NodeNeed,
  type Step,
  type Task,
} from '../catalog/index.ts'
import type { KubeObject } from '../kube/index.ts'
import type { Cloud } from '../spec/index.ts'
import { account, waitAccount, waitRules } from './access.ts'
import { type ComponentInput, componentObjects, serviceObjects } from './component.ts'
import { catalogContext, namespaceOf, type Site } from './context.ts'
import type { GeneratedSecret, Rendering, Unit } from './model.ts'
import { managedBy, objectName, selectorOf, unitLabels } from './names.ts'
import { type Lookup, needId } from './needs.ts'
import { type BuiltService, networkPolicy } from './network-policy.ts'
import { withPolicy } from './policy.ts'
import { partsFrom, programs } from './source.ts'
import { jobName, taskObjects } from './task.ts'
import { tlsSecrets } from './tls.ts'

/** Unit that everything else needs: namespace, accounts, priorities, Services and Secrets. */
const baseUnit = 'cloud/base'

export interface RenderResult {
  readonly rendering: Rendering
  /** Content and verification steps by the name of their unit's action. */
  readonly steps: ReadonlyMap<string, Step>
  /** Script that takes from a node what the cloud leaves there; what came last goes first. */
  readonly leaveNode: string
  readonly nodeDuties: readonly NodeDuty[]
  readonly nodeNeeds: readonly NodeNeed[]
  /** What a user has to know of the cloud, a sentence each. */
  readonly notices: readonly string[]
}

export function render(cloud: Cloud, site: Site): RenderResult {
  const services = build(cloud, site)
  const lookup = lookupOf(cloud, site, services)
  const steps = new Map<string, Step>()
  const workUnits = services.flatMap(({ service, parts }) => [
    ...(parts.tasks ?? []).map((work) => taskUnit(cloud, site, service, work, lookup)),
    ...parts.components.map((work) => componentUnit(cloud, site, service, work, lookup)),
    ...stepUnits('content', parts.content ?? [], steps, cloud),
    ...stepUnits('verify', parts.verify ?? [], steps, cloud),
  ])
  const units = possible([base(cloud, site, services), ...workUnits])
  const there = new Set(units.map(({ id }) => id))
  return {
    rendering: {
      namespace: namespaceOf(cloud),
      ...(cloud.spec.underlay.type === 'embedded' ? {} : { confined: true }),
      ownLabels: { ...managedBy, 'croque.dev/cloud': cloud.metadata.name },
      units,
      given: givenSecrets(services),
    },
    steps: new Map([...steps].filter(([id]) => there.has(id))),
    leaveNode: [...services.flatMap(({ parts }) => parts.leaveNode ?? []).toReversed(), leaveLast].join('\n'),
    nodeDuties: services.flatMap(({ parts }) => parts.nodeDuties ?? []),
    nodeNeeds: services.flatMap(({ parts }) => parts.nodeNeeds ?? []),
    notices: [...withoutContainers(cloud, site), ...services.flatMap(({ parts }) => parts.notices ?? [])],
  }
}

/** Nobody else's image starts container guests as ours does. */
const withoutContainers = ({ spec }: Cloud, { lxc }: Site): readonly string[] =>
  lxc === true && spec.images.source === 'kolla'
    ? ['Nodes with the role compute-lxc have nothing to do: container guests need images of source build or registry.']
    : []

function givenSecrets(services: readonly BuiltService[]): Readonly<Record<string, readonly string[]>> {
  const given = new Map<string, readonly string[]>()
  for (const [name, keys] of services.flatMap(({ declarations }) => Object.entries(declarations.given ?? {})))
    given.set(name, [...new Set([...(given.get(name) ?? []), ...keys])].sort())
  return Object.fromEntries(given)
}

const leaveLast = 'rmdir /host/var/lib/croque 2>/dev/null || true'

/** Without the steps that need what the document leaves out: a server cannot be verified without first content. */
function possible(units: readonly Unit[]): readonly Unit[] {
  const there = new Set(units.map(({ id }) => id))
  const left = units.filter(({ action, needs }) => action === undefined || needs.every((need) => there.has(need)))
  return left.length === units.length ? units : possible(left)
}

const noLookup: Lookup = { jobNames: new Map(), served: new Set() }

function lookupOf(cloud: Cloud, site: Site, services: readonly BuiltService[]): Lookup {
  const tasks = services.flatMap(({ service, parts }) => (parts.tasks ?? []).map((work) => ({ service, work })))
  const components = services.flatMap(({ service, parts }) =>
    parts.components.map((work) => ({ id: `${service}/${work.name}`, work })),
  )
  return {
    jobNames: new Map(
      tasks.map(({ service, work }) => [
        `${service}/${work.name}`,
        jobName(cloud, { cloud, site, id: { service, name: work.name }, work, lookup: noLookup, serviceAccount: '' }),
      ]),
    ),
    served: new Set(components.filter(({ work }) => work.ports !== undefined).map(({ id }) => id)),
  }
}

function build(cloud: Cloud, site: Site): readonly BuiltService[] {
  const context = catalogContext(cloud, site)
  const enabled = catalog.filter(({ name }) => cloud.spec.services[name]?.enabled !== false)
  const declared = enabled.map((definition) => ({
    service: definition.name,
    declarations: definition.declares(context),
  }))
  const buildContext: BuildContext = { ...context, declared }
  return enabled.map((definition, index) => ({
    service: definition.name,
    declarations: declared[index]?.declarations ?? {},
    parts: partsFrom(cloud, definition, withPolicy(cloud, definition, definition.build(buildContext))),
  }))
}

const accountOf = (id: string, work: Component | Task): string =>
  (work.rules ?? []).length > 0 ? objectName(id) : waitAccount

/** A container with permissions of its own has an account of its own, which may wait as well. */
function ownAccount(cloud: Cloud, id: string, work: Component | Task): readonly KubeObject[] {
  if ((work.rules ?? []).length === 0) return []
  const rules = [...(work.needs.length > 0 ? waitRules : []), ...(work.rules ?? [])]
  return account({
    name: objectName(id),
    namespace: namespaceOf(cloud),
    labels: unitLabels(cloud.metadata.name, id),
    rules,
  })
}

function componentInput(cloud: Cloud, site: Site, service: string, work: Component, lookup: Lookup): ComponentInput {
  return {
    cloud,
    site,
    id: { service, name: work.name },
    work,
    lookup,
    serviceAccount: accountOf(`${service}/${work.name}`, work),
  }
}

function componentUnit(cloud: Cloud, site: Site, service: string, work: Component, lookup: Lookup): Unit {
  const id = `${service}/${work.name}`
  return {
    id,
    kind: 'component',
    title: work.summary,
    needs: [baseUnit, ...work.needs.map(needId)],
    secrets: [],
    objects: [...ownAccount(cloud, id, work), ...componentObjects(componentInput(cloud, site, service, work, lookup))],
    ...(work.health === undefined
      ? {}
      : { health: { podLabels: selectorOf(id), container: work.name, command: work.health.command } }),
    timeoutSeconds: cloud.spec.timeouts.unit,
  }
}

function taskUnit(cloud: Cloud, site: Site, service: string, work: Task, lookup: Lookup): Unit {
  const id = `${service}/${work.name}`
  return {
    id,
    kind: 'task',
    title: work.summary,
    needs: [baseUnit, ...work.needs.map(needId)],
    secrets: [],
    objects: [
      ...ownAccount(cloud, id, work),
      ...taskObjects({
        cloud,
        site,
        id: { service, name: work.name },
        work,
        lookup,
        serviceAccount: accountOf(id, work),
      }),
    ],
    timeoutSeconds: cloud.spec.timeouts.unit,
  }
}

function stepUnits(
  kind: 'content' | 'verify',
  list: readonly Step[],
  steps: Map<string, Step>,
  cloud: Cloud,
): readonly Unit[] {
  return list.map((step) => {
    const id = `${kind}/${step.name}`
    steps.set(id, step)
    return {
      id,
      kind,
      title: step.title,
      needs: step.needs,
      secrets: [],
      objects: [],
      action: { name: id },
      timeoutSeconds: cloud.spec.timeouts.unit,
    }
  })
}

function secrets(cloud: Cloud, services: readonly BuiltService[]): readonly GeneratedSecret[] {
  const all = services.flatMap(({ service, declarations }) =>
    Object.entries(declarations.secrets ?? {}).map(([name, secret]) => ({ service, name, secret })),
  )
  return all
    .map(({ service, name, secret }) => ({
      name,
      namespace: namespaceOf(cloud),
      labels: unitLabels(cloud.metadata.name, `${service}/secrets`),
      type: secret.type ?? 'Opaque',
      ...(secret.once === undefined ? {} : { once: secret.once }),
      keys: secret.keys,
    }))
    .sort((a, b) => Number(signed(a)) - Number(signed(b)))
}

/** A certificate comes after its CA. */
const signed = (secret: GeneratedSecret): boolean =>
  Object.values(secret.keys).some(({ kind }) => kind === 'certificate')

/**
 * The public name inside the embedded cluster: the address at which Pods and guests alike reach the gateway. Guests ask for it at
 * that address too, where a part of CoreDNS answers that knows no other names.
 */
function publicName(cloud: Cloud): readonly KubeObject[] {
  const { host } = cloud.spec.endpoints
  const { gateway } = cloud.spec.networks.provider
  const common = { namespace: 'kube-system', labels: unitLabels(cloud.metadata.name, baseUnit) }
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'coredns-custom', ...common },
      data: { hosts: `${gateway} ${host}\n` },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'guest-dns', ...common },
      spec: {
        selector: { 'k8s-app': 'kube-dns' },
        externalIPs: [gateway],
        ports: (['UDP', 'TCP'] as const).map((protocol) => ({
          name: `dns-${protocol.toLowerCase()}`,
          port: 53,
          targetPort: 1053,
          protocol,
        })),
      },
    },
  ]
}

const priorities = [
  { name: 'croque-node-agent', value: 900_000, description: 'Agents that guests of a node live on.' },
  { name: 'croque-infrastructure', value: 800_000, description: 'Database, queue and network databases.' },
  { name: 'croque-service', value: 700_000, description: 'OpenStack services.' },
]

/** They stand in the first unit, so that every program finds its kinds when it starts. */
const definitions = (cloud: Cloud, services: readonly BuiltService[]): readonly KubeObject[] =>
  services.flatMap(({ service, declarations }) =>
    (declarations.definitions ?? []).map(({ name, spec }) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name, labels: unitLabels(cloud.metadata.name, `${service}/definitions`) },
      spec,
    })),
  )

function base(cloud: Cloud, site: Site, services: readonly BuiltService[]): Unit {
  const namespace = namespaceOf(cloud)
  const labels = unitLabels(cloud.metadata.name, baseUnit)
  const components = services.flatMap(({ service, parts }) => parts.components.map((work) => ({ service, work })))
  return {
    id: baseUnit,
    kind: 'base',
    title: 'namespace, accounts, passwords and names',
    needs: [],
    secrets: [...secrets(cloud, services), ...tlsSecrets(cloud, components)],
    objects: [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'privileged' } },
      },
      ...priorities.map(({ name, value, description }) => ({
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name, labels },
        value,
        globalDefault: false,
        preemptionPolicy: 'PreemptLowerPriority',
        description,
      })),
      ...account({ name: waitAccount, namespace, labels, rules: waitRules }),
      ...programs(cloud, { namespace, labels }),
      ...definitions(cloud, services),
      ...(cloud.spec.underlay.type === 'embedded' ? publicName(cloud) : []),
      ...components.flatMap(({ service, work }) =>
        serviceObjects(componentInput(cloud, site, service, work, noLookup)),
      ),
      ...components.flatMap(({ service, work }) =>
        networkPolicy(cloud.metadata.name, namespace, `${service}/${work.name}`, work, services),
      ),
    ],
    timeoutSeconds: cloud.spec.timeouts.unit,
  }
}
