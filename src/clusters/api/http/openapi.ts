/** The OpenAPI document, from the routes themselves. Served beside the API, not on its paths. */
import type { Route, RouteDescription, Schema } from '../route.ts'
import { lastMinor } from '../wire/index.ts'

const errors: Schema = {
  type: 'object',
  properties: {
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          request_id: { type: 'string' },
          code: { type: 'string' },
          status: { type: 'integer' },
          title: { type: 'string' },
          detail: { type: 'string' },
          links: { type: 'array' },
        },
      },
    },
  },
  required: ['errors'],
}

/** Who calls is asked before anything else, in the words of keystonemiddleware. */
const keystone: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    error: {
      type: 'object',
      additionalProperties: false,
      properties: { code: { type: 'integer' }, title: { type: 'string' }, message: { type: 'string' } },
      required: ['code', 'title', 'message'],
    },
  },
  required: ['error'],
}

const version = {
  name: 'OpenStack-API-Version',
  in: 'header',
  description: `container-infra 1.1 to container-infra 1.${lastMinor}, or "container-infra latest"; 1.1 without it`,
  schema: { type: 'string' },
}

export function openApiDocument(routes: readonly Route[], serverUrl: string): Schema {
  const paths = Map.groupBy(routes, ({ path }) => `/v1${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  return {
    openapi: '3.1.0',
    info: { title: 'Croque: OpenStack Container Infrastructure API', version: `1.${lastMinor}` },
    servers: [{ url: serverUrl }],
    security: [{ token: [] }],
    components: {
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
      responses: {
        error: { description: 'A refusal', content: json(errors) },
        unauthorized: { description: 'Not with a valid token', content: json(keystone) },
        unavailable: { description: 'Not now', content: json({ anyOf: [errors, keystone] }) },
      },
    },
    paths: Object.fromEntries([...paths].map(([path, own]) => [path, pathItem(own)])),
  }
}

const json = (schema: Schema): Schema => ({ 'application/json': { schema } })

function pathItem(routes: readonly Route[]): Schema {
  const parameters = [...(routes[0]?.path ?? '').matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return {
    parameters: [...parameters, version],
    ...Object.fromEntries(routes.map((route) => [route.method.toLowerCase(), operation(route)])),
  }
}

function operation({ name, versions, describes = { summary: name } }: Route): Schema {
  const { summary, query = {}, body } = describes
  const parameters = Object.entries(query).map(([key, schema]) => ({ name: key, in: 'query', schema }))
  const range = versions === undefined ? {} : { 'x-microversions': versions }
  return {
    operationId: name,
    summary,
    ...range,
    parameters,
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: {
      [String(describes.status ?? 200)]: success(describes),
      ...(describes.firstStatus === undefined ? {} : { [String(describes.firstStatus)]: success(describes) }),
      '401': { $ref: '#/components/responses/unauthorized' },
      '4XX': { $ref: '#/components/responses/error' },
      '503': { $ref: '#/components/responses/unavailable' },
    },
  }
}

function success({ answer }: RouteDescription): Schema {
  return answer === undefined ? { description: 'Done' } : { description: 'Done', content: json(answer) }
}
