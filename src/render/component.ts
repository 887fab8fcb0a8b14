/** A component as a Deployment, StatefulSet or DaemonSet with what belongs to it. */
import type { Component, Exposure, ProbeSpec } from '../catalog/index.ts'
import type { KubeObject } from '../kube/index.ts'
import type { Cloud } from '../spec/index.ts'
import { namespaceOf } from './context.ts'
import { configData } from './files.ts'
import { objectName, selectorOf, shortHash, unitLabels } from './names.ts'
import { type PodInput, podSpec } from './pod.ts'
import { ownNodes } from './settings.ts'
import { servesTls } from './tls.ts'

/** Annotation of a Pod template with the hash of what is mounted: other configuration, other Pods. */
export const configHash = 'croque.dev/config-hash'

export type ComponentInput = Omit<PodInput, 'configMap' | 'work'> & { readonly work: Component }

const idOf = ({ id }: ComponentInput): string => `${id.service}/${id.name}`

function metadataOf(input: ComponentInput): KubeObject['metadata'] & { readonly labels: Record<string, string> } {
  const { cloud, id } = input
  return {
    name: id.node === undefined ? objectName(idOf(input)) : `${objectName(idOf(input))}-${id.node}`,
    namespace: namespaceOf(cloud),
    labels: { ...unitLabels(cloud.metadata.name, idOf(input)), ...nodeLabel(input) },
  }
}

/**
 * Tells the Pods of a node with settings of its own from the others of the component. Only their DaemonSets select it: a
 * selector never changes, and the controller passes over what another one owns.
 */
const nodeLabel = ({ id }: ComponentInput): Record<string, string> =>
  id.node === undefined ? {} : { 'croque.dev/node': id.node }

/** Annotation of a workload whose Pods hold what exists nowhere else: how one of them gives it away first. */
export const holdsData = 'croque.dev/holds-data'

/** The Service stands in the first unit, so that every name resolves before any program starts. */
export function serviceObjects(input: ComponentInput): readonly KubeObject[] {
  const { work } = input
  if (work.ports === undefined) return []
  const spec = {
    selector: selectorOf(idOf(input)),
    ports: work.ports.map(({ name, port }) => ({ name, port, targetPort: port, protocol: 'TCP' })),
    ...serviceType(work.exposure),
    ...(work.headless === true ? { clusterIP: 'None', publishNotReadyAddresses: false } : {}),
  }
  const metadata = metadataOf(input)
  const annotations = work.exposure !== undefined && 'annotations' in work.exposure ? work.exposure.annotations : {}
  const annotated = Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations }
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: annotated, spec },
    ...ownServices(input, spec.ports),
    ...routes(input),
  ]
}

/** They lead to Pods that are not ready as well: those that must find each other first. */
function ownServices(input: ComponentInput, ports: readonly object[]): readonly KubeObject[] {
  const { work } = input
  if (work.addressed !== true) return []
  const metadata = metadataOf(input)
  return Array.from({ length: work.replicas ?? 1 }, (_, index) => `${metadata.name}-${index}`).map((name) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, name },
    spec: {
      selector: { 'statefulset.kubernetes.io/pod-name': name },
      ports,
      type: 'ClusterIP',
      publishNotReadyAddresses: true,
    },
  }))
}

function serviceType(exposure: Exposure | undefined): object {
  if (exposure?.kind === 'externalIps') return { type: 'ClusterIP', externalIPs: exposure.addresses }
  return { type: exposure !== undefined && 'annotations' in exposure ? exposure.kind : 'ClusterIP' }
}

