/** What operators ask, on a listener of its own that no gateway leads to: metrics, the OpenAPI document, liveness and readiness. */
import fastify, { type FastifyInstance } from 'fastify'
import type { Metrics } from '../../metrics/index.ts'
import type { Schema } from '../route.ts'

export interface SideServerOptions {
  readonly metrics: Metrics
  readonly openApi: Schema
  /** Whether requests should be sent here. */
  readonly isReady: () => boolean
}

/** `/metrics`, `/openapi.json`, `/livez`, `/readyz`. Not listening yet. */
export function createSideServer({ metrics, openApi, isReady }: SideServerOptions): FastifyInstance {
  const app = fastify({ logger: false, requestTimeout: 10_000, forceCloseConnections: true })
  app.get('/metrics', (_request, reply) =>
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(metrics.expose()),
  )
  app.get('/openapi.json', (_request, reply) => reply.send(openApi))
  app.get('/livez', (_request, reply) => reply.send('ok'))
  app.get('/readyz', (_request, reply) => (isReady() ? reply.send('ok') : reply.code(503).send('not ready')))
  return app
}
