/** Templates made, changed and deleted. */
import { isDeepStrictEqual } from 'node:util'
import {
  type ClusterStore,
  type ClusterTemplate,
  type ClusterTemplateSpec,
  ConflictError,
  momentOf,
} from '../../model/index.ts'
import { targetOf } from '../../policy/index.ts'
import type { ResourceServices } from '../resource-services.ts'
import type { ApiReply, ApiRequest } from '../route.ts'
import {
  conflict,
  generatedName,
  invalidInput,
  invalidValue,
  notAuthorized,
  parseBody,
  parsePatch,
  patched,
  readArguments,
} from '../wire/index.ts'
import { checkDrivers, checkResources, checkSupported } from './checks.ts'
import { type TemplateKind, templateFields } from './fields.ts'
import { foundTemplate } from './read.ts'
import { shownTemplate, type TemplateValues, templateDocument, templateSpec } from './view.ts'

/** May be replaced, not removed. */
const kept = [
  '/flavor_id',
  '/master_flavor_id',
  '/network_driver',
  '/external_network_id',
  '/tls_disabled',
  '/public',
  '/server_type',
  '/coe',
  '/registry_enabled',
  '/cluster_distro',
  '/hidden',
]

export async function createTemplate(
  services: ResourceServices,
  kind: TemplateKind,
  request: ApiRequest,
): Promise<ApiReply> {
  readArguments(request.query, {})
  const { caller, version, baseUrl } = request
  const values: TemplateValues = parseBody(kind.argument, kind.table, request.body, version.minor)
  services.enforce('clustertemplate:create', caller)
  const { projectId } = caller
  if (projectId === undefined) throw notAuthorized('A template belongs to a project: come with a token of one.')
  const { image_id } = values
  if (!image_id) throw invalidInput('image_id', null, 'Mandatory field missing.')
  const { coe, networkDriver } = checkDrivers(values)
  if (values.public || values.hidden) checkPublish(services, request)
  const image = await checkResources(services, request, { ...values, image_id })
  const driver = image.driver ?? values.driver ?? null
  const spec = templateSpec(
    { ...values, driver, network_driver: networkDriver },
    {
      name: values.name ?? generatedName(kind.suffix, services.random),
      projectId,
      userId: caller.userId,
      createdAt: momentOf(services.now()),
      coe,
      imageId: image_id,
      clusterDistro: image.osDistro,
    },
  )
  checkSupported(services, spec)
  const uuid = values.uuid?.toLowerCase() ?? services.newUuid()
  const template = await services.store.templates.create(uuid, spec).catch((error: unknown) => {
    if (error instanceof ConflictError) throw conflict(`A ClusterTemplate with UUID ${uuid} already exists.`)
    throw error
  })
  const location = `${baseUrl}/v1/${kind.resource}/${uuid}`
  return { status: 201, headers: { location }, body: shownTemplate(kind, template, request) }
}

function checkPublish({ may }: ResourceServices, { caller }: ApiRequest): void {
  if (!may('clustertemplate:publish', caller))
    throw notAuthorized('Not authorized to set public or hidden flag for cluster template.')
}

export async function patchTemplate(
  services: ResourceServices,
  kind: TemplateKind,
  request: ApiRequest,
): Promise<ApiReply> {
  readArguments(request.query, {})
  const { caller } = request
  const patch = parsePatch(request.body, { table: kind.table, kept })
  if (caller.isAdmin) services.enforce('clustertemplate:update_all_projects', caller)
  const written = await retried(async () => {
    const template = await foundTemplate(services, kind, request)
    services.enforce('clustertemplate:update', caller, targetOf(template))
    if (patch.length === 0) return template
    const spec = await changedSpec(
      services,
      request,
      template,
      patched(templateFields, templateDocument(template), patch),
    )
    if (isDeepStrictEqual(spec, template.spec)) return template
    return services.store.templates.replace(template, { ...spec, updatedAt: momentOf(services.now()) })
  })
  return { status: 200, body: shownTemplate(kind, written, request) }
}

/** A patch says what shall change, not of which version: one that came too late is applied to what is there now. */
async function retried<Result>(write: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === 5) throw error
    }
  }
}

/** @throws ApiError */
async function changedSpec(
  services: ResourceServices,
  request: ApiRequest,
  template: ClusterTemplate,
  values: TemplateValues,
): Promise<ClusterTemplateSpec> {
  const before = template.spec
  const { image_id } = values
  if (!image_id) throw invalidInput('image_id', null, 'Mandatory field missing.')
  const { coe, networkDriver } = checkDrivers(values)
  const image = await checkResources(services, request, { ...values, image_id })
  const { clusterDistro, projectId, userId, createdAt, updatedAt } = before
  // The distro is the image's, and goes with it, unless it was changed too.
  const sentDistro = values.cluster_distro ?? clusterDistro
  const followed = sentDistro === clusterDistro && image_id !== before.imageId ? image.osDistro : sentDistro
  const fixed = {
    name: values.name ?? '',
    projectId,
    userId,
    createdAt,
    coe,
    imageId: image_id,
    clusterDistro: followed,
  }
  const after = templateSpec({ ...values, network_driver: networkDriver }, fixed)
  const spec = updatedAt === undefined ? after : { ...after, updatedAt }
  if (spec.public !== before.public || spec.hidden !== before.hidden) checkPublish(services, request)
  checkUnused(services.store, template, spec)
  if (spec.imageId !== before.imageId || spec.coe !== before.coe || spec.serverType !== before.serverType)
    checkSupported(services, spec)
  return spec
}

/** Of a template with clusters, one thing at a time may change, and only what they do not depend on. @throws ApiError 400 */
function checkUnused(store: ClusterStore, template: ClusterTemplate, spec: ClusterTemplateSpec): void {
  const before: Readonly<Record<string, unknown>> = template.spec
  const after: Readonly<Record<string, unknown>> = spec
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const changes = [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]))
  const [only] = changes
  if (only === undefined || (changes.length === 1 && isHarmless(only, spec))) return
  refuseInUse(store, template)
}

function isHarmless(name: string, { public: isPublic, tags }: ClusterTemplateSpec): boolean {
  if (name === 'public') return isPublic
  if (name === 'tags') return tags !== undefined
  return name === 'hidden' || name === 'name'
}

function refuseInUse({ clusters }: ClusterStore, { uuid }: ClusterTemplate): void {
  if (clusters.all().some(({ spec }) => spec.templateId === uuid))
    throw invalidValue(`ClusterTemplate ${uuid} is referenced by one or multiple clusters.`)
}

export async function deleteTemplate(
  services: ResourceServices,
  kind: TemplateKind,
  request: ApiRequest,
): Promise<ApiReply> {
  readArguments(request.query, {})
  const { caller } = request
  if (caller.isAdmin) services.enforce('clustertemplate:delete_all_projects', caller)
  await retried(async () => {
    const template = await foundTemplate(services, kind, request)
    services.enforce('clustertemplate:delete', caller, targetOf(template))
    refuseInUse(services.store, template)
    await services.store.templates.delete(template)
  })
  return { status: 204 }
}
