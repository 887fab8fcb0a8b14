/** Cluster templates, and baymodels until 1.10. */

import type { ResourceServices } from '../resource-services.ts'
import type { ApiReply, ApiRequest, Route, RouteDescription } from '../route.ts'
import { answerSchema, listSchema, pageArgumentTypes, patchSchema, querySchema, requestSchema } from '../wire/index.ts'
import { baymodelKind, type TemplateKind, templateKind } from './fields.ts'
import { getTemplate, listTemplates } from './read.ts'
import { createTemplate, deleteTemplate, patchTemplate } from './write.ts'

export function templateRoutes(services: ResourceServices): readonly Route[] {
  const baymodels = routesOf(services, baymodelKind).map((route) => ({ ...route, versions: { to: 10 } }))
  return [...routesOf(services, templateKind), ...baymodels]
}

function routesOf(services: ResourceServices, kind: TemplateKind): readonly Route[] {
  const { resource, parameter, table } = kind
  const noun = parameter === 'template' ? 'clustertemplate' : 'baymodel'
  const all = `/${resource}`
  const one = `${all}/:${parameter}`
  const route = (
    method: Route['method'],
    path: string,
    action: string,
    handle: (request: ApiRequest) => Promise<ApiReply>,
    describes: RouteDescription,
  ): Route => ({ method, path, name: `${noun}:${action}`, handle, describes })
  const list = { query: querySchema(pageArgumentTypes), answer: listSchema(resource, table) }
  const answer = answerSchema(table)
  return [
    route('GET', all, 'get_all', (request) => listTemplates(services, kind, 'get_all', request), {
      summary: 'Templates of the project, and public ones',
      ...list,
    }),
    route('GET', `${all}/detail`, 'detail', (request) => listTemplates(services, kind, 'detail', request), {
      summary: 'The same, with the same fields',
      ...list,
    }),
    route('POST', all, 'create', (request) => createTemplate(services, kind, request), {
      summary: 'Make a template',
      status: 201,
      body: requestSchema(table, 10),
      answer,
    }),
    route('GET', one, 'get', (request) => getTemplate(services, kind, request), { summary: 'One template', answer }),
    route('PATCH', one, 'update', (request) => patchTemplate(services, kind, request), {
      summary: 'Change a template',
      body: patchSchema,
      answer,
    }),
    route('DELETE', one, 'delete', (request) => deleteTemplate(services, kind, request), {
      summary: 'Delete a template that no cluster uses',
      status: 204,
    }),
  ]
}