/** The Gateway passes TLS through, so that there is one certificate for what is inside and outside. */
function routes(input: ComponentInput): readonly KubeObject[] {
  const { exposure, ports = [] } = input.work
  if (exposure?.kind !== 'Gateway') return []
  const metadata = metadataOf(input)
  const { name, namespace, listener } = exposure.gateway
  return [
    {
      apiVersion: exposure.route,
      kind: 'TLSRoute',
      metadata,
      spec: {
        parentRefs: [
          {
            group: 'gateway.networking.k8s.io',
            kind: 'Gateway',
            name,
            namespace,
            ...(listener === undefined ? {} : { sectionName: listener }),
          },
        ],
        hostnames: [exposure.host],
        rules: [
          {
            backendRefs: ports.map(({ port }) => ({
              group: '',
              kind: 'Service',
              name: metadata.name,
              port,
              weight: 1,
            })),
          },
        ],
      },
    },
  ]
}

/** A port that is not of the Service is for the kubelet alone, and plain. */
function probe(spec: ProbeSpec, { cloud, id, work }: ComponentInput): object {
  if ('http' in spec) {
    const tls = work.ports?.some(({ port }) => port === spec.port) === true && servesTls(cloud, id, work)
    return { httpGet: { path: spec.http, port: spec.port, scheme: tls ? 'HTTPS' : 'HTTP' } }
  }
  if ('tcp' in spec) return { tcpSocket: { port: spec.tcp } }
  return { exec: { command: spec.exec } }
}

/**
 * The start-up probe carries the slowness of small machines, so that the other two can be strict. A program that is run inside the container
 * costs a tenth of a second of a processor each time, so it is asked more rarely: it finds only what hangs, since whatever ends is seen anyway.
 */
function probes(input: ComponentInput): object {
  const { ready, live = ready, startSeconds = 300 } = input.work.probes
  const isProgram = 'exec' in ready
  const { periodSeconds = isProgram ? 20 : 3 } = input.work.probes
  const timeoutSeconds = isProgram ? 10 : 5
  const startPeriod = isProgram ? 2 : 1
  // An API that loads itself anew for a renewed certificate keeps its callers waiting; without an endpoint they would be refused.
  const failureThreshold = 'http' in ready && servesTls(input.cloud, input.id, input.work) ? 12 : 3
  return {
    startupProbe: {
      ...probe(ready, input),
      periodSeconds: startPeriod,
      timeoutSeconds,
      failureThreshold: Math.ceil(startSeconds / startPeriod),
    },
    readinessProbe: {
      ...probe(ready, input),
      periodSeconds: Math.max(5, periodSeconds),
      timeoutSeconds,
      failureThreshold,
    },
    ...(live === false
      ? {}
      : { livenessProbe: { ...probe(live, input), periodSeconds: 30, timeoutSeconds: 20, failureThreshold: 6 } }),
  }
}

function podTemplate(input: ComponentInput, data: Readonly<Record<string, string>>): object {
  const { work } = input
  const { name, labels } = metadataOf(input)
  const { containers, ...spec } = podSpec({ ...input, configMap: name }) as { containers: readonly object[] } & Record<
    string,
    unknown
  >
  const main = {
    ...containers[0],
    ...(work.ports === undefined
      ? {}
      : { ports: work.ports.map((port) => ({ name: port.name, containerPort: port.port, protocol: 'TCP' })) }),
    ...probes(input),
    ...lifecycle(work),
  }
  const spread = work.kind === 'daemonset' ? {} : { topologySpreadConstraints: [spreadOver(input)] }
  return {
    metadata: {
      labels,
      annotations: { [configHash]: shortHash(data) },
    },
    spec: {
      ...spec,
      ...spread,
      priorityClassName: priorityClass(work),
      terminationGracePeriodSeconds: work.graceSeconds ?? 30,
      containers: [main],
    },
  }
}

/** A Pod behind a Service ends a little later than it is told: until every node has learnt that it is no endpoint any more. */
function lifecycle(work: Component): object {
  if (work.preStop !== undefined) return { lifecycle: { preStop: { exec: { command: work.preStop } } } }
  if (work.kind !== 'deployment' || work.ports === undefined || work.update === 'recreate') return {}
  return { lifecycle: { preStop: { sleep: { seconds: drainSeconds } } } }
}
const drainSeconds = 3

