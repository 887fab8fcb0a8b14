/** How many clusters and nodes there are. Masters are nodes too. */
import { nodeGroupsOf } from '../model/index.ts'
import type { ResourceServices } from './resource-services.ts'
import type { ApiReply, ApiRequest, Route } from './route.ts'
import {
  answerSchema,
  type FieldTable,
  field,
  integer,
  invalidValue,
  notAuthorized,
  querySchema,
  readArguments,
} from './wire/index.ts'

const statsFields = {
  clusters: field(integer({ min: 0 })),
  nodes: field(integer({ min: 0 })),
} as const satisfies FieldTable

const argumentTypes = { project_id: 'text', type: 'text' } as const

export function statsRoutes(services: ResourceServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/stats',
      name: 'stats:get_all',
      handle: (request) => getStats(services, request),
      describes: {
        summary: 'Clusters and nodes of a project, or of all of them',
        query: querySchema(argumentTypes),
        answer: answerSchema(statsFields),
      },
    },
  ]
}

async function getStats({ enforce, store }: ResourceServices, { query, caller }: ApiRequest): Promise<ApiReply> {
  const { project_id: asked, type = 'cluster' } = readArguments(query, argumentTypes)
  enforce('stats:get_all', caller)
  if (type.toLowerCase() !== 'cluster') throw invalidValue("Invalid stats type. Allowed values are 'cluster'")
  const projectId = asked || (caller.isAdmin ? undefined : (caller.projectId ?? ''))
  if (!caller.isAdmin && projectId !== (caller.projectId ?? '')) throw notAuthorized()
  await store.fresh()
  const clusters = projectId === undefined ? store.clusters.all() : store.clusters.ofProject(projectId)
  const groups = clusters.flatMap((cluster) => nodeGroupsOf(cluster, store))
  const nodes = groups.reduce((sum, { spec }) => sum + spec.nodeCount, 0)
  return { status: 200, body: { clusters: clusters.length, nodes } }
}
