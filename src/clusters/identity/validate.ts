/** Asks Keystone about tokens, as the service user, and remembers what it said. */
import { createHmac, randomBytes } from 'node:crypto'
import { CroqueError } from '../../errors/index.ts'
import { cache, type OpenStack, statusOf } from '../../openstack/index.ts'
import { AuthenticationError } from './failure.ts'
import { readToken, type TokenFacts } from './token.ts'

export interface ValidatorOptions {
  /** Keystone, asked as the service user; its own waiting and repeating has to be short. */
  readonly keystone: Pick<OpenStack, 'request'>
  /** How long a token that was valid is believed to be so, in milliseconds, though it may have been revoked; 0 asks each time. @default 300000 */
  readonly cacheMs?: number
  /** The same for one that was not. @default 5000 */
  readonly refusalMs?: number
  /** How many tokens are remembered. @default 10000 */
  readonly cacheSize?: number
  /** How many questions may be under way at once; who comes then gets a 503. @default 512 */
  readonly mostWaiting?: number
  /** @default Date.now */
  readonly now?: () => number
  /** Told why Keystone could not be asked: one sentence without secrets, for the operator. */
  readonly report?: (problem: string) => void
  /** Told what Keystone answered about a token that is valid. */
  readonly note?: (token: string, answer: unknown) => void
}

/** Undefined: the token is not valid. @throws AuthenticationError 503 when Keystone does not say */
export type Validate = (token: string, options?: { readonly allowExpired?: boolean }) => Promise<TokenFacts | undefined>

export function validator(options: ValidatorOptions): Validate {
  const { cacheMs = 300_000, refusalMs = 5000, cacheSize = 10_000, mostWaiting = 512, now = Date.now } = options
  const valid = cache<TokenFacts>(cacheSize, now)
  // Apart, so that a flood of invented tokens pushes no valid one out.
  const refused = cache<true>(cacheSize, now)
  const underWay = new Map<string, Promise<TokenFacts | undefined>>()
  // Keys say nothing of tokens, and how long finding one takes says nothing either: nobody outside can compute them.
  const salt = randomBytes(32)
  const keyOf = (token: string): string => createHmac('sha256', salt).update(token).digest('base64')

  const ask = async (key: string, token: string, allowExpired: boolean): Promise<TokenFacts | undefined> => {
    const facts = await question(options, token, allowExpired)
    const expiresAt = facts?.who.expiresAt.getTime() ?? 0
    if (facts === undefined || (!allowExpired && expiresAt <= now())) {
      refused.set(`${key}${allowExpired}`, true, now() + refusalMs)
      return undefined
    }
    // One that has ended is never kept: it is good only together with a service's token.
    valid.set(key, facts, Math.min(now() + cacheMs, expiresAt))
    return facts
  }

  return async (token, { allowExpired = false } = {}) => {
    const key = keyOf(token)
    const known = valid.get(key)
    if (known !== undefined) return known
    const question = `${key}${allowExpired}`
    if (refused.get(question) === true) return undefined
    const shared = underWay.get(question)
    if (shared !== undefined) return shared
    if (underWay.size >= mostWaiting) throw AuthenticationError.unknown()
    const asked = ask(key, token, allowExpired).finally(() => underWay.delete(question))
    underWay.set(question, asked)
    return asked
  }
}

/** Keystone's answers for a token that is none, or is one no longer; the others come from servers before it, for headers they do not take. */
const refusals = [404, 400, 413, 431]

async function question(
  { keystone, report, note }: ValidatorOptions,
  token: string,
  allowExpired: boolean,
): Promise<TokenFacts | undefined> {
  const unknown = (why: string, cause?: unknown): AuthenticationError => {
    report?.(`Keystone did not say whether a token is valid: ${why}`)
    return AuthenticationError.unknown(cause)
  }
  const answer = await keystone
    .request('identity', 'GET', '/auth/tokens', {
      headers: { 'x-subject-token': token, 'openstack-identity-access-rules': '1' },
      okStatus: [200, ...refusals],
      ...(allowExpired ? { query: { allow_expired: '1' } } : {}),
    })
    .catch((error: unknown) => {
      const status = statusOf(error)
      if (status === 401 || status === 403) throw unknown(`the service user may not ask (${status})`, error)
      throw unknown(error instanceof CroqueError ? error.message : 'the request failed', error)
    })
  if (refusals.includes(answer.status)) return undefined
  const facts = readToken(answer.body)
  if (facts === undefined) throw unknown('its answer is none of Keystone v3')
  note?.(token, answer.body)
  return facts
}
