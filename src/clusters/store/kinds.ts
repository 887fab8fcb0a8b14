/** The four kinds of `croque.dev`: where they live in the API, and how `kubectl get` shows them. */
import type { z } from 'zod'
import {
  apiVersion,
  clusterQuotaSpec,
  clusterSpec,
  clusterStatus,
  clusterTemplateSpec,
  nodeGroupSpec,
  nodeGroupStatus,
} from '../model/index.ts'

export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'date'
  readonly jsonPath: string
  /** Above 0: in `kubectl get -o wide` only. */
  readonly priority?: number
}

export interface StoredKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly shortName: string
  readonly description: string
  readonly spec: z.ZodType
  /** Kinds without have no status at all. */
  readonly status?: z.ZodType
  readonly columns: readonly Column[]
  /** Of the spec, for `kubectl get --field-selector spec.name=…`. */
  readonly selectable: readonly string[]
}

const column = (name: string, jsonPath: string, rest: Partial<Column> = {}): Column => ({
  name,
  type: 'string',
  jsonPath,
  ...rest,
})
const wide = { priority: 1 }
const number = { type: 'integer' } as const
const project = column('Project', '.spec.projectId')

export const clusterKind: StoredKind = {
  apiVersion,
  kind: 'Cluster',
  plural: 'clusters',
  shortName: 'cl',
  description:
    'A Kubernetes or Docker Swarm cluster that a project asked for through the Container Infrastructure API.',
  spec: clusterSpec,
  status: clusterStatus,
  columns: [
    column('Cluster', '.spec.name'),
    project,
    column('Wish', '.spec.operation.kind'),
    column('Ended', '.status.status'),
    column('Health', '.status.healthStatus'),
    column('Waits for', '.status.progress'),
    column('Version', '.status.coeVersion', wide),
    column('API', '.status.apiAddress', wide),
    column('Template', '.spec.templateId', wide),
    column('Stack', '.status.stackId', wide),
  ],
  selectable: ['name', 'projectId', 'templateId'],
}

export const templateKind: StoredKind = {
  apiVersion,
  kind: 'ClusterTemplate',
  plural: 'clustertemplates',
  shortName: 'clt',
  description: 'What clusters are made from. Changes do not reach clusters that were made from it before.',
  spec: clusterTemplateSpec,
  columns: [
    column('Template', '.spec.name'),
    project,
    column('COE', '.spec.coe'),
    column('Distro', '.spec.clusterDistro'),
    column('Public', '.spec.public', { type: 'boolean' }),
    column('Hidden', '.spec.hidden', { type: 'boolean' }),
    column('Driver', '.spec.driver', wide),
    column('Image', '.spec.imageId', wide),
  ],
  selectable: ['name', 'projectId'],
}

export const nodeGroupKind: StoredKind = {
  apiVersion,
  kind: 'NodeGroup',
  plural: 'nodegroups',
  shortName: 'ng',
  description: 'Nodes of a cluster that are alike.',
  spec: nodeGroupSpec,
  status: nodeGroupStatus,
  columns: [
    column('Node group', '.spec.name'),
    column('Cluster', '.spec.clusterId'),
    column('Role', '.spec.role'),
    column('Nodes', '.spec.nodeCount', number),
    column('Status', '.status.status'),
    column('Version', '.status.version', wide),
    column('Flavor', '.spec.flavorId', wide),
    column('Image', '.spec.imageId', wide),
    column('Project', '.spec.projectId', wide),
  ],
  selectable: ['name', 'projectId', 'clusterId', 'role'],
}

export const quotaKind: StoredKind = {
  apiVersion,
  kind: 'ClusterQuota',
  plural: 'clusterquotas',
  shortName: 'clq',
  description: 'How many clusters a project may have, and which clusters hold a place.',
  spec: clusterQuotaSpec,
  columns: [project, column('Resource', '.spec.resource'), column('Limit', '.spec.hardLimit', number)],
  selectable: ['projectId'],
}

export const storedKinds: readonly StoredKind[] = [templateKind, clusterKind, nodeGroupKind, quotaKind]
