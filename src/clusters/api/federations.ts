/**
 * Federations, as Magnum answers them. Its conductor implements none of it: whatever was accepted (202) is never seen again, so
 * the list is always empty and no federation is ever found.
 */
import { findCluster } from './clusters/find.ts'
import type { ResourceServices } from './resource-services.ts'
import type { ApiReply, ApiRequest, Route } from './route.ts'
import {
  answerSchema,
  dictionary,
  type FieldTable,
  field,
  invalidValue,
  links,
  list,
  listSchema,
  moment,
  notFound,
  oneOf,
  pageArguments,
  pageArgumentTypes,
  parseBody,
  parsePatch,
  patchSchema,
  plainText,
  querySchema,
  readArguments,
  requestSchema,
  text,
  uuid,
} from './wire/index.ts'

const statuses = ['CREATE', 'UPDATE', 'DELETE'].flatMap((word) => [
  `${word}_IN_PROGRESS`,
  `${word}_FAILED`,
  `${word}_COMPLETE`,
])

const federationFields = {
  uuid: field(uuid()),
  name: field(text({ min: 1, max: 242, pattern: /^[a-zA-Z][a-zA-Z0-9_.-]*$/ })),
  hostcluster_id: field(plainText()),
  member_ids: field(list(plainText())),
  status: field(oneOf(...statuses)),
  status_reason: field(plainText()),
  properties: field(dictionary()),
  links: field(links(), { readOnly: true }),
  created_at: field(moment(), { readOnly: true }),
  updated_at: field(moment(), { readOnly: true }),
} as const satisfies FieldTable

export function federationRoutes(services: ResourceServices): readonly Route[] {
  const one = '/federations/:federation'
  const answer = answerSchema(federationFields)
  const lists = { query: querySchema(pageArgumentTypes), answer: listSchema('federations', federationFields) }
  const accepted = answerSchema({ uuid: federationFields.uuid })
  return [
    {
      method: 'GET',
      path: '/federations',
      name: 'federation:get_all',
      handle: (request) => listFederations(services, 'get_all', request),
      describes: { summary: 'No federations', ...lists },
    },
    {
      method: 'GET',
      path: '/federations/detail',
      name: 'federation:detail',
      handle: (request) => listFederations(services, 'detail', request),
      describes: { summary: 'No federations', ...lists },
    },
    {
      method: 'POST',
      path: '/federations',
      name: 'federation:create',
      handle: (request) => createFederation(services, request),
      describes: {
        summary: 'Accepted, and not done',
        status: 202,
        body: requestSchema(federationFields),
        answer: accepted,
      },
    },
    {
      method: 'GET',
      path: one,
      name: 'federation:get',
      handle: async (request) => await noFederation(request, {}),
      describes: { summary: 'Never found', answer },
    },
    {
      method: 'PATCH',
      path: one,
      name: 'federation:update',
      handle: async (request) => {
        parsePatch(request.body, { table: federationFields })
        return await noFederation(request, { rollback: 'boolean' })
      },
      describes: { summary: 'Never found', status: 202, body: patchSchema, answer: accepted },
    },
    {
      method: 'DELETE',
      path: one,
      name: 'federation:delete',
      handle: async (request) => await noFederation(request, {}),
      describes: { summary: 'Never found', status: 204 },
    },
  ]
}

async function listFederations(
  { enforce, settings }: ResourceServices,
  rule: 'get_all' | 'detail',
  { query, caller }: ApiRequest,
): Promise<ApiReply> {
  const read = readArguments(query, pageArgumentTypes)
  enforce(`federation:${rule}`, caller)
  const { marker } = pageArguments(read, settings.maxLimit)
  if (marker !== undefined) throw notFound(`Federation ${marker} could not be found.`)
  return await Promise.resolve({ status: 200, body: { federations: [] } })
}

async function createFederation({ enforce, store, newUuid }: ResourceServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const { caller, version } = request
  const { hostcluster_id: host, properties } = parseBody('federation', federationFields, request.body, version.minor)
  enforce('federation:create', caller)
  if (host === undefined || host === null)
    throw invalidValue('No hostcluster specified. Please specify a hostcluster_id.')
  await store.fresh()
  findCluster(store, caller, host)
  if (properties === undefined || properties === null)
    throw invalidValue('Please specify a `properties` dict for the federation.')
  if (properties['dns-zone'] === undefined) throw invalidValue('No DNS zone specified. Please specify a `dns-zone`.')
  return { status: 202, body: { uuid: newUuid() } }
}

/** Before a policy is asked, as there is nothing to ask about. */
async function noFederation(
  { query, params }: ApiRequest,
  types: Readonly<Record<string, 'boolean'>>,
): Promise<ApiReply> {
  readArguments(query, types)
  await Promise.resolve()
  throw notFound(`Federation ${params['federation'] ?? ''} could not be found.`)
}
