/** Certificates of a cluster: its CAs, signing, rotation. `src/clusters/certificates` does it; here is how it is asked. */
import type { Cluster } from '../model/index.ts'
import { accepted } from './accepted.ts'
import { beginChange } from './clusters/change.ts'
import { findCluster, foundCluster, targetOf } from './clusters/find.ts'
import { missingIs } from './clusters/refused.ts'
import { ApiError, type ApiReply, type ApiRequest, type Route } from './route.ts'
import type { ApiServices } from './services.ts'
import {
  answerSchema,
  type FieldTable,
  field,
  links,
  linksTo,
  moment,
  parseBody,
  plainText,
  querySchema,
  readArguments,
  render,
  requestSchema,
  text,
} from './wire/index.ts'

/** Of `ca_cert_type` here: absent for the CA of the Kubernetes API. */
export interface Certificates {
  /** PEM of what is to be trusted now: while a rotation is under way the old CA and the new one. @throws ApiError 400 for an unknown type */
  ca(cluster: Cluster, type?: string): Promise<string>
  /** PEM of the signed certificate. @throws ApiError 400 for a request that a careful CA does not sign */
  sign(cluster: Cluster, csr: string, type?: string): Promise<string>
  /** Makes the new CAs for the operation that the cluster has now, once; the reconciler does it where nobody did. */
  startRotation(cluster: Cluster): Promise<unknown>
}

const certificateFields = {
  cluster_uuid: field(plainText()),
  bay_uuid: field(plainText(), { versions: { to: 10 } }),
  csr: field(text({ min: 1 })),
  pem: field(text()),
  ca_cert_type: field(text()),
  links: field(links(), { readOnly: true }),
  created_at: field(moment(), { readOnly: true }),
  updated_at: field(moment(), { readOnly: true }),
} as const satisfies FieldTable

const caArguments = { ca_cert_type: 'text' } as const

export function certificateRoutes(services: ApiServices): readonly Route[] {
  const one = '/certificates/:cluster'
  const answer = answerSchema(certificateFields)
  return [
    {
      method: 'GET',
      path: one,
      name: 'certificate:get',
      handle: (request) => getCa(services, request),
      describes: { summary: 'What is to be trusted', query: querySchema(caArguments), answer },
    },
    {
      method: 'POST',
      path: '/certificates',
      name: 'certificate:create',
      handle: (request) => sign(services, request),
      describes: { summary: 'Sign a request', status: 201, body: requestSchema(certificateFields), answer },
    },
    {
      method: 'PATCH',
      path: one,
      name: 'certificate:rotate_ca',
      handle: (request) => rotate(services, request),
      describes: { summary: 'Make new CAs', ...accepted },
    },
  ]
}

async function getCa(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const { ca_cert_type: type } = readArguments(request.query, caArguments)
  const cluster = await foundCluster(services, request)
  services.enforce('certificate:get', request.caller, targetOf(cluster))
  const pem = await services.certificates.ca(cluster, type || undefined)
  return { status: 200, body: shown(request, cluster, { pem }) }
}

/** @throws ApiError 400 for a cluster that is not there: it stands in the body, not in the path */
async function sign(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  const body = parseBody('certificate', certificateFields, request.body, request.version.minor)
  const ident = body.cluster_uuid ?? body.bay_uuid
  if (!ident) throw new ApiError(400, 'cluster_uuid is missing: the UUID or name of the cluster whose CA shall sign.')
  if (!body.csr) throw new ApiError(400, 'csr is missing: a certificate signing request in PEM.')
  await services.store.fresh()
  const cluster = missingIs(400, () => findCluster(services.store, request.caller, ident))
  services.enforce('certificate:create', request.caller, targetOf(cluster))
  const pem = await services.certificates.sign(cluster, body.csr, body.ca_cert_type || undefined)
  const type = body.ca_cert_type === undefined ? {} : { ca_cert_type: body.ca_cert_type }
  return { status: 201, body: shown(request, cluster, { pem, csr: body.csr, ...type }) }
}

async function rotate(services: ApiServices, request: ApiRequest): Promise<ApiReply> {
  readArguments(request.query, {})
  if (Array.isArray(request.body)) throw new ApiError(400, 'Request must be a JSON dict')
  const cluster = await beginChange(services, request, {
    find: () => {
      const found = findCluster(services.store, request.caller, request.params['cluster'] ?? '')
      services.enforce('certificate:rotate_ca', request.caller, targetOf(found))
      return found
    },
    decide: (found) => {
      if (found.spec.template.tlsDisabled)
        throw new ApiError(400, 'Rotating the CA certificate on a non-TLS cluster is not supported')
      return { kind: 'rotate-ca', nodeGroups: [] }
    },
  })
  await services.certificates.startRotation(cluster).catch(() => undefined)
  return { status: 202, body: { uuid: cluster.uuid } }
}

function shown(
  { baseUrl, version }: ApiRequest,
  { uuid }: Cluster,
  values: Readonly<Record<string, unknown>>,
): unknown {
  const all = { cluster_uuid: uuid, bay_uuid: uuid, links: linksTo(baseUrl, 'certificates', uuid), ...values }
  return render(certificateFields, all, version)
}
