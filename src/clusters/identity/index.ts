/** Who calls, as Keystone says. */
export { type Authenticator, type AuthenticatorOptions, type AuthenticRequest, authenticator } from './authenticate.ts'
export type { Caller } from './caller.ts'
export { AuthenticationError } from './failure.ts'
