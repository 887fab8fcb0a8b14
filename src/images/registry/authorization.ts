/** Proves to a registry who one is: https://distribution.github.io/distribution/spec/auth/token/ */
import { CroqueError } from '../../errors/index.ts'
import { type Challenge, challengesOf } from './challenge.ts'
import type { Credentials } from './credentials.ts'
import type { Answer, Exchange } from './exchange.ts'

export interface Authorization {
  /** The header for calls within a scope, as far as one is known to be needed. */
  header(scope: string): string | undefined
  /** Gets a header by the challenge of an answer 401 to a call that went with `sent`; false when there is no better one. */
  obtain(scope: string, refused: Answer, sent: string | undefined): Promise<boolean>
}

interface Options {
  readonly host: string
  readonly credentials: Credentials | undefined
  readonly send: (exchange: Omit<Exchange, 'signal'>) => Promise<Answer>
  readonly now: () => number
}

interface Held {
  readonly header: string
  readonly until: number
}

/** A token that ends within so many milliseconds is not used any more. */
const margin = 10_000

export function authorization(options: Options): Authorization {
  const { credentials, now } = options
  const basic = credentials === undefined ? undefined : basicHeader(credentials)
  const tokens = new Map<string, Held>()
  let everywhere: string | undefined

  const token = async (scope: string, { parameters }: Challenge): Promise<boolean> => {
    const url = tokenUrl(options.host, parameters, scope)
    const answer = await options.send({
      method: 'GET',
      url,
      headers: basic === undefined ? {} : { authorization: basic },
    })
    if (answer.status !== 200) return false
    const { value, seconds } = readToken(answer.text, url)
    tokens.set(scope, { header: `Bearer ${value}`, until: now() + seconds * 1000 })
    return true
  }

  return {
    header(scope) {
      const held = tokens.get(scope)
      return held !== undefined && held.until - margin > now() ? held.header : everywhere
    },
    async obtain(scope, refused, sent) {
      const challenges = challengesOf(String(refused.headers['www-authenticate'] ?? ''))
      const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
      if (bearer !== undefined) return await token(scope, bearer)
      const asked = challenges.some(({ scheme }) => scheme === 'basic')
      if (!asked || basic === undefined || sent === basic) return false
      everywhere = basic
      return true
    },
  }
}

const basicHeader = ({ username, password }: Credentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** A password goes over TLS only. */
function tokenUrl(host: string, { realm = '', service }: Challenge['parameters'], scope: string): URL {
  if (!URL.canParse(realm) || new URL(realm).protocol !== 'https:')
    throw new CroqueError('registry-failed', {
      what: `The registry ${host} sends for a token to ${JSON.stringify(realm)}, which is no https URL`,
    })
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  for (const one of scope.split(' ')) url.searchParams.append('scope', one)
  return url
}

/** What the token service may leave out is a minute. */
function readToken(text: string, url: URL): { readonly value: string; readonly seconds: number } {
  try {
    const { token, access_token, expires_in } = JSON.parse(text) as Readonly<Record<string, unknown>>
    const value = token ?? access_token
    if (typeof value === 'string') return { value, seconds: typeof expires_in === 'number' ? expires_in : 60 }
  } catch {
    // Told below.
  }
  throw new CroqueError('registry-failed', { what: `The token service at ${url.origin} answered with no token` })
}
