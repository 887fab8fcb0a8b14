/** Who calls, as Keystone says: what policies and visibility are decided by. */
export interface Caller {
  readonly userId: string
  readonly userName: string
  readonly userDomainId: string
  /** Undefined for a domain-scoped, system-scoped or unscoped token. */
  readonly projectId?: string
  readonly projectName?: string
  readonly projectDomainId?: string
  readonly domainId?: string
  readonly systemScope?: 'all'
  /** Lower case. */
  readonly roles: readonly string[]
  /** Roles of the service that forwarded the request (`X-Service-Token`), lower case. */
  readonly serviceRoles: readonly string[]
  /** `croque.dev`'s policies treat the admin of any project as Magnum does: `is_admin`. */
  readonly isAdmin: boolean
  readonly trustId?: string
  readonly applicationCredentialId?: string
  /** As it came in: for lookups with the caller's own rights. Never logged. */
  readonly token: string
  readonly expiresAt: Date
}
