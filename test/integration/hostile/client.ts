/** A client of several replicas, as one behind a gateway is: who gets no answer, or a 503, asks the next one. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** @default the one of the client */
  readonly token?: string
}

export interface Answered {
  readonly status: number
  // Tests look into bodies without types.
  readonly body: Readonly<Record<string, unknown>>
}

/** Undefined: no answer came, or a 503; whether it was carried out is not known. */
export async function askOnce(url: string, token: string, asked: Asked): Promise<Answered | undefined> {
  const { method = 'GET', path, body } = asked
  const headers = {
    'x-auth-token': asked.token ?? token,
    'openstack-api-version': 'container-infra latest',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  try {
    const response = await fetch(`${url}/v1${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.status === 503) return undefined
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  } catch {
    return undefined
  }
}

export interface Client {
  /** At any replica, until one answers; `unsure` is called after each request without an answer. */
  readonly ask: (asked: Asked, unsure?: () => Promise<Answered | undefined>) => Promise<Answered>
}

export interface ClientOptions {
  /** Chooses replicas. @default Math.random */
  readonly next?: () => number
  /** Told of each request before it is sent. */
  readonly sends?: (url: string, asked: Asked) => void
}

/** What `unsure` returns ends the repeating: somebody found out that the request had been carried out. */
export function clientOf(urls: readonly string[], token: string, options: ClientOptions = {}): Client {
  const { next = Math.random, sends } = options
  return {
    ask: async (asked, unsure) => {
      for (let tries = 0; tries < 600; tries += 1) {
        const url = urls[Math.floor(next() * urls.length)] ?? ''
        sends?.(url, asked)
        const answer = (await askOnce(url, token, asked)) ?? (await unsure?.())
        if (answer !== undefined) return answer
        await sleep(100)
      }
      throw new Error(`No replica answered ${asked.method ?? 'GET'} ${asked.path}`)
    },
  }
}
