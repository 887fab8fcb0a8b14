/** What is left of a request: a line in the log, an audit line when it changed something, and metrics. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Metrics } from '../../metrics/index.ts'
import { exchangeOf, pathOf } from './exchange.ts'

/** One JSON object of the log. Holds no token and no body. */
export interface LogLine {
  readonly kind: 'request' | 'audit' | 'error'
  readonly requestId: string
  readonly [key: string]: unknown
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function recorder({
  log,
  metrics,
}: {
  readonly log: (line: LogLine) => void
  readonly metrics: Metrics
}): (request: FastifyRequest, reply: FastifyReply) => void {
  const requests = metrics.counter({ name: 'croque_api_requests_total', help: 'Requests by route, method and status.' })
  const seconds = metrics.histogram({
    name: 'croque_api_request_seconds',
    help: 'Time from the headers of a request to the end of its answer.',
    buckets,
  })
  return (request, reply) => {
    const exchange = exchangeOf(request)
    const { route, ids, caller, failure } = exchange
    const elapsed = (performance.now() - exchange.begun) / 1000
    const { method } = request
    const status = reply.statusCode
    requests.add({ route, method: methodLabel(method), status })
    seconds.observe(elapsed, { route })
    const line = {
      requestId: ids.own,
      ...(ids.global === undefined ? {} : { globalRequestId: ids.global }),
      method,
      path: pathOf(request).slice(0, 1024),
      route,
      status,
      userId: caller?.userId,
      projectId: caller?.projectId,
    }
    log({ kind: 'request', ...line, seconds: Number(elapsed.toFixed(6)), remote: request.ip })
    if (failure !== undefined) log({ kind: 'error', ...line, error: told(failure) })
    if (isChange(method) && caller !== undefined && route !== 'none')
      log({ kind: 'audit', ...line, outcome: status < 400 ? 'success' : 'failure', parameters: request.params })
  }
}

const methods = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'OPTIONS']

/** Callers must not be able to make series. */
const methodLabel = (method: string): string => (methods.includes(method) ? method : 'other')

const isChange = (method: string): boolean => method === 'POST' || method === 'PATCH' || method === 'DELETE'

function told(failure: unknown): unknown {
  if (!(failure instanceof Error)) return String(failure)
  const cause = failure.cause === undefined ? {} : { cause: told(failure.cause) }
  return { name: failure.name, message: failure.message, stack: failure.stack, ...cause }
}