const spreadOver = (input: ComponentInput): object => ({
  maxSkew: 1,
  topologyKey: 'kubernetes.io/hostname',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: selectorOf(idOf(input)) },
})

/** Node agents first, then what everything stands on, then the services. */
function priorityClass(work: Component): string {
  if (work.kind === 'daemonset') return 'croque-node-agent'
  return work.priority === 'infrastructure' ? 'croque-infrastructure' : 'croque-service'
}

function workload(input: ComponentInput, template: object): KubeObject {
  const { work } = input
  const kept = work.holdsData === undefined ? {} : { annotations: { [holdsData]: work.holdsData } }
  const metadata = { ...metadataOf(input), ...kept }
  const selector = { matchLabels: { ...selectorOf(idOf(input)), ...nodeLabel(input) } }
  switch (work.kind) {
    case 'deployment':
      return {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { replicas: work.replicas ?? 1, selector, revisionHistoryLimit: 2, strategy: strategy(work), template },
      }
    case 'statefulset':
      return {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata,
        spec: {
          replicas: work.replicas ?? 1,
          selector,
          serviceName: metadata.name,
          revisionHistoryLimit: 2,
          podManagementPolicy: 'Parallel',
          ...claimTemplates(input),
          template,
        },
      }
    case 'daemonset':
      return {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata,
        spec: {
          selector,
          revisionHistoryLimit: 2,
          updateStrategy:
            work.update === 'delete'
              ? { type: 'OnDelete' }
              : { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
          template,
        },
      }
  }
}

/** A Pod with a claim of one node cannot be doubled; neither can one that would need twice the memory on a machine of one node. */
function strategy(work: Component): object {
  if (work.update === 'recreate') return { type: 'Recreate' }
  return { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: (work.replicas ?? 1) > 1 ? 1 : 0 } }
}

function storageClass({ spec: { underlay } }: Cloud): object {
  if (underlay.type === 'embedded' || underlay.storageClass === undefined) return {}
  return { storageClassName: underlay.storageClass }
}

const claimSpec = (size: string, cloud: Cloud): object => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: size } },
  ...storageClass(cloud),
})

/** Claims that the StatefulSet's controller makes, one for each Pod. */
function claimTemplates(input: ComponentInput): object {
  const templates = (input.work.volumes ?? []).flatMap((volume) =>
    volume.kind === 'claim' && volume.perReplica === true
      ? [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: volume.name, labels: metadataOf(input).labels },
            spec: { ...claimSpec(volume.size, input.cloud), volumeMode: 'Filesystem' },
          },
        ]
      : [],
  )
  return templates.length === 0 ? {} : { volumeClaimTemplates: templates }
}

function claims(input: ComponentInput): readonly KubeObject[] {
  const { name, namespace, labels } = metadataOf(input)
  return (input.work.volumes ?? []).flatMap((volume) =>
    volume.kind === 'claim' && volume.perReplica !== true
      ? [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: {
              name: `${name}-${volume.name}`,
              ...(namespace === undefined ? {} : { namespace }),
              labels,
            },
            spec: claimSpec(volume.size, input.cloud),
          },
        ]
      : [],
  )
}

export function componentObjects(input: ComponentInput): readonly KubeObject[] {
  const metadata = metadataOf(input)
  const data = configData(input.cloud, input.id, input.work)
  const budget: KubeObject = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(idOf(input)) } },
  }
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
    ...claims(input),
    ...(input.work.kind === 'daemonset' ? [] : [budget]),
    workload(input, podTemplate(input, data)),
    ...ownNodes(input.cloud, input.id, input.work).flatMap((node) => ofOneNode(input, node)),
  ]
}

/** The same once more, for a node with settings of its own. */
function ofOneNode(input: ComponentInput, node: string): readonly KubeObject[] {
  const own = { ...input, id: { ...input.id, node } }
  const data = configData(own.cloud, own.id, own.work)
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(own), data },
    workload(own, podTemplate(own, data)),
  ]
}
