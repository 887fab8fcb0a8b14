/** What tests and benchmarks of the clusters' store share: its definitions on a test API server, specs that look like real ones. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterSpec, ClusterTemplateSpec, NodeGroupSpec } from '../../src/clusters/model/index.ts'
import { clusterDefinitions } from '../../src/clusters/store/index.ts'
import { type Kube, refOf } from '../../src/kube/index.ts'

/** Applies the definitions and waits until objects can be made. */
export async function applyDefinitions(kube: Kube): Promise<void> {
  for (const definition of clusterDefinitions()) {
    await kube.apply(definition)
    while (!(await isEstablished(kube, definition))) await sleep(50)
  }
}

async function isEstablished(kube: Kube, definition: Parameters<typeof refOf>[0]): Promise<boolean> {
  const object = (await kube.get(refOf(definition))) as
    | { status?: { conditions?: readonly { type: string; status: string }[] } }
    | undefined
  return object?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true
}

/** The moment `n` microseconds after another that is always the same. */
export function moment(n: number): string {
  return `2026-11-28T16:00:${String(Math.floor(n / 1e6) % 60).padStart(2, '0')}.${String(n % 1e6).padStart(6, '0')}Z`
}

export function templateSpec(rest: Partial<ClusterTemplateSpec> = {}): ClusterTemplateSpec {
  return {
    name: 'kubernetes-1-35',
    projectId: '8f3c1c5b0e5b4a9e9d7c6b5a4f3e2d1c',
    userId: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
    createdAt: moment(0),
    coe: 'kubernetes',
    imageId: '4f0d6c3e-7b9a-4d2f-8c1e-5a6b7c8d9e0f',
    clusterDistro: 'debian',
    driver: 'heat',
    keypairId: 'default-key',
    flavorId: 'm1.medium',
    masterFlavorId: 'm1.medium',
    externalNetworkId: 'public-network-of-the-cloud',
    dnsNameserver: '8.8.8.8',
    networkDriver: 'calico',
    volumeDriver: 'cinder',
    dockerStorageDriver: 'overlay2',
    serverType: 'vm',
    labels: {
      kube_tag: 'v1.35.4',
      auto_scaling_enabled: 'true',
      boot_volume_size: '20',
      container_runtime: 'containerd',
    },
    tlsDisabled: false,
    public: true,
    hidden: false,
    registryEnabled: false,
    masterLbEnabled: true,
    floatingIpEnabled: false,
    ...rest,
  }
}

export function nodeGroupSpec(rest: Partial<NodeGroupSpec> = {}): NodeGroupSpec {
  const { projectId, labels, imageId } = templateSpec()
  return {
    name: 'default-worker',
    clusterId: randomUUID(),
    projectId,
    createdAt: moment(0),
    role: 'worker',
    isDefault: true,
    flavorId: 'm1.medium',
    imageId,
    labels,
    ownLabels: {},
    mergeLabels: false,
    nodeLabels: {},
    nodeTaints: [],
    nodeCount: 3,
    minNodeCount: 0,
    nodesToRemove: [],
    templateId: randomUUID(),
    ...rest,
  }
}

export function clusterSpec(rest: Partial<ClusterSpec> = {}): ClusterSpec {
  const template = rest.template ?? templateSpec()
  const { projectId, userId, labels } = template
  return {
    name: 'demo',
    projectId,
    userId,
    createdAt: moment(0),
    templateId: randomUUID(),
    keypair: 'default-key',
    flavorId: 'm1.medium',
    masterFlavorId: 'm1.medium',
    labels,
    ownLabels: {},
    mergeLabels: false,
    createTimeout: 60,
    floatingIpEnabled: false,
    masterLbEnabled: true,
    template,
    warnings: [],
    operation: operation(userId),
    ...rest,
  }
}

function operation(userId: string): ClusterSpec['operation'] {
  return {
    id: randomUUID(),
    kind: 'create',
    startedAt: moment(0),
    userId,
    requestId: `req-${randomUUID()}`,
    rollback: false,
    nodeGroups: [],
  }
}
