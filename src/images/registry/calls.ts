/** Calls to one registry: authorised, tried again where that helps, and every failure told as what it is. */
import { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { getCACertificates } from 'node:tls'
import { CroqueError } from '../../errors/index.ts'
import { authorization } from './authorization.ts'
import { authFiles, findCredentials, type GivenAuth } from './credentials.ts'
import { type Answer, Dropped, type Exchange, exchange } from './exchange.ts'
import type { Place } from './place.ts'

export interface RegistryOptions {
  readonly place: Place
  /** Where the auth files and a proxy are named. */
  readonly env: Readonly<Record<string, string>>
  /** In place of the auth files. */
  readonly auth?: GivenAuth
  /** PEM, beside the system's CAs. */
  readonly ca?: string
  readonly signal: AbortSignal
  /** Waits between attempts, milliseconds. @default half a second, doubling, for half a minute */
  readonly pauses?: readonly number[]
  /** The longest time without a byte, milliseconds. @default a minute */
  readonly silenceMs?: number
}

export interface Call extends Omit<Exchange, 'signal' | 'url'> {
  /** A path, or a URL that the registry gave. */
  readonly to: string | URL
  /** `repository:a/b:pull,push`, several with blanks between. */
  readonly scope: string
  /** Statuses that are an answer; any other is thrown. */
  readonly expects: readonly number[]
}

export interface Calls {
  /** One attempt. Throws {@link Dropped} for a connection that broke after the registry had answered before. */
  once(call: Call): Promise<Answer>
  /** For what may be done twice: tries again after a broken connection, 429 and 5xx. */
  call(call: Call): Promise<Answer>
  /** Runs `attempt` again in the same way, as long as it fails so; `progress` tells when the count begins anew. */
  persist<T>(attempt: () => Promise<T>, progress?: () => unknown): Promise<T>
  close(): void
}

const usualPauses = [500, 1000, 2000, 4000, 8000, 16_000]

/** A registry that is not well: it may be in a moment. */
class Unwell extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`${answer.status}`)
    this.answer = answer
  }
}

export async function openCalls(options: RegistryOptions): Promise<Calls> {
  const { place, signal, pauses = usualPauses, silenceMs = 60_000 } = options
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 8,
    timeout: silenceMs,
    ca: trusted(options.ca),
    proxyEnv: options.env,
  })
  const credentials = await findCredentials(place, options.env, options.auth)
  const origin = new URL(`https://${place.host}`).origin
  let answered = false

  const send = async (what: Omit<Exchange, 'signal'>): Promise<Answer> => {
    try {
      const answer = await exchange({ ...what, signal }, agent, silenceMs)
      answered = true
      return answer
    } catch (error) {
      if (error instanceof Dropped && !answered) throw unreachable(place, error)
      throw error
    }
  }
  const proof = authorization({ host: place.host, credentials, send, now: () => performance.now() })

  const once = async (call: Call): Promise<Answer> => {
    const { scope, expects: _, to, ...rest } = call
    const url = new URL(to, origin)
    // What a registry behind a proxy takes for its own address; nothing goes without TLS.
    if (url.protocol === 'http:') url.protocol = 'https:'
    // Some registries let a store elsewhere take the bytes, by a URL that says all: it is not told who one is.
    const isOurs = url.origin === origin
    const header = (): string | undefined => (isOurs ? proof.header(scope) : undefined)
    const sendWith = async (authorization: string | undefined): Promise<Answer> =>
      await send({
        ...rest,
        url,
        headers: { ...rest.headers, ...(authorization === undefined ? {} : { authorization }) },
      })
    const sent = header()
    let answer = await sendWith(sent)
    if (isOurs && answer.status === 401 && (await proof.obtain(scope, answer, sent))) answer = await sendWith(header())
    if (call.expects.includes(answer.status)) return answer
    if (answer.status === 401 || answer.status === 403) throw refused(options, answer, credentials !== undefined)
    if (answer.status === 429 || answer.status >= 500) throw new Unwell(answer)
    throw failed(place, call, answer)
  }
  const persist: Calls['persist'] = async (attempt, progress = () => 0) => {
    for (let tried = 0, reached = progress(); ; tried += 1) {
      try {
        return await attempt()
      } catch (error) {
        if (!(error instanceof Dropped || error instanceof Unwell)) throw error
        if (progress() !== reached) tried = 0
        reached = progress()
        const pause = pauses[tried]
        if (pause === undefined) throw lost(place, error)
        await sleep(pause, undefined, { signal })
      }
    }
  }
  return {
    once,
    persist,
    call: async (call) => await persist(async () => await once(call)),
    close: () => agent.destroy(),
  }
}

function trusted(ca: string | undefined): string[] {
  return [
    ...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...(ca === undefined ? [] : [ca])]),
  ]
}

function unreachable(place: Place, { code, message, cause }: Dropped): CroqueError {
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO|ISSUER/.test(code)
  const next = 'Give the certificate of its CA by spec.images.ca, or `./croque image push --ca FILE`.'
  return new CroqueError('registry-unreachable', {
    what: untrusted
      ? `The certificate of the registry ${place.host} is not trusted here`
      : `The registry ${place.host} does not answer`,
    why: message === '' ? code : message,
    ...(untrusted ? { next } : {}),
    cause,
  })
}

function lost(place: Place, error: Dropped | Unwell): CroqueError {
  const why = error instanceof Dropped ? error.message || error.code : said(error.answer)
  return new CroqueError('registry-lost', {
    what: `The registry ${place.host} broke off in the middle`,
    why,
    cause: error,
  })
}

function refused({ place, env, auth }: RegistryOptions, answer: Answer, hadCredentials: boolean): CroqueError {
  const files = auth === undefined ? authFiles(env) : [auth.from]
  const what = hadCredentials
    ? `The registry ${place.host} does not accept the credentials, or does not allow it to them`
    : `The registry ${place.host} asks for credentials, and there are none for it`
  const looked = files.length === 0 ? 'nowhere: neither HOME nor REGISTRY_AUTH_FILE is set' : files.join(', ')
  return new CroqueError('registry-refused', { what, why: `${said(answer)}; looked for credentials in ${looked}` })
}

function failed(place: Place, { method, to }: Call, answer: Answer): CroqueError {
  const path = new URL(to, `https://${place.host}`).pathname
  return new CroqueError('registry-failed', {
    what: `The registry ${place.host} did not do ${method} ${path}`,
    why: said(answer),
  })
}

/** The status, with the registry's own words where it has any. */
function said({ status, text }: Answer): string {
  try {
    const { errors = [] } = JSON.parse(text) as { readonly errors?: readonly { code?: string; message?: string }[] }
    const words = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': '))
    return [`it answered ${status}`, ...words].join('; ')
  } catch {
    return `it answered ${status}`
  }
}
