/** PATCH /v1/credentials/{cluster}: what the nodes of a cluster call OpenStack with is made anew. */

import { accepted } from './accepted.ts'
import { beginChange } from './clusters/change.ts'
import { findCluster } from './clusters/find.ts'
import { ApiError, type ApiReply, type ApiRequest, type Route } from './route.ts'
import type { ApiServices } from './services.ts'
import { readArguments } from './wire/index.ts'

export function credentialRoutes(services: ApiServices): readonly Route[] {
  return [
    {
      method: 'PATCH',
      path: '/credentials/:cluster',
      name: 'credential:rotate',
      versions: { from: 12 },
      handle: (request) => rotate(services, request),
      describes: { summary: 'Make the credential of the nodes anew', ...accepted },
    },
  ]
}

async function rotate(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  services.enforce('credential:rotate', request.caller)
  if (Array.isArray(request.body)) throw new ApiError(400, 'Request must be a JSON dict')
  const cluster = await beginChange(services, request, {
    find: () => findCluster(services.store, request.caller, request.params['cluster'] ?? ''),
    decide: () => ({ kind: 'rotate-credential', nodeGroups: [] }),
  })
  return { status: 202, body: { uuid: cluster.uuid } }
}
