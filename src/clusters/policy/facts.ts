/** Callers and objects as policies see them: with the names that Magnum and oslo.context give, so that a policy file written for Magnum works. */
import type { Facts } from '../../policy/index.ts'
import type { Caller } from '../identity/caller.ts'

/** What is not known of a caller is left out: an unscoped token is of no project, not of the project `None`. */
export function credentialsOf(caller: Caller): Facts {
  const { userId, userName, userDomainId, projectId, projectDomainId, domainId } = caller
  return known({
    user_id: userId,
    user_name: userName,
    user_domain_id: userDomainId,
    project_id: projectId,
    project_name: caller.projectName,
    project_domain_id: projectDomainId,
    domain_id: domainId,
    system_scope: caller.systemScope,
    roles: caller.roles,
    service_roles: caller.serviceRoles,
    is_admin: caller.isAdmin,
    trust_id: caller.trustId,
    // Names of old.
    user: userId,
    tenant: projectId,
    project: projectId,
    domain: domainId,
    user_domain: userDomainId,
    project_domain: projectDomainId,
    token: tokenOf(caller),
  })
}

/** For `token.project.domain.id` and its like: the token as Keystone describes it. */
function tokenOf(caller: Caller): Facts {
  return known({
    user: { id: caller.userId, name: caller.userName, domain: { id: caller.userDomainId } },
    project:
      caller.projectId === undefined
        ? undefined
        : known({ id: caller.projectId, name: caller.projectName, domain: known({ id: caller.projectDomainId }) }),
    domain: caller.domainId === undefined ? undefined : { id: caller.domainId },
    system: caller.systemScope === undefined ? undefined : { all: true },
    roles: caller.roles.map((name) => ({ name })),
    'OS-TRUST:trust': caller.trustId === undefined ? undefined : { id: caller.trustId },
    application_credential:
      caller.applicationCredentialId === undefined ? undefined : { id: caller.applicationCredentialId },
  })
}

/** A cluster, a template or another object as a target: `projectId` is `project_id`, and so on. */
export function targetOf(object: { readonly uuid: string; readonly spec: Readonly<Record<string, unknown>> }): Facts {
  const fields = Object.entries(object.spec).map(([name, value]) => [snakeCase(name), value] as const)
  return { ...Object.fromEntries(fields), uuid: object.uuid }
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const known = (facts: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
