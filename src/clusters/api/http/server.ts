/**
 * The API's server: the steps every request takes, in one list ({@link ApiServerOptions} says what each of them is given).
 *
 * 1. an id, `X-Openstack-Request-Id`
 * 2. who calls (401, 503), unless it asks for `/`, `/v1` or `/healthcheck`, or is a node, an API server or an autoscaler of a cluster; before a body is read
 * 3. whether the caller may send that much (429)
 * 4. the body, up to its limit (413)
 * 5. the microversion (406), whether JSON is accepted (406), whether the route is of that version (406)
 * 6. the body's JSON (400, 415)
 * 7. the route answers
 * 8. the log, the audit line of a change, the metrics
 */
import { randomUUID } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { ApiError } from '../route.ts'
import { answerRoute, answerUnrouted } from './answer.ts'
import { addAutoscalers, isForAutoscalers } from './autoscalers.ts'
import { addDesk, isForDesk } from './desk.ts'
import { rootDocument, versionDocument } from './discovery.ts'
import { beginExchange, exchangeOf, pathOf, send } from './exchange.ts'
import type { ApiServerOptions } from './options.ts'
import { rateLimiter } from './rate.ts'
import { recorder } from './record.ts'
import { refuse } from './refuse.ts'
import { requestIds } from './request-id.ts'
import { addReviews, isForReviews } from './reviews.ts'
import { answerUnreadable } from './unreadable.ts'

/** Not listening yet. `close` lets requests that are under way end, and refuses new ones with 503. */
export function createApiServer(options: ApiServerOptions): FastifyInstance {
  const { timeouts = {}, routes, tls } = options
  const headersTimeout = timeouts.headers ?? 10_000
  // Node looks for connections that are late only so often, by default every half minute.
  const late = { headersTimeout, connectionsCheckingInterval: Math.min(1000, headersTimeout) }
  const app = fastify({
    logger: false,
    // Not by a `serverFactory`: Fastify sets its timeouts on servers of its own making only.
    ...(tls === undefined ? { http: late } : ({ https: { ...late, ...tls } } as object)),
    bodyLimit: options.bodyLimit ?? 256 * 1024,
    requestTimeout: timeouts.request ?? 30_000,
    keepAliveTimeout: timeouts.keepAlive ?? 65_000,
    // Nobody reads or writes for that long: the client went away without a word.
    connectionTimeout: (timeouts.answer ?? 120_000) + 10_000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    clientErrorHandler: answerUnreadable,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 1024 },
    frameworkErrors: (error, _request, reply) => {
      // No hook runs for a URL that cannot be read: it is nobody's request.
      send(reply.header('x-openstack-request-id', `req-${randomUUID()}`), refuse(error).reply)
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text))

  const record = recorder(options)
  const admitted = admission(options)
  app.addHook('onRequest', async (request, reply) => {
    const ids = requestIds(request.headers['x-openstack-request-id'], randomUUID)
    beginExchange(request, { ids, begun: performance.now(), route: 'none' })
    reply.header('x-openstack-request-id', ids.own)
    // The router would end the path there, and whoever looks at access rules would not.
    if (request.url.includes('#')) throw new ApiError(400, 'A fragment (#) is no part of what a request asks for.')
    const path = pathOf(request)
    if (![isPublic, isForDesk, isForReviews, isForAutoscalers].some((isFor) => isFor(path))) await admitted(request)
  })
  app.addHook('onResponse', async (request, reply) => record(request, reply))
  app.setErrorHandler((error, request, reply) => {
    const { reply: answer, unexpected } = refuse(error)
    if (unexpected) exchangeOf(request).failure = error
    return send(reply, answer)
  })
  addDiscovery(app, options)
  if (options.desk !== undefined) addDesk(app, options.desk)
  if (options.reviews !== undefined) addReviews(app, options.reviews)
  if (options.autoscalers !== undefined) addAutoscalers(app, options.autoscalers)
  for (const route of routes) {
    for (const prefix of ['/v1', '']) {
      const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
        answerRoute(options, route, request, reply)
      app.route({ method: route.method, url: `${prefix}${route.path}`, handler })
    }
  }
  app.setNotFoundHandler((request, reply) => answerUnrouted(options, request, reply))
  return app
}

/** Takes no new requests, lets those that are under way end, and after `graceMs` ends whatever connection is left. */
export async function stopApiServer(app: FastifyInstance, graceMs: number): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), graceMs)
  await app.close()
  clearTimeout(late)
}

const isPublic = (path: string): boolean => /^(?:\/v1(?:\.json)?|\/healthcheck)?\/?$/.test(path)

/** Who calls, and whether not too often. */
function admission({ authenticate, rateLimit }: ApiServerOptions): (request: FastifyRequest) => Promise<void> {
  const limiter = rateLimit === undefined ? undefined : rateLimiter(rateLimit, () => performance.now())
  return async (request) => {
    const { headers, method } = request
    const caller = await authenticate({ headers, method, path: request.url.split('?', 1)[0] ?? '' })
    exchangeOf(request).caller = caller
    const wait = limiter?.admit(`${caller.userId} ${caller.projectId ?? ''}`) ?? 0
    if (wait > 0) throw new TooManyError(wait)
  }
}

class TooManyError extends Error {
  readonly reply

  constructor(seconds: number) {
    super('too many requests')
    const detail = `Too many requests. Try again in ${seconds} s.`
    this.reply = { ...refuse(new ApiError(429, detail)).reply, headers: { 'retry-after': String(seconds) } }
  }
}

function addDiscovery(app: FastifyInstance, options: ApiServerOptions): void {
  app.get('/', (request, reply) => answerUnrouted(options, request, reply, rootDocument))
  app.get('/v1', (request, reply) => answerUnrouted(options, request, reply, versionDocument))
  const healthy = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    exchangeOf(request).route = 'healthcheck'
    const isReady = options.isReady?.() ?? true
    const answer = reply.code(isReady ? 200 : 503).header('content-type', 'text/plain; charset=UTF-8')
    return answer.send(isReady ? 'OK' : 'not ready')
  }
  app.route({ method: ['GET', 'HEAD'], url: '/healthcheck', handler: healthy })
}
