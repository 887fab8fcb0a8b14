/** One HTTP exchange: own CA, keep-alive, bounded silence. Knows nothing of OpenStack. */
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import tls from 'node:tls'

export interface ExchangeOptions {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Readable
  readonly signal?: AbortSignal
}

export interface Exchanged {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface TransportOptions {
  /** PEM text of the CA that signed the endpoints' certificates, beside the system's own. */
  readonly ca?: string
  /** Longest silence on a connection, in milliseconds. */
  readonly timeoutMs: number
  /** Addresses of host names, in place of the system's. */
  readonly lookup?: LookupFunction
  /** Makes the connections to `https` addresses, in place of the system's. */
  readonly dial?: Dial
}

/** A connection to where the public APIs are, whatever their name says. */
export type Dial = () => Promise<Duplex>

/** Sends requests over kept-alive connections. `close` ends idle connections, so that a program can exit. */
export interface Transport {
  readonly send: (options: ExchangeOptions) => Promise<Exchanged>
  readonly close: () => void
}

/** A failure below HTTP, with the system's code (`ECONNREFUSED`, `ETIMEDOUT`, …). */
export class TransportError extends Error {
  readonly code: string
  /** The request certainly did not reach the service. */
  readonly unsent: boolean

  constructor(message: string, code: string, unsent: boolean, cause: unknown) {
    super(message, { cause })
    this.name = 'TransportError'
    this.code = code
    this.unsent = unsent
  }
}

/** A handshake takes milliseconds; one that takes longer went to a proxy that has just ended, and the next one goes elsewhere. */
const connectMs = 10_000

export function transport(options: TransportOptions): Transport {
  // Shorter than the idle limit of common proxies (10 s and more), so that a connection is seldom closed under a request.
  const keep = { keepAlive: true, maxSockets: 8, timeout: Math.min(options.timeoutMs, 5000) }
  const plain = new http.Agent(keep)
  const secure = new https.Agent({ ...keep, ...(options.ca === undefined ? {} : { ca: options.ca }) })
  if (options.dial !== undefined) secure.createConnection = dialled(options.dial)
  return {
    send: (exchange) => send(exchange, options, exchange.url.protocol === 'http:' ? plain : secure),
    close: () => {
      plain.destroy()
      secure.destroy()
    },
  }
}

/** TLS over a stream that somebody else has made. */
function dialled(dial: Dial): https.Agent['createConnection'] {
  return (options, done) => {
    const given = options as tls.ConnectionOptions
    const failed = (error: Error): void => done?.(error, undefined as never)
    dial().then((socket) => {
      const servername = given.servername ?? given.host
      const secured = tls.connect({ ...given, socket, ...(servername === undefined ? {} : { servername }) })
      const limit = setTimeout(
        () => secured.destroy(Object.assign(new Error('no handshake in time'), { code: 'ETIMEDOUT' })),
        connectMs,
      )
      secured.once('close', () => clearTimeout(limit))
      secured.once('error', failed)
      secured.once('secureConnect', () => {
        clearTimeout(limit)
        secured.off('error', failed)
        done?.(null, secured)
      })
    }, failed)
    return undefined
  }
}

function send(exchange: ExchangeOptions, options: TransportOptions, agent: http.Agent): Promise<Exchanged> {
  const { url, body, signal } = exchange
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'http:' ? http.request : https.request
    const request = start(url, {
      method: exchange.method,
      headers: { ...exchange.headers, ...bodyHeaders(body) },
      agent,
      timeout: options.timeoutMs,
      ...(signal === undefined ? {} : { signal }),
      ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    })
    let connected = false
    const expire = (what: string, ms: number): void =>
      void request.destroy(Object.assign(new Error(`no ${what} within ${ms / 1000} s`), { code: 'ETIMEDOUT' }))
    request.on('socket', (socket) => {
      connected = !socket.connecting
      if (connected) return
      const limit = Math.min(options.timeoutMs, connectMs)
      const timer = setTimeout(() => expire('connection', limit), limit)
      socket.once('close', () => clearTimeout(timer))
      socket.once(url.protocol === 'http:' ? 'connect' : 'secureConnect', () => {
        clearTimeout(timer)
        connected = true
      })
    })
    request.on('timeout', () => expire('answer', options.timeoutMs))
    const fail = (cause: NodeJS.ErrnoException): void => {
      if (typeof body === 'object') body.destroy()
      const stale = request.reusedSocket && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE')
      const failure = new TransportError(cause.message, cause.code ?? 'UNKNOWN', !connected || stale, cause)
      reject(signal?.aborted ? cause : failure)
    }
    request.on('error', fail)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: flat(response.headers),
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    if (typeof body !== 'object') return void request.end(body)
    body.on('error', (cause) => request.destroy(cause))
    body.pipe(request)
  })
}

function bodyHeaders(body: ExchangeOptions['body']): Record<string, string> {
  return typeof body === 'string' ? { 'content-length': String(Buffer.byteLength(body)) } : {}
}

function flat(headers: http.IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}
