/** Callers for tests. */
import type { Caller } from './caller.ts'

/** A member of project `p1`, but for what is said otherwise. */
export function callerLike(given: Partial<Caller> = {}): Caller {
  return {
    userId: 'u1',
    userName: 'ann',
    userDomainId: 'default',
    projectId: 'p1',
    projectName: 'one',
    projectDomainId: 'default',
    roles: ['member', 'reader'],
    serviceRoles: [],
    isAdmin: false,
    token: 'token-of-ann',
    expiresAt: new Date('2027-01-01T00:00:00Z'),
    ...given,
  }
}

/** The same without a project. */
export function unscopedLike(given: Partial<Caller> = {}): Caller {
  const { projectId: _id, projectName: _name, projectDomainId: _domain, ...rest } = callerLike(given)
  return rest
}
