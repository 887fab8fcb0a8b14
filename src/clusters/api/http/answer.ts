/** From a request that was admitted to its answer: versions, types, the route. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiReply, Route } from '../route.ts'
import {
  acceptsJson,
  errorBody,
  inRange,
  missingArgument,
  negotiate,
  prefersJson,
  readArguments,
  routerErrorBody,
  versionErrorBody,
} from '../wire/index.ts'
import { parseJsonBody } from './body.ts'
import { exchangeOf, header, pathOf, send } from './exchange.ts'
import type { ApiServerOptions } from './options.ts'
import { controllerOf, tooEarly, type Unrouted, unrouted } from './unrouted.ts'

type Spoken = { readonly minor: number; readonly headers: Readonly<Record<string, string>> }

/** The version that is spoken, or the refusal. */
function spokenVersion(request: FastifyRequest): Spoken | ApiReply {
  const prefers = prefersJson(request.headers.accept)
  const negotiated = negotiate(header(request, 'openstack-api-version'))
  if (negotiated.ok) {
    if (acceptsJson(request.headers.accept)) return negotiated
    return { status: 406, body: routerErrorBody(406, '', false) }
  }
  if ('detail' in negotiated) return { status: 406, body: routerErrorBody(406, negotiated.detail, prefers) }
  return { status: 406, body: versionErrorBody(negotiated, prefers), headers: negotiated.headers }
}

export async function answerRoute(
  options: ApiServerOptions,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const exchange = exchangeOf(request)
  const spoken = spokenVersion(request)
  if ('status' in spoken) return send(reply, spoken)
  if (!inRange(route.versions, spoken.minor)) return answerUnroutedAt(options, request, reply, { ...spoken, route })
  exchange.route = route.name
  const { caller } = exchange
  if (caller === undefined) throw new Error('A route was reached without a caller')
  reply.headers(spoken.headers)
  const body = bodyOf(route, request)
  const answer = await route.handle({
    caller,
    version: { minor: spoken.minor },
    params: request.params as Readonly<Record<string, string>>,
    query: queryOf(request),
    body,
    requestId: exchange.ids.own,
    baseUrl: baseUrlOf(options, request),
    signal: signalOf(reply, options.timeouts?.answer ?? 120_000),
  })
  return send(reply, answer)
}

function bodyOf({ method }: Route, request: FastifyRequest): unknown {
  if (method === 'GET' || method === 'DELETE') return undefined
  return typeof request.body === 'string' ? parseJsonBody(request.body, request.headers['content-type']) : undefined
}

const queryOf = (request: FastifyRequest): URLSearchParams => {
  const at = request.url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1))
}

/** What came in as Host is repeated in links only when it looks like one. */
function baseUrlOf({ publicUrl }: Pick<ApiServerOptions, 'publicUrl'>, request: FastifyRequest): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '')
  const host = header(request, 'host') ?? ''
  return `http://${/^[\w.-]+(?::\d{1,5})?$|^\[[\da-fA-F:.]+\](?::\d{1,5})?$/.test(host) ? host : 'localhost'}`
}

function signalOf(reply: FastifyReply, timeoutMs: number): AbortSignal {
  const closed = new AbortController()
  reply.raw.once('close', () => closed.abort())
  return AbortSignal.any([closed.signal, AbortSignal.timeout(timeoutMs)])
}

/** A path that no route has, or one of ours that needs no caller. */
export async function answerUnrouted(
  options: ApiServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  document?: (baseUrl: string) => unknown,
): Promise<FastifyReply> {
  const isRoot = /^\/*$/.test(pathOf(request))
  const spoken = isRoot ? { minor: 1, headers: {} } : spokenVersion(request)
  if ('status' in spoken) return send(reply, spoken)
  if (document === undefined) return answerUnroutedAt(options, request, reply, spoken)
  exchangeOf(request).route = 'discovery'
  reply.headers(spoken.headers)
  readArguments(queryOf(request), {})
  return send(reply, { status: 200, body: document(baseUrlOf(options, request)) })
}

function answerUnroutedAt(
  { routes }: ApiServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  { minor, headers, route }: Spoken & { readonly route?: Route },
): FastifyReply {
  const path = pathOf(request).replace(/^\/v1(?=\/|$)/, '')
  const early = route !== undefined && minor < (route.versions?.from ?? 1)
  const found = early
    ? tooEarly(familyOf(routes, route), controllerOf(route), minor)
    : isDiscovery(path)
      ? ({ status: 405, allow: 'GET' } as const)
      : unrouted(routes, { method: request.method, path, minor })
  return send(reply, answerOf(found, prefersJson(request.headers.accept), headers))
}

/** An action stands for itself, every other route for its controller. */
function familyOf(routes: readonly Route[], route: Route): readonly Route[] {
  const name = controllerOf(route)
  return name.endsWith('/actions') ? [route] : routes.filter((other) => controllerOf(other) === name)
}

const isDiscovery = (path: string): boolean => /^\/?$/.test(path)

function answerOf(found: Unrouted, prefers: boolean, headers: Spoken['headers']): ApiReply {
  switch (found.status) {
    case 400:
      return { status: 400, body: errorBody(missingArgument(found.missing)), headers }
    case 404:
      return { status: 404, body: routerErrorBody(404, '', prefers) }
    case 405:
      return { status: 405, body: routerErrorBody(405, '', prefers), headers: { allow: found.allow } }
    case 406:
      return { status: 406, body: routerErrorBody(406, found.detail, prefers) }
  }
}
