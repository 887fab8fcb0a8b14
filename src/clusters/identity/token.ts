/** What Keystone says of a token. */
import { z } from 'zod'
import type { Caller } from './caller.ts'

const named = z.object({ id: z.string(), name: z.string(), domain: z.object({ id: z.string() }) })

const accessRule = z.object({ service: z.string(), method: z.string(), path: z.string() })

const tokenAnswer = z.object({
  token: z.object({
    expires_at: z.iso.datetime({ offset: true }),
    user: named,
    project: named.optional(),
    domain: z.object({ id: z.string() }).optional(),
    system: z.object({ all: z.boolean().optional() }).optional(),
    roles: z.array(z.object({ name: z.string() })).default([]),
    /** The token is only for who also proves to be somebody by other means. */
    bind: z.record(z.string(), z.unknown()).optional(),
    'OS-TRUST:trust': z.object({ id: z.string() }).optional(),
    application_credential: z.object({ id: z.string(), access_rules: z.array(accessRule).nullish() }).optional(),
    catalog: z.array(z.object({ type: z.string() })).default([]),
  }),
})

export type AccessRule = Readonly<z.infer<typeof accessRule>>

/** Of a token, without the token. */
export interface TokenFacts {
  readonly who: Omit<Caller, 'token' | 'serviceRoles' | 'isAdmin'>
  /** All that it may be used for; undefined: anything. */
  readonly accessRules?: readonly AccessRule[]
  /** Types of the services in its catalog, where {@link accessRules} say more than "anything". */
  readonly services: readonly string[]
  readonly isBound: boolean
}

/** Undefined when that is no answer of Keystone's. */
export function readToken(body: unknown): TokenFacts | undefined {
  const read = tokenAnswer.safeParse(body)
  if (!read.success) return undefined
  const { token } = read.data
  const { user, project, application_credential: credential, bind = {} } = token
  const trust = token['OS-TRUST:trust']
  const rules = credential?.access_rules ?? undefined
  return {
    who: {
      userId: user.id,
      userName: user.name,
      userDomainId: user.domain.id,
      ...(project && { projectId: project.id, projectName: project.name, projectDomainId: project.domain.id }),
      ...(token.domain && { domainId: token.domain.id }),
      ...(token.system?.all === true && { systemScope: 'all' as const }),
      roles: token.roles.map(({ name }) => name.toLowerCase()),
      ...(trust && { trustId: trust.id }),
      ...(credential && { applicationCredentialId: credential.id }),
      expiresAt: new Date(token.expires_at),
    },
    ...(rules && { accessRules: rules }),
    services: rules === undefined ? [] : token.catalog.map(({ type }) => type),
    // As with keystonemiddleware's `permissive`: kinds of binding that nobody knows are let pass.
    isBound: 'kerberos' in bind,
  }
}
