/** Who calls: the work of keystonemiddleware, which stands in front of Magnum. */
import type { IncomingHttpHeaders } from 'node:http'
import { allows } from './access-rules.ts'
import type { Caller } from './caller.ts'
import { AuthenticationError } from './failure.ts'
import type { TokenFacts } from './token.ts'
import { type Validate, type ValidatorOptions, validator } from './validate.ts'

export interface AuthenticatorOptions extends ValidatorOptions {
  /** Keystone's public URL, told to who comes without a token. */
  readonly identityUrl: string
  readonly isAdmin: (caller: Omit<Caller, 'isAdmin'>) => boolean
  /** The service's type in the catalog, for access rules of application credentials. @default 'container-infra' */
  readonly serviceType?: string
  /** One of them makes a token one of a service: with it, a user's token may have ended, and access rules do not count. @default service */
  readonly serviceTokenRoles?: readonly string[]
  /** Refuses an `X-Service-Token` without such a role. @default true */
  readonly serviceTokenRolesRequired?: boolean
}

export interface AuthenticRequest {
  readonly headers: IncomingHttpHeaders
  readonly method: string
  /** As it was sent, below the endpoint of the catalog: `/v1/clusters/my%20one`. */
  readonly path: string
}

export interface Authenticator {
  /** @throws AuthenticationError 401 without a valid token, 503 when Keystone does not say whether it is */
  readonly authenticate: (request: AuthenticRequest) => Promise<Caller>
}

export function authenticator(options: AuthenticatorOptions): Authenticator {
  const validate = validator(options)
  return {
    authenticate: async (request) => {
      const token = tokenIn(request.headers['x-auth-token'] ?? request.headers['x-storage-token'])
      const refusal = (): AuthenticationError => AuthenticationError.refused(options.identityUrl)
      if (token === undefined) throw refusal()
      const service = await serviceOf(request, validate, options)
      if (service === undefined) throw refusal()
      const facts = await validate(token, { allowExpired: service.isTrusted })
      if (facts === undefined || facts.isBound || !mayBeUsed(facts, service, request, options)) throw refusal()
      const caller = { ...facts.who, token, serviceRoles: service.roles }
      return { ...caller, isAdmin: options.isAdmin(caller) }
    },
  }
}

interface ForwardingService {
  readonly roles: readonly string[]
  /** It is a service, and not just anybody with a token. */
  readonly isTrusted: boolean
}

/** Undefined: a token came that is none of a service. */
async function serviceOf(
  { headers }: AuthenticRequest,
  validate: Validate,
  { serviceTokenRoles = ['service'], serviceTokenRolesRequired = true }: AuthenticatorOptions,
): Promise<ForwardingService | undefined> {
  const header = headers['x-service-token']
  if (header === undefined || header === '') return { roles: [], isTrusted: false }
  const token = tokenIn(header)
  const facts = token === undefined ? undefined : await validate(token)
  if (facts === undefined || facts.isBound) return undefined
  const { roles } = facts.who
  const isTrusted = serviceTokenRoles.some((role) => roles.includes(role.toLowerCase()))
  return isTrusted || !serviceTokenRolesRequired ? { roles, isTrusted } : undefined
}

/** A service that forwards a request asks for something else than what the user asked it for: access rules are for the first request. */
function mayBeUsed(
  facts: TokenFacts,
  service: ForwardingService,
  { method, path }: AuthenticRequest,
  { serviceType = 'container-infra' }: AuthenticatorOptions,
): boolean {
  if (facts.accessRules === undefined || service.isTrusted) return true
  const decoded = decodedPath(path)
  return decoded !== undefined && allows(facts, serviceType, { method, path: decoded })
}

function decodedPath(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** Fernet and JWS tokens are far shorter, and of these characters; two headers of one name come joined by a comma, or as a list. */
const tokenShape = /^[\w.~+/=-]{1,4096}$/

function tokenIn(header: string | readonly string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined
  const token = header.trim()
  return tokenShape.test(token) ? token : undefined
}
