/** HTTPS to one API server: keep-alive connections, client certificate, bounded retries, a count of writes. */

import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../errors/index.ts'
import { isTransient, KubeError, refusal } from './answer.ts'
import type { KubeEndpoint, KubeOptions } from './endpoint.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  /** @default 'application/json' */
  readonly contentType?: string
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface Transport {
  /** One call with retries. Throws a {@link KubeError} for a refusal, `kube-unreachable` when nobody answers. */
  call(call: Call): Promise<Answer>
  /** Opens a stream (watch, logs): one attempt, no time limit; the caller reads and destroys it. */
  stream(call: Call): Promise<IncomingMessage>
  /** Non-GET requests sent without `dryRun`, repeated attempts included. */
  writes(): number
  close(): void
}

/**
 * JSON that is the same value read as YAML, as the API server reads what is applied: YAML forbids control characters in a text, and
 * takes some of Unicode's line breaks for its own.
 */
const jsonText = (body: unknown): string =>
  JSON.stringify(body).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

export function createTransport(endpoint: KubeEndpoint, options: KubeOptions): Transport {
  const tls = tlsOf(endpoint)
  const calls = new Agent({ ...tls, keepAlive: true, maxSockets: options.connections ?? 24 })
  // Streams stay open for minutes: they must not use up the sockets of short calls.
  const streams = new Agent({ ...tls, keepAlive: true })
  const timeoutMs = (options.timeoutSeconds ?? 30) * 1000
  let writes = 0

  const send = async (call: Call, agent: Agent, limit: number): Promise<IncomingMessage> => {
    const token = await endpoint.token?.()
    if (call.method !== 'GET' && call.query?.['dryRun'] === undefined) writes += 1
    return new Promise((resolve, reject) => {
      const payload = call.body === undefined ? undefined : jsonText(call.body)
      const request = httpsRequest(new URL(call.path + queryOf(call.query), endpoint.server), {
        method: call.method,
        agent,
        headers: {
          accept: 'application/json',
          'user-agent': 'croque',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(payload === undefined
            ? {}
            : { 'content-type': call.contentType ?? 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      })
      if (limit > 0) request.setTimeout(limit, () => request.destroy(new Error(`no answer within ${limit / 1000} s`)))
      request.on('error', reject)
      request.on('response', resolve)
      request.end(payload)
    })
  }

  const once = async (call: Call): Promise<Answer> => {
    const [status, text, type = ''] = await send(call, calls, timeoutMs)
      .then(
        async (response) =>
          [response.statusCode ?? 0, await textOf(response), response.headers['content-type']] as const,
      )
      .catch((cause: unknown) => {
        throw call.signal?.aborted === true ? cause : unreachable(endpoint, cause)
      })
    if (status >= 400) throw refusal(status, text, whatOf(call))
    // Health checks answer in plain text.
    return { status, body: text === '' ? undefined : /\bjson\b/.test(type) ? JSON.parse(text) : text }
  }

  const open = async (call: Call): Promise<IncomingMessage> => {
    const response = await send(call, streams, 0).catch((cause: unknown) => {
      throw call.signal?.aborted === true ? cause : unreachable(endpoint, cause)
    })
    const status = response.statusCode ?? 0
    if (status >= 400) throw refusal(status, await textOf(response), whatOf(call))
    return response
  }

  /** /readyz is open to everybody. */
  const ready = async (): Promise<boolean> =>
    await once({ method: 'GET', path: '/readyz' }).then(
      () => true,
      () => false,
    )

  return {
    call: (call) => retrying(() => believing(() => once(call), ready), options, call.signal),
    stream: (call) => believing(() => open(call), ready),
    writes: () => writes,
    close: () => {
      calls.destroy()
      streams.destroy()
    },
  }
}

/** What a TLS connection to the API server is made with. */
export function tlsOf({ ca, clientCert, clientKey, serverName }: KubeEndpoint) {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(clientCert === undefined ? {} : { cert: clientCert }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  }
}

/** An API server that has just started forbids everything until it has read its roles: such a refusal says nothing. */
async function believing<T>(attempt: () => Promise<T>, ready: () => Promise<boolean>): Promise<T> {
  let wasReady = false
  for (let asked = 0; ; asked += 1) {
    try {
      return await attempt()
    } catch (error) {
      // It counts when the server was ready before it was asked.
      if (!(error instanceof KubeError) || error.status !== 403 || wasReady || asked >= 100) throw error
      wasReady = await ready()
      await sleep(200)
    }
  }
}

async function retrying<T>(
  attempt: () => Promise<T>,
  options: KubeOptions,
  signal: AbortSignal | undefined,
): Promise<T> {
  const until = performance.now() + (options.retrySeconds ?? 60) * 1000
  for (let pause = 100; ; pause = Math.min(pause * 2, 3000)) {
    try {
      return await attempt()
    } catch (error) {
      const wait = Math.max(pause, retryAfter(error))
      if (!isTransient(error) || performance.now() + wait > until) throw error
      options.onRetry?.(error instanceof CroqueError ? (error.why ?? error.message) : String(error))
      await sleep(wait, undefined, signal === undefined ? {} : { signal })
    }
  }
}

function retryAfter(error: unknown): number {
  return error instanceof KubeError ? (error.answer.details?.retryAfterSeconds ?? 0) * 1000 : 0
}

function unreachable(endpoint: KubeEndpoint, cause: unknown): CroqueError {
  const why = cause instanceof AggregateError ? cause.errors.map(String).join('; ') : String(cause)
  return new CroqueError('kube-unreachable', {
    what: `The API server at ${endpoint.server} does not answer`,
    why,
    cause,
  })
}

function whatOf(call: Call): string {
  return `The API server refused ${call.method} ${call.path}`
}

function queryOf(query: Call['query']): string {
  const entries = Object.entries(query ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
