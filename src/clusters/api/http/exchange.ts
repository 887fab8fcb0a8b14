/** One request on its way: what is known of it before a route is reached. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../../identity/caller.ts'
import type { ApiReply } from '../route.ts'
import type { RequestIds } from './request-id.ts'

export interface Exchange {
  readonly ids: RequestIds
  /** `performance.now()` at its beginning. */
  readonly begun: number
  caller?: Caller
  /** For logs and metrics: the name of the route, or what was wrong with it. */
  route: string
  /** What was thrown where nothing should be. */
  failure?: unknown
}

const exchanges = new WeakMap<FastifyRequest, Exchange>()

export function beginExchange(request: FastifyRequest, exchange: Exchange): void {
  exchanges.set(request, exchange)
}

/** @throws Error when it has not begun */
export function exchangeOf(request: FastifyRequest): Exchange {
  const exchange = exchanges.get(request)
  if (exchange === undefined) throw new Error('A request came past its beginning')
  return exchange
}

/** The header of one value; of several, none. */
export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** Without the query, without `/v1`, without slashes at the end. */
export function pathOf(request: FastifyRequest): string {
  const [path = ''] = request.url.split('?', 1)
  return path.replace(/\/{2,}/g, '/')
}

export function send(reply: FastifyReply, { status, body, headers = {} }: ApiReply): FastifyReply {
  reply.code(status).headers(headers)
  if (body === undefined) return reply.send()
  // To a text Fastify would add a charset, which RFC 8259 has none of and Magnum neither.
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(body)))
}
