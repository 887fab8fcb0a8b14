/** The API's listener. */
import type { Server } from 'node:https'
import { type ApiServerOptions, createApiServer, type LogLine, stopApiServer } from '../api/index.ts'
import type { Clock } from '../clock/index.ts'
import type { ServiceConfig } from './config.ts'
import { errorText, type Log } from './log.ts'
import { keepCurrent, readPair, tlsFiles } from './tls.ts'

export interface ListenOptions {
  readonly config: ServiceConfig
  readonly log: Log
  readonly clock: Clock
}

export type Handlers = Pick<
  ApiServerOptions,
  'routes' | 'authenticate' | 'metrics' | 'isReady' | 'desk' | 'reviews' | 'autoscalers'
>

/** Resolves to its URL; what it takes to stop goes to `parts`. */
export async function listenApi(
  { config, log, clock }: ListenOptions,
  handlers: Handlers,
  parts: AsyncDisposableStack,
): Promise<string> {
  const { api } = config
  const files = tlsFiles(config)
  const pair = files === undefined ? undefined : await readPair(files)
  const server = createApiServer({
    ...handlers,
    log: (line) => log(said(line)),
    bodyLimit: api.max_request_body_size,
    ...(api.public_url === undefined ? {} : { publicUrl: api.public_url }),
    ...(api.requests_per_second === undefined
      ? {}
      : { rateLimit: { perSecond: api.requests_per_second, burst: api.request_burst } }),
    ...(pair === undefined ? {} : { tls: pair }),
  })
  parts.defer(async () => await stopApiServer(server, api.shutdown_seconds * 1000))
  const url = await server.listen({ host: api.host, port: api.port })
  if (files === undefined || pair === undefined) return url
  const ended = new AbortController()
  const renewing = keepCurrent(() => readPair(files), pair, {
    // What Fastify takes for a plain one.
    server: server.server as unknown as Server,
    clock,
    signal: ended.signal,
    onRenewal: () => log({ level: 'INFO', message: 'The certificate was renewed' }),
    onFailure: (error) =>
      log({ level: 'WARNING', message: `The certificate could not be read again: ${errorText(error)}` }),
  })
  parts.defer(async () => {
    ended.abort()
    await renewing
  })
  return url.replace(/^http:/, 'https:')
}

/** A line about a request, in the words of every other service's log. */
export function said({ kind, requestId, ...facts }: LogLine): Parameters<Log>[0] {
  const { method = '', path = '', status = '' } = facts as { method?: string; path?: string; status?: number }
  const level = kind === 'error' ? 'ERROR' : 'INFO'
  return { level, message: `${method} ${path} ${status}`.trim(), requestId, facts: { kind, ...facts } }
}
