/** What the engine's integration tests share: one API server, small renderings, and a hand that plays the controllers. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CroqueEvent } from '../../src/engine/index.ts'
import { createKube, type Kube, type KubeObject, refOf } from '../../src/kube/index.ts'
import type { GeneratedSecret, Rendering, Unit } from '../../src/render/index.ts'
import { startTestApiServer, type TestApiServer } from './apiserver.ts'

export interface TestCluster {
  readonly server: TestApiServer
  readonly kube: Kube
  close(): Promise<void>
}

export async function openTestCluster(): Promise<TestCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'croque-test-'))
  const server = await startTestApiServer({ dir })
  const kube = createKube(server.access)
  return {
    server,
    kube,
    close: async () => {
      kube.close()
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export const labels = (cloud: string) => ({ 'croque.dev/cloud': cloud })

export function namespaceUnit(cloud: string, secrets: readonly GeneratedSecret[] = []): Unit {
  return unitOf(
    'base/all',
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: cloud, labels: labels(cloud) } }],
    { secrets },
  )
}

export function unitOf(id: string, objects: readonly KubeObject[], rest: Partial<Unit> = {}): Unit {
  return {
    id,
    kind: 'component',
    title: id,
    needs: id === 'base/all' ? [] : ['base/all'],
    secrets: [],
    objects,
    timeoutSeconds: 20,
    ...rest,
  }
}

export function renderingOf(cloud: string, units: readonly Unit[]): Rendering {
  return { namespace: cloud, ownLabels: labels(cloud), units }
}

export function configMap(cloud: string, name: string, data: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: cloud, labels: labels(cloud) }, data }
}

const template = (name: string, image: string) => ({
  metadata: { labels: { app: name } },
  spec: {
    containers: [
      {
        name: 'main',
        image,
        env: [
          { name: 'DB_PASSWORD', value: 'hush' },
          { name: 'LEVEL', value: 'info' },
        ],
      },
    ],
  },
})

export function deployment(cloud: string, name: string, image = 'a:1'): KubeObject {
  const spec = { replicas: 1, selector: { matchLabels: { app: name } }, template: template(name, image) }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: cloud, labels: labels(cloud) },
    spec,
  }
}

export function statefulSet(cloud: string, name: string, size = '1Gi'): KubeObject {
  const volumeClaimTemplates = [
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
    },
  ]
  const spec = {
    serviceName: name,
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: template(name, 'a:1'),
    volumeClaimTemplates,
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: cloud, labels: labels(cloud) },
    spec,
  }
}

export function job(cloud: string, name: string): KubeObject {
  const spec = {
    backoffLimit: 1,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'a:1' }] } },
  }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: cloud, labels: labels(cloud) }, spec }
}

/** Plays the controllers and the kubelet: makes whatever appears ready until the signal aborts. */
export async function playControllers(kube: Kube, namespace: string, signal: AbortSignal): Promise<void> {
  const kinds = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      status: { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      status: {
        replicas: 1,
        updatedReplicas: 1,
        readyReplicas: 1,
        availableReplicas: 1,
        currentRevision: 'a',
        updateRevision: 'a',
      },
    },
  ]
  const touch = async (object: KubeObject, status: object): Promise<void> => {
    const { generation, deletionTimestamp, finalizers } = object.metadata as KubeObject['metadata'] & {
      finalizers?: readonly string[]
    }
    const seen = (object as { status?: { observedGeneration?: number } }).status?.observedGeneration
    if (deletionTimestamp !== undefined && finalizers !== undefined)
      await kube.patch(refOf(object), { metadata: { finalizers: null } })
    if (deletionTimestamp !== undefined || seen === generation) return
    await kube.patch(
      refOf(object),
      { status: { ...status, observedGeneration: generation } },
      { subresource: 'status' },
    )
  }
  const play = async ({ status, ...kind }: (typeof kinds)[number]): Promise<void> => {
    for await (const event of kube.watch(kind, { namespace, signal })) {
      if (event.type === 'DELETED') continue
      for (const object of event.type === 'SYNC' ? event.objects : [event.object])
        await touch({ ...object, ...kind }, status)
    }
  }
  await Promise.all(kinds.map(play)).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

export async function finishJob(
  kube: Kube,
  namespace: string,
  name: string,
  how: 'Complete' | 'Failed',
): Promise<void> {
  const at = new Date().toISOString()
  const before = how === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  const condition = (type: string) => ({
    type,
    status: 'True',
    lastProbeTime: at,
    lastTransitionTime: at,
    reason: 'Test',
    message: 'as the test wished',
  })
  const status = {
    startTime: at,
    conditions: [condition(before), condition(how)],
    ...(how === 'Complete' ? { completionTime: at, succeeded: 1, ready: 0 } : { failed: 2, ready: 0 }),
  }
  await kube.patch({ apiVersion: 'batch/v1', kind: 'Job', name, namespace }, { status }, { subresource: 'status' })
}

export function recorder(): { readonly events: CroqueEvent[]; readonly emit: (event: CroqueEvent) => void } {
  const events: CroqueEvent[] = []
  return { events, emit: (event) => void events.push(event) }
}
