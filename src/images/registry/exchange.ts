/** One HTTPS exchange with a registry: bodies are streamed, answers are small. Knows nothing of registries. */
import type { Agent, IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'

export interface Body {
  readonly size: number
  /** Opened for each attempt. */
  readonly open: () => Readable
}

export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The beginning of the body. */
  readonly text: string
}

/** There was no answer: nobody is there, or the connection broke. */
export class Dropped extends Error {
  /** The system's or OpenSSL's code: `ECONNREFUSED`, `SELF_SIGNED_CERT_IN_CHAIN`. */
  readonly code: string

  constructor(cause: Error & { readonly code?: string }) {
    super(cause.message, { cause })
    this.name = 'Dropped'
    this.code = cause.code ?? 'UNKNOWN'
  }
}

/** Tokens and error messages are a few kilobytes. */
const longestAnswer = 1 << 20

/** Throws {@link Dropped} when no answer comes, or nothing moves for `silenceMs`; the signal's reason when that aborts. */
export function exchange(what: Exchange, agent: Agent, silenceMs: number): Promise<Answer> {
  const { body, signal } = what
  return new Promise((resolve, reject) => {
    const request = httpsRequest(what.url, {
      method: what.method,
      agent,
      signal,
      headers: { 'user-agent': 'croque', ...lengthOf(what), ...what.headers },
    })
    const source = body?.open()
    const fail = (cause: Error): void => {
      source?.destroy()
      reject(signal.aborted ? cause : new Dropped(cause))
    }
    request.setTimeout(silenceMs, () =>
      request.destroy(Object.assign(new Error(`nothing was heard for ${silenceMs / 1000} s`), { code: 'ETIMEDOUT' })),
    )
    request.on('error', fail)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length <= longestAnswer) chunks.push(chunk)
      })
      response.on('error', fail)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        // A refusal may come before all was sent; the rest need not go.
        if (source?.readableEnded === false) {
          source.destroy()
          request.destroy()
        }
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    if (source === undefined) return void request.end()
    // A file that cannot be read is no fault of the connection's.
    source.on('error', (cause) => {
      reject(cause)
      request.destroy()
    })
    source.pipe(request)
  })
}

const lengthOf = ({ method, body }: Exchange): Readonly<Record<string, string>> =>
  method === 'GET' || method === 'HEAD' ? {} : { 'content-length': String(body?.size ?? 0) }
