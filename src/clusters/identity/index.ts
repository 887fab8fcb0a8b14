/** Who calls, as Keystone says. */
export { pathMatches } from './access-rules.ts'
export { type Authenticator, type AuthenticatorOptions, type AuthenticRequest, authenticator } from './authenticate.ts'
export type { Caller } from './caller.ts'
export { AuthenticationError } from './failure.ts'
export type { TokenFacts } from './token.ts'
export { type Validate, type ValidatorOptions, validator } from './validate.ts'
