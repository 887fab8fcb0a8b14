/** Who may do what: Keystone is asked who calls, the policy what callers may. */
import { readFile } from 'node:fs/promises'
import { CroqueError } from '../../errors/index.ts'
import { connectService, type ServiceConnection } from '../../openstack/index.ts'
import { type Authenticator, authenticator, type Validate, validator } from '../identity/index.ts'
import { type ClusterPolicy, makeClusterPolicy } from '../policy/index.ts'
import type { ServiceConfig } from './config.ts'
import type { Log } from './log.ts'

/** Callers wait for these calls: whoever does not answer by then is not there. */
const limits = { timeoutMs: 15_000, retryMs: 2000 }

/** How the cloud is reached, whoever does. */
export async function cloudOf({ keystone_authtoken: keystone }: Pick<ServiceConfig, 'keystone_authtoken'>) {
  return {
    authUrl: keystone.auth_url,
    interface: keystone.interface,
    ...(keystone.region_name === undefined ? {} : { region: keystone.region_name }),
    ...(keystone.cafile === undefined ? {} : { ca: await readFile(keystone.cafile, 'utf8') }),
    ...limits,
  }
}

/** Makes no call yet. @throws CroqueError `config-invalid` without a password */
export async function connectCloud(config: ServiceConfig): Promise<ServiceConnection> {
  const { keystone_authtoken: keystone } = config
  if (keystone.password === undefined)
    throw invalid(
      'keystone_authtoken.password is missing; it may come by OS_KEYSTONE_AUTHTOKEN__PASSWORD in the environment',
    )
  return connectService({
    ...(await cloudOf(config)),
    username: keystone.username,
    password: keystone.password,
    project: keystone.project_name,
    userDomain: keystone.user_domain_name,
    projectDomain: keystone.project_domain_name,
  })
}

/** @throws CroqueError `config-invalid` with every problem of the policy file */
export async function policyOf({ oslo_policy: options }: Pick<ServiceConfig, 'oslo_policy'>): Promise<ClusterPolicy> {
  const { policy_file: name, enforce_scope: enforceScope, enforce_new_defaults: enforceNewDefaults } = options
  const file = name === undefined ? {} : { file: { name, text: await readFile(name, 'utf8') } }
  const made = makeClusterPolicy({ ...file, enforceScope, enforceNewDefaults })
  if (made.ok) return made.policy
  const places = made.problems.map((problem) => `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`)
  throw invalid(places.join('\n'))
}

export function callersOf(
  { keystone_authtoken: keystone }: ServiceConfig,
  { cloud, policy, log }: { readonly cloud: ServiceConnection; readonly policy: ClusterPolicy; readonly log: Log },
): Authenticator {
  return authenticator({
    keystone: cloud.own,
    identityUrl: keystone.www_authenticate_uri ?? keystone.auth_url,
    isAdmin: policy.isAdmin,
    cacheMs: keystone.token_cache_time * 1000,
    serviceTokenRoles: keystone.service_token_roles,
    serviceTokenRolesRequired: keystone.service_token_roles_required,
    note: cloud.note,
    report: (message) => log({ level: 'ERROR', message }),
  })
}

/** API servers of clusters remember answers too. */
const reviewCacheMs = 60_000

/** For whoever asks about somebody else's token. */
export const tokensOf = (
  { keystone_authtoken: keystone }: ServiceConfig,
  { cloud, log }: { readonly cloud: ServiceConnection; readonly log: Log },
): Validate =>
  validator({
    keystone: cloud.own,
    cacheMs: Math.min(keystone.token_cache_time * 1000, reviewCacheMs),
    report: (message) => log({ level: 'ERROR', message }),
  })

const invalid = (why: string): CroqueError =>
  new CroqueError('config-invalid', { what: 'The configuration of the clusters API has errors', why })
