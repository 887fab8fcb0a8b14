/** Bays: what clusters were called below 1.11. At 1.1 answers are whole; from 1.2 on they come before the work is done. */
import type { Cluster } from '../../model/index.ts'
import { nodeGroupsOf } from '../../model/index.ts'
import { shownFaults } from '../../rules/index.ts'
import { acceptedSchema } from '../accepted.ts'
import { makeCluster, requestOf } from '../clusters/create.ts'
import { deleteCluster } from '../clusters/delete.ts'
import { sharedFields } from '../clusters/fields.ts'
import { applyTo, type PatchedKind, patchRules } from '../clusters/patch.ts'
import { clusterPage, readCluster } from '../clusters/read.ts'
import { clusterValues } from '../clusters/view.ts'
import type { ApiReply, ApiRequest, Route, RouteDescription } from '../route.ts'
import type { ApiServices } from '../services.ts'
import {
  answerSchema,
  boolean,
  dictionary,
  type FieldTable,
  field,
  generatedName,
  integer,
  linksTo,
  listSchema,
  pageArgumentTypes,
  parseBody,
  patchSchema,
  plainText,
  querySchema,
  readArguments,
  render,
  requestSchema,
} from '../wire/index.ts'

const bayFields = {
  ...sharedFields,
  baymodel_id: field(plainText(), { mandatory: true }),
  node_count: field(integer({ min: 1 }), { default: 1 }),
  master_count: field(integer({ min: 1 }), { default: 1 }),
  bay_create_timeout: field(integer({ min: 0 }), { default: 60 }),
  stack_id: field(plainText(), { readOnly: true }),
  bay_faults: field(dictionary()),
  floating_ip_enabled: field(boolean(), { default: true }),
} as const satisfies FieldTable

const shortFields = [
  'uuid',
  'name',
  'baymodel_id',
  'docker_volume_size',
  'labels',
  'master_flavor_id',
  'flavor_id',
  'node_count',
  'status',
  'bay_create_timeout',
  'master_count',
  'stack_id',
  'links',
] as const satisfies readonly (keyof typeof bayFields)[]

export function bayRoutes(services: ApiServices): readonly Route[] {
  const route = (method: Route['method'], path: string, [name, handle]: Named, describes: RouteDescription): Route => ({
    method,
    path,
    name,
    versions: { to: lastWithBays },
    handle: (request) => handle(services, request),
    describes,
  })
  const one = '/bays/:cluster'
  const lists = { query: querySchema(pageArgumentTypes), answer: listSchema('bays', bayFields) }
  const changed = { status: 202, answer: { anyOf: [acceptedSchema, answerSchema(bayFields)] } }
  return [
    route('GET', '/bays', ['bay:get_all', (given, request) => list(given, request, { only: shortFields })], {
      summary: 'Clusters, by their old name',
      ...lists,
    }),
    route('GET', '/bays/detail', ['bay:detail', (given, request) => list(given, request, {})], {
      summary: 'The same, with all fields',
      ...lists,
    }),
    route('GET', one, ['bay:get', get], { summary: 'One bay', answer: answerSchema(bayFields) }),
    route('POST', '/bays', ['bay:create', create], {
      summary: 'Make a bay; 201 with all of it at 1.1',
      body: requestSchema(bayFields, lastWithBays),
      firstStatus: 201,
      ...changed,
    }),
    route('PATCH', one, ['bay:update', patch], {
      summary: 'Change a bay; 200 with all of it at 1.1',
      query: querySchema({ rollback: 'boolean' }),
      body: patchSchema,
      firstStatus: 200,
      ...changed,
    }),
    route('DELETE', one, ['bay:delete', deleteCluster], { summary: 'Delete a bay', status: 204 }),
  ]
}

type Named = readonly [name: string, handle: (services: ApiServices, request: ApiRequest) => Promise<ApiReply>]

const lastWithBays = 10

async function list(
  services: ApiServices,
  request: ApiRequest,
  shown: { readonly only?: typeof shortFields },
): Promise<ApiReply> {
  services.enforce(shown.only === undefined ? 'cluster:detail' : 'cluster:get_all', request.caller)
  const { items, next } = await clusterPage(services, request, shown.only === undefined ? 'bays/detail' : 'bays')
  const bays = items.map((cluster) =>
    render(
      bayFields,
      { ...bayValues(cluster, services), ...bayLinks(cluster, request) },
      { ...request.version, ...shown },
    ),
  )
  return { status: 200, body: { bays, ...(next === undefined ? {} : { next }) } }
}

async function get(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const cluster = await readCluster(services, request)
  const faults = shownFaults(cluster, nodeGroupsOf(cluster, services.store))
  return { status: 200, body: whole(services, request, { cluster, faults }) }
}

async function create(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  const body = parseBody('bay', bayFields, request.body, request.version.minor)
  services.enforce('cluster:create', request.caller)
  const cluster = await makeCluster(services, request, {
    template: body.baymodel_id ?? '',
    wish: requestOf(
      { ...body, create_timeout: body.bay_create_timeout ?? 60 },
      body.name || generatedName('bay', services.random),
    ),
  })
  if (request.version.minor > 1) return { status: 202, body: { uuid: cluster.uuid } }
  const headers = { location: `${request.baseUrl}/v1/bays/${cluster.uuid}` }
  return { status: 201, body: whole(services, request, { cluster }), headers }
}

const bayKind: PatchedKind = { table: bayFields, rules: patchRules(bayFields), document: bayValues }

async function patch(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const cluster = await applyTo(services, request, bayKind)
  if (request.version.minor > 1) return { status: 202, body: { uuid: cluster.uuid } }
  return { status: 200, body: whole(services, request, { cluster }) }
}

/** Bays know neither key pairs nor health nor whose they are. */
function bayValues(cluster: Cluster, { store }: ApiServices): Readonly<Record<string, unknown>> {
  const { cluster_template_id: model, create_timeout: timeout, ...values } = clusterValues(cluster, store)
  const all: Readonly<Record<string, unknown>> = { ...values, baymodel_id: model, bay_create_timeout: timeout }
  return Object.fromEntries(Object.entries(all).filter(([name]) => name in bayFields))
}

interface Shown {
  readonly cluster: Cluster
  readonly faults?: Readonly<Record<string, string>> | undefined
}

function whole(services: ApiServices, request: ApiRequest, { cluster, faults }: Shown): unknown {
  const values = { ...bayValues(cluster, services), ...bayLinks(cluster, request), bay_faults: faults }
  return render(bayFields, values, request.version)
}

const bayLinks = ({ uuid }: Cluster, { baseUrl }: ApiRequest): { readonly links: unknown } => ({
  links: linksTo(baseUrl, 'bays', uuid),
})
