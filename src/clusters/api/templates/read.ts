/** Lists of templates, and single ones. */
import type { ClusterTemplate } from '../../model/index.ts'
import { targetOf } from '../../policy/index.ts'
import { findTemplate, isSeen } from '../clusters/find.ts'
import type { ResourceServices } from '../resource-services.ts'
import type { ApiReply, ApiRequest } from '../route.ts'
import { notFound, pageArguments, pageArgumentTypes, pageOf, readArguments } from '../wire/index.ts'
import type { TemplateKind } from './fields.ts'
import { shownTemplate, templateColumns } from './view.ts'

/** Own ones and public ones that are not hidden; for an admin all. */
function listed({ store }: ResourceServices, { caller }: ApiRequest): readonly ClusterTemplate[] {
  const all = store.templates.all()
  if (caller.isAdmin) return all
  return all.filter((item) => isSeen(item, caller) || (item.spec.public && !item.spec.hidden))
}

/** Both lists are the same but for what is asked of the policy. */
export async function listTemplates(
  services: ResourceServices,
  kind: TemplateKind,
  rule: 'get_all' | 'detail',
  request: ApiRequest,
): Promise<ApiReply> {
  const read = readArguments(request.query, pageArgumentTypes)
  const { enforce, store, settings } = services
  enforce(`clustertemplate:${rule}`, request.caller)
  if (request.caller.isAdmin) enforce(`clustertemplate:${rule}_all_projects`, request.caller)
  const page = pageArguments(read, settings.maxLimit)
  await store.fresh()
  const { items, next } = pageOf(page, {
    items: listed(services, request),
    columns: templateColumns,
    idOf: ({ uuid }) => uuid,
    unknownMarker: (marker) => notFound(`ClusterTemplate ${marker} could not be found.`),
    resource: rule === 'detail' ? `${kind.resource}/detail` : kind.resource,
    baseUrl: request.baseUrl,
  })
  const shown = items.map((item) => shownTemplate(kind, item, request))
  return { status: 200, body: { [kind.resource]: shown, ...(next === undefined ? {} : { next }) } }
}

/** The template of the path. @throws ApiError 404, 409 */
export async function foundTemplate(
  { store }: ResourceServices,
  { parameter }: TemplateKind,
  { caller, params }: ApiRequest,
): Promise<ClusterTemplate> {
  await store.fresh()
  return findTemplate(store, caller, params[parameter] ?? '')
}

export async function getTemplate(
  services: ResourceServices,
  kind: TemplateKind,
  request: ApiRequest,
): Promise<ApiReply> {
  readArguments(request.query, {})
  const { caller } = request
  if (caller.isAdmin) services.enforce('clustertemplate:get_one_all_projects', caller)
  const template = await foundTemplate(services, kind, request)
  if (!template.spec.public) services.enforce('clustertemplate:get', caller, targetOf(template))
  return { status: 200, body: shownTemplate(kind, template, request) }
}
