/** Clusters for tests, made as the API makes them. */

import { templateSpecFixture } from '../model/fixture.ts'
import type { Cluster, ClusterStatus, ClusterTemplate, ClusterTemplateSpec, NodeGroup } from '../model/index.ts'
import { type ClusterRequest, draftCluster } from './index.ts'

export const ids = {
  cluster: '10000000-0000-4000-8000-000000000000',
  template: '20000000-0000-4000-8000-000000000000',
  master: '30000000-0000-4000-8000-000000000001',
  worker: '30000000-0000-4000-8000-000000000002',
} as const

export const act = { now: new Date('2026-11-28T16:00:00Z'), operationId: 'first', userId: 'user', requestId: 'req-1' }

export function templateFixture(
  changes: Partial<ClusterTemplateSpec> = {},
  uuid: string = ids.template,
): ClusterTemplate {
  const spec = templateSpecFixture({ flavorId: 'm1.small', masterFlavorId: 'm1.medium', ...changes })
  return { uuid, uid: uuid, resourceVersion: '1', spec, status: {} }
}

function requestFixture(changes: Partial<ClusterRequest> = {}): ClusterRequest {
  return { name: 'demo', nodeCount: 1, masterCount: 1, mergeLabels: false, createTimeout: 60, ...changes }
}

export interface Made {
  readonly cluster: Cluster
  readonly groups: readonly NodeGroup[]
}

/** A cluster at rest, created, unless `status` says otherwise. */
export function made(
  request: Partial<ClusterRequest> = {},
  template: Partial<ClusterTemplateSpec> = {},
  status: ClusterStatus = {},
): Made {
  const spec = draftCluster(requestFixture(request), templateFixture(template), {
    ...act,
    clusterId: ids.cluster,
    projectId: 'project',
    masterGroupId: ids.master,
    workerGroupId: ids.worker,
  })
  const done = { operation: act.operationId, status: 'CREATE_COMPLETE', apiAddress: 'https://10.0.0.1:6443' } as const
  return {
    cluster: { uuid: ids.cluster, uid: 'uid', resourceVersion: '1', spec, status: { ...done, ...status } },
    groups: spec.operation.nodeGroups.flatMap(({ uuid, spec: group }) =>
      group === undefined
        ? []
        : [{ uuid, uid: uuid, resourceVersion: '1', spec: group, status: { status: 'CREATE_COMPLETE' as const } }],
    ),
  }
}
