/** Objects for tests: complete, ordinary, and changed where a test says so. */
import type { ClusterSpec, ClusterTemplateSpec, NodeGroupSpec } from './objects.ts'

const createdAt = '2026-11-28T16:00:00.123456Z'

export function templateSpecFixture(changes: Partial<ClusterTemplateSpec> = {}): ClusterTemplateSpec {
  return {
    name: 'kubernetes',
    projectId: 'project',
    userId: 'user',
    createdAt,
    coe: 'kubernetes',
    imageId: 'debian-13',
    clusterDistro: 'debian',
    networkDriver: 'calico',
    serverType: 'vm',
    labels: {},
    tlsDisabled: false,
    public: false,
    hidden: false,
    registryEnabled: false,
    masterLbEnabled: false,
    floatingIpEnabled: true,
    ...changes,
  }
}

export function clusterSpecFixture(changes: Partial<ClusterSpec> = {}): ClusterSpec {
  return {
    name: 'demo',
    projectId: 'project',
    userId: 'user',
    createdAt,
    templateId: '00000000-0000-4000-8000-000000000007',
    labels: {},
    ownLabels: {},
    mergeLabels: false,
    createTimeout: 60,
    floatingIpEnabled: true,
    masterLbEnabled: false,
    template: templateSpecFixture(),
    warnings: [],
    operation: {
      id: 'operation-1',
      kind: 'create',
      startedAt: createdAt,
      userId: 'user',
      requestId: 'req-1',
      rollback: false,
      nodeGroups: [],
    },
    ...changes,
  }
}

export function nodeGroupSpecFixture(changes: Partial<NodeGroupSpec> = {}): NodeGroupSpec {
  return {
    name: 'default-worker',
    clusterId: '00000000-0000-4000-8000-000000000001',
    projectId: 'project',
    createdAt,
    role: 'worker',
    isDefault: true,
    flavorId: 'm1.small',
    imageId: 'debian-13',
    labels: {},
    ownLabels: {},
    mergeLabels: false,
    nodeLabels: {},
    nodeTaints: [],
    nodeCount: 1,
    minNodeCount: 0,
    nodesToRemove: [],
    templateId: '00000000-0000-4000-8000-000000000007',
    ...changes,
  }
}
